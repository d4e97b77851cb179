"""Days into the device: told when one begins, and only while the clock is trusted."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final, NoReturn

from agent.automation.local_time import zone
from agent.devices.inputs import Dated
from agent.ports import Clock

LOOK_EVERY_S: Final = 30.0
"""A clock that is set, or a time zone that moves, is noticed within this time."""

HOUR_S: Final = 3600


async def keep_days(
    dispatch: Callable[[Dated], object], clock: Clock, place: Callable[[], str] = str
) -> NoReturn:
    """Tell the day now, and each that begins, in the zone of *place* ('': the machine's)."""
    told: str | None = None
    while True:
        wall_time = clock.wall_time()
        if wall_time is not None:
            day = day_of(wall_time, place())
            if day != told:
                dispatch(Dated(day=day))
                told = day
        await clock.sleep(LOOK_EVERY_S if wall_time is None else until_next_look_s(wall_time))


def day_of(wall_time: float, place: str = "") -> str:
    """Tell the local day, as 'YYYY-MM-DD', in a zone, or in that of the machine by now."""
    if place:
        return datetime.fromtimestamp(wall_time, zone(place)).date().isoformat()
    time.tzset()
    return time.strftime("%Y-%m-%d", time.localtime(wall_time))


def until_next_look_s(wall_time: float) -> float:
    """Tell how long to sleep: to the next full hour at the latest, where days begin."""
    return min(LOOK_EVERY_S, HOUR_S - wall_time % HOUR_S + _AFTER_S)


_AFTER_S: Final = 0.05
"""A sleep may end a moment early."""
