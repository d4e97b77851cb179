"""Tencent IoT Explorer: credentials, names on the wire, and the codec."""
