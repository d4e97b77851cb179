"""Aliyun IoT Platform: credentials, names on the wire, and the codec."""
