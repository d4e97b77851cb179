"""Tencent IoT Explorer as a device sees it; facts only, from its documents and SDKs."""
