"""What a console shows of a device, pasted: JSON in any of the usual spellings."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "product_id": ("productid", "pid"),
    "device_name": ("devicename",),
    "secret": ("devicesecret", "devicepsk", "psk", "secret"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The three values of a device; empty is one that is not known yet."""

    product_id: str = ""
    device_name: str = ""
    secret: str = field(default="", repr=False)


def from_json(text: str) -> Credentials:
    """Find the three values in *text*, at any depth; raise `ValueError` where it is no object."""
    try:
        pasted: object = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("this is not JSON") from None  # the cause would show the secret
    if not isinstance(pasted, dict):
        raise ValueError('a JSON object is needed: {"productId": …, "deviceName": …}')  # noqa: TRY004 -- one error for a caller who cannot mend either
    values = {_plain(name): text.strip() for name, text in _texts(cast("object", pasted))}
    return Credentials(**{ours: _first(values, names) for ours, names in _SPELLINGS.items()})


def _texts(value: object) -> Iterator[tuple[str, str]]:
    """Walk the texts of nested objects; an outer one is given before an inner."""
    if not isinstance(value, dict):
        return
    table = cast("dict[str, object]", value)
    for inner in table.values():
        yield from _texts(inner)
    yield from ((name, text) for name, text in table.items() if isinstance(text, str))


def _first(values: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((values[name] for name in names if values.get(name)), "")


def _plain(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())
