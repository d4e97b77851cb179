"""The contract of a codec as rules that any adapter can be examined by."""
