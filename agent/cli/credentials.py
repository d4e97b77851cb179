"""What a console shows of a device, pasted: JSON in any of the usual spellings."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """A console's JSON: its text, and what it holds by names in small letters and digits."""

    text: str = field(default="", repr=False)
    values: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def find(self, spellings: tuple[str, ...]) -> str:
        """Give what stands under the first of *spellings* that is there; empty for none."""
        return next((self.values[name] for name in spellings if self.values.get(name)), "")


def from_json(text: str) -> Pasted:
    """Read the texts and whole numbers of an object; raise `ValueError` where it is none."""
    try:
        pasted: object = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        raise ValueError("this is not JSON") from None  # the cause would show the secret
    if not isinstance(pasted, dict):
        raise ValueError('a JSON object is needed: {"productId": …, "deviceName": …}')  # noqa: TRY004 -- one error for a caller who cannot mend either
    values = {_plain(name): value.strip() for name, value in _values(cast("object", pasted))}
    return Pasted(text=text.strip(), values=values)


def _values(value: object) -> Iterator[tuple[str, str]]:
    """Walk nested objects at any depth; an outer one is given after an inner, and wins."""
    if not isinstance(value, dict):
        return
    table = cast("dict[str, object]", value)
    for inner in table.values():
        yield from _values(inner)
    for name, inner in table.items():
        if isinstance(inner, str | int) and not isinstance(inner, bool):
            yield name, str(inner)


def _plain(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())
