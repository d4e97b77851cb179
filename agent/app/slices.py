"""Many devices, a few at a time."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def slices(devices: Mapping[K, V], size: int) -> Iterator[Mapping[K, V]]:
    """Share *devices* out, as they are now: whoever takes a part lets the loop turn before more."""
    everything = iter(tuple(devices.items()))
    while some := dict(islice(everything, size)):
        yield some
