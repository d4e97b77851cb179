"""The contract of a driver as rules that any driver can be examined by, at a stand."""
