"""What the kernel's sensor files say, and what their names mean: text → numbers."""

import re
from collections.abc import Mapping
from typing import Final

LONGEST: Final = 64
"""No number of the kernel's is longer."""

MILLI: Final = 1000
MICRO: Final = 1_000_000

_NUMBER: Final = re.compile(rb"[+-]?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?")
_CRC: Final = re.compile(rb"crc=[0-9a-f]{2} YES\s*$", re.MULTILINE)
_T: Final = re.compile(rb"\bt=(-?\d{1,7})\s*$", re.MULTILINE)
_DIGIT: Final = re.compile(r"\d", re.ASCII)
_CHANNEL: Final = re.compile(r"(in_([a-z]+)\S*?)_(raw|input)")
_PAIR: Final = re.compile(r"in_([a-z]+)\d*-([a-z]+)\d*")

IIO_PARTS: Final[Mapping[str, int]] = {
    "temp": MILLI,
    "humidityrelative": MILLI,
    "voltage": MILLI,
    "altvoltage": MILLI,
    "current": MILLI,
    "power": MILLI,
}
"""Into how many parts the kernel divides °C, per cent, V, A and W; all else is whole."""

HWMON_PARTS: Final[Mapping[str, int]] = {
    "temp": MILLI,
    "in": MILLI,
    "curr": MILLI,
    "humidity": MILLI,
    "power": MICRO,
    "energy": MICRO,
}
"""The same for °C, V, A, per cent, W and J; fans and frequencies are whole."""


ALSO_CALLED: Final[Mapping[str, str]] = {"ads1115": "ads1015", "dht22": "dht11"}
"""One driver of the kernel's serves both, and calls both by the same name."""


def number(text: bytes) -> float:
    """Read the number that a file holds; raise `ValueError`."""
    written = text.strip()
    if len(text) > LONGEST or _NUMBER.fullmatch(written) is None:
        raise ValueError(f"{text[:LONGEST]!r} is no number")
    return float(written)


def w1_celsius(text: bytes) -> float:
    """Read a `w1_slave` file: its checksum must be right; raise `ValueError`."""
    if _CRC.search(text) is None:
        raise ValueError("its checksum is wrong")
    found = _T.search(text)
    if found is None or text.startswith(b"00 00 00 00 00 00 00 00 00 "):
        raise ValueError(f"{text[:LONGEST]!r} is no temperature")
    return int(found.group(1)) / MILLI


def iio_parts(channel: str) -> int:
    """Tell into how many parts a channel divides its unit, once its scale is applied."""
    found = _CHANNEL.fullmatch(channel)
    return IIO_PARTS.get(found.group(2), 1) if found else 1


def hwmon_parts(channel: str) -> int:
    """Tell into how many parts a channel divides its unit."""
    return HWMON_PARTS.get(_DIGIT.split(channel, maxsplit=1)[0], 1)


def shared_names(channel: str, attribute: str) -> tuple[str, ...]:
    """List where a raw channel's *attribute* may stand: its own first, then those it shares."""
    own = channel.removesuffix("_raw")
    names = [f"{own}_{attribute}"]
    pair = _PAIR.fullmatch(own)
    if pair:
        names.append(f"in_{pair.group(1)}-{pair.group(2)}_{attribute}")
    kind = _CHANNEL.fullmatch(channel)
    if kind:
        names.append(f"in_{kind.group(2)}_{attribute}")
    return tuple(dict.fromkeys((*names, f"in_{attribute}", attribute)))


def is_called(found: str, wanted: str) -> bool:
    """Tell whether a device that the kernel calls *found* is *wanted*: dht11@4 is a dht11."""
    kind = found.partition("@")[0]
    return wanted in {found, kind} or ALSO_CALLED.get(wanted) == kind
