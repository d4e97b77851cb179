"""Aliyun IoT Platform as a device sees it; facts only, from its documents and SDKs."""
