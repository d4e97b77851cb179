"""The same scripted day on every dialect, and on three clouds at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from agent.demo.dialects import DIALECTS
from agent.devices.inputs import Toggle
from agent.model import Origin, OriginKind
from tests.clouds.support import run_virtually
from tests.day.house import House, open_house

pytestmark = pytest.mark.unmeasured

THREE = ("tencent", "aliyun", "onenet")
KETTLE_W, OVERLOAD_W = 900.0, 3500.0
PACE_S = 15.0
"""A report is at the platform within the reporting interval and the platform's own pace."""


@dataclass(frozen=True, kw_only=True)
class Day:
    """What came of a day."""

    movements: list[tuple[str, str]]
    trips: dict[str, int]
    raised: int


async def _play(house: House, names: Sequence[str], first: str) -> Day:
    """Live the day; commands come from *first*."""
    dialect = DIALECTS[first]
    trips = dict.fromkeys(names, 0)

    async def everywhere(what: str, within_s: float = PACE_S, **wanted: Any) -> None:
        for name in names:
            await house.until(
                lambda name=name: _fits(house.view(name), wanted), within_s, f"{what} at {name}"
            )

    await everywhere("the first report", 40, power_switch=False, count_down=0)
    # switch
    reply = await house.send(first, dialect.switch(on=True))
    assert (reply.outcome, house.is_on) == ("answered", True)
    await everywhere("switched on", power_switch=True)
    # load
    house.plug("kettle", KETTLE_W)
    await everywhere("the load", active_power=KETTLE_W, voltage=230, current=KETTLE_W / 230)
    # overload
    house.plug("overload", OVERLOAD_W)
    await house.until(lambda: not house.is_on, 2, "the overload opens the contact")
    for name in names:
        trips[name] += 1
        await _told(house, name, trips[name])
    await everywhere("the trip", power_switch=False)
    refused = await house.send(first, dialect.switch(on=True))
    assert refused.outcome == "answered"
    assert "tripped: overcurrent" in refused.message
    assert not house.is_on
    # a live on, 10 s after the trip, resets it
    house.plug("lamp", 60)
    await asyncio.sleep(12)
    await house.send(first, dialect.switch(on=True))
    await everywhere("the reset", power_switch=True)
    # countdown
    await house.send(first, dialect.countdown(60, to=False))
    await everywhere("the countdown", count_down=60)
    await house.until(lambda: not house.is_on, 61, "the countdown ends")
    await everywhere("the end of the countdown", power_switch=False, count_down=0)
    # outage: what happens meanwhile arrives afterwards
    house.emulator.add_fault({"kind": "drop"})
    await asyncio.sleep(3)
    assert not any(house.shown(name)["online"] for name in names)
    house.app.runtime.dispatch(_local_toggle())
    house.plug("overload", OVERLOAD_W)
    await house.until(lambda: not house.is_on, 3, "the overload opens the contact offline")
    await asyncio.sleep(30)
    house.emulator.clear_faults()
    # reconnect
    for name in names:
        await house.until(lambda name=name: house.shown(name)["online"], 90, f"{name} is back")
        trips[name] += 1
        await _told(house, name, trips[name], within_s=60)
    await everywhere("the state after the outage", 60, power_switch=False)
    links = house.app.links
    assert links is not None
    await house.until(lambda: not any(each.pending for each in links.links.values()), 60, "drained")
    for link in links.links.values():
        assert (link.counters.lost, link.counters.unconfirmed) == (0, 0), link.name
    await asyncio.sleep(5)
    energy = house.app.runtime.snapshot()["total_energy"]
    assert energy is not None
    for name in names:
        assert house.view(name)["total_energy"] == pytest.approx(energy, abs=0.011)
    return Day(movements=house.movements[1:], trips=_counted(house, names), raised=trips[first])


def _local_toggle() -> Any:
    return Toggle(origin=Origin(kind=OriginKind.LOCAL, name="anna"))


async def _told(house: House, name: str, times: int, within_s: float = PACE_S) -> None:
    dialect = DIALECTS[name]

    def is_told() -> bool:
        causes = dialect.trips(house.shown(name))
        return causes[-1:] == ["overcurrent"] and _trips(house, name) == times

    await house.until(is_told, within_s, f"trip {times} at {name}")


def _trips(house: House, name: str) -> int:
    """How many trips the platform was told of: events, or points of the stream."""
    dialect = DIALECTS[name]
    if dialect.has_events:
        return len(dialect.trips(house.shown(name)))
    return sum(b'"trip"' in payload for _, payload in house.uplinks(name))


def _counted(house: House, names: Sequence[str]) -> dict[str, int]:
    return {name: _trips(house, name) for name in names}


def _fits(view: dict[str, Any], wanted: dict[str, Any]) -> bool:
    for name, value in wanted.items():
        found = view.get(name)
        if isinstance(value, bool) or not isinstance(value, float):
            if name == "voltage" and found is not None and abs(found - value) < 5:
                continue
            if found != value:
                return False
        elif found is None or abs(found - value) > 0.03 * value:
            return False
    return True


def live(names: Sequence[str], first: str) -> Day:
    async def main() -> Day:
        async with open_house(names) as house:
            return await _play(house, names, first)

    day: Day = run_virtually(main())
    return day


EXPECTED = [
    ("on", "command"),
    ("off", "trip"),
    ("on", "command"),
    ("off", "countdown"),
    ("on", "command"),
    ("off", "trip"),
]


@pytest.mark.parametrize("name", list(DIALECTS))
def test_the_day_is_the_same_on_every_dialect(name):
    day = live([name], name)
    assert day.movements == EXPECTED
    assert day.trips == {name: 2}


@pytest.mark.parametrize("first", THREE)
def test_the_day_is_the_same_on_three_clouds_at_once_whoever_commands(first):
    day = live(THREE, first)
    assert day.movements == EXPECTED
    assert day.trips == dict.fromkeys(THREE, 2)
