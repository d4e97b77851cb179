"""Local time into the device: the wall clock's offset and the zone, whenever either changes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

from agent.automation.local_time import is_zone
from agent.devices.inputs import ClockTold
from agent.ports import Clock

LOOK_EVERY_S: Final = 2.0
APART_S: Final = 0.5
"""An offset that has moved by less is the same: a clock is kept by small steps."""

LOCALTIME: Final = Path("/etc/localtime")


async def keep_local_time(
    dispatch: Callable[[ClockTold], object],
    clock: Clock,
    zone: Callable[[], str],
) -> NoReturn:
    """Tell at once, and again when the offset or the zone has changed."""
    told: ClockTold | None = None
    while True:
        wall_time, now = clock.wall_time(), clock.now()
        found = ClockTold(offset=None if wall_time is None else wall_time - now, zone=zone())
        if told is None or _is_other(told, found):
            dispatch(found)
            told = found
        await clock.sleep(LOOK_EVERY_S)


class MachineZone:
    """The machine's time zone, for everybody who asks: it is looked up no more often than told."""

    def __init__(self, now: Callable[[], float], look: Callable[[], str] | None = None) -> None:
        self._now = now
        self._look = look or machine_zone
        self._zone = ""
        self._looked_at = float("-inf")

    def __call__(self) -> str:
        """Tell it as it was within the last moment."""
        now = self._now()
        if now - self._looked_at >= LOOK_EVERY_S / 2:
            self._zone, self._looked_at = self._look(), now
        return self._zone


def _is_other(told: ClockTold, found: ClockTold) -> bool:
    if told.zone != found.zone or (told.offset is None) != (found.offset is None):
        return True
    return abs((found.offset or 0.0) - (told.offset or 0.0)) > APART_S


def machine_zone(path: Path = LOCALTIME, variable: str | None = None) -> str:
    """Tell the machine's time zone: of `TZ`, else where /etc/localtime points to, else UTC."""
    named = (os.environ.get("TZ", "") if variable is None else variable).removeprefix(":")
    if named and is_zone(named):
        return named
    try:
        target = str(path.resolve())
    except OSError:
        return "UTC"
    _, found, name = target.partition("zoneinfo/")
    return name if found and is_zone(name) else "UTC"
