"""Numbers as they were written: which of them lack a decimal point."""

import json
from typing import Final

from agent.emulator.values import Json


class Pointless(float):
    """A number that was written with an exponent and without a decimal point."""

    __slots__ = ()


def _read_float(text: str) -> float:
    return float(text) if "." in text else Pointless(text)


_DECODER: Final = json.JSONDecoder(parse_float=_read_float)


def decode_written(data: bytes) -> Json:
    """Decode JSON that was found to be good, keeping which numbers lack a decimal point."""
    value: Json = _DECODER.decode(data.decode())
    return value


def has_point(value: Json) -> bool:
    """Tell whether a number was written with a decimal point."""
    return isinstance(value, float) and not isinstance(value, Pointless)
