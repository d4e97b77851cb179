"""Identifiers that a platform keeps for itself. It imports nothing, for whoever must start fast."""

from typing import Final

ALIYUN: Final = frozenset(["set", "get", "post", "property", "event", "time", "value"])
