"""Events whose number says which they are: each dip of the mains goes a little lower."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

NORMAL_V: Final = 230.0
FIRST_V: Final = 180.0
STEP_V: Final = 0.8
NEAR_V: Final = 0.35
EVENT: Final = "lowvoltage"
"""Its name on every cloud, without '_' and in small letters."""

LASTS_S: Final = 4.0
"""A dip, and the time to the next: the chip tells a voltage after a second, and it must hold."""


class Dips:
    """Lowers the mains again and again, until it is told to finish."""

    def __init__(self, set_mains: Callable[[float], None]) -> None:
        self._set_mains = set_mains
        self._is_over = asyncio.Event()
        self.done: list[float] = []

    async def run(self) -> None:
        """Make one dip after the other, at least one; the last is made to its end."""
        await asyncio.sleep(LASTS_S)
        while not self.done or not self._is_over.is_set():
            volts = FIRST_V - STEP_V * len(self.done)
            self._set_mains(volts)
            await asyncio.sleep(LASTS_S)
            self.done.append(volts)
            self._set_mains(NORMAL_V)
            await asyncio.sleep(LASTS_S)

    async def finish(self) -> None:
        """Make no further dip."""
        self._is_over.set()

    def missing(self, voltages: Sequence[float]) -> list[float]:
        """List the dips of which no event tells."""
        return [dip for dip in self.done if not any(abs(dip - each) < NEAR_V for each in voltages)]


def arrived(messages: Sequence[Mapping[str, Any]]) -> list[float]:
    """Find the voltages of all events that a platform has heard, in whatever form."""
    found: list[float] = []
    for each in messages:
        said = f"{each.get('topic')} {each.get('payload')}".lower().replace("_", "")
        if each.get("direction") == "up" and EVENT in said:
            found += _voltages(each.get("payload"))
    return found


def _voltages(value: object) -> Iterator[float]:
    match value:
        case str():
            try:
                inner: object = json.loads(value)
            except ValueError:
                return
            if not isinstance(inner, str):
                yield from _voltages(inner)
        case {"voltage": int() | float() as volts} | {"Voltage": int() | float() as volts}:
            yield float(volts)
        case dict():
            for each in value.values():  # pyright: ignore[reportUnknownVariableType] - from JSON
                yield from _voltages(each)
        case list():
            for each in value:  # pyright: ignore[reportUnknownVariableType] - from JSON
                yield from _voltages(each)
        case _:
            return
