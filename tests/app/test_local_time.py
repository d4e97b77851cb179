import asyncio
from collections.abc import Sequence

import pytest

from agent.app.local_time import LOOK_EVERY_S, MachineZone, keep_local_time, machine_zone
from agent.devices.inputs import ClockTold


class EndedError(Exception):
    pass


class Steps:
    """A clock that says what the script says, one line for each look."""

    def __init__(self, script: Sequence[tuple[float, float | None]]) -> None:
        self._script = list(script)

    def now(self) -> float:
        return self._script[0][0]

    def wall_time(self) -> float | None:
        return self._script[0][1]

    async def sleep(self, seconds: float) -> None:
        del seconds
        self._script.pop(0)
        await asyncio.sleep(0)
        if not self._script:
            raise EndedError


async def told(script, zones=("UTC",)):
    found: list[ClockTold] = []
    names = list(zones)
    with pytest.raises(EndedError):
        await keep_local_time(
            found.append,
            Steps(script),  # type: ignore[arg-type]
            lambda: names.pop(0) if len(names) > 1 else names[0],
        )
    return found


async def test_the_offset_is_told_at_once_and_when_it_has_moved():
    script = [(10.0, None), (12.0, None), (14.0, 1014.0), (16.0, 1016.2), (18.0, 1019.0)]
    assert await told(script) == [
        ClockTold(offset=None, zone="UTC"),
        ClockTold(offset=1000.0, zone="UTC"),
        ClockTold(offset=1001.0, zone="UTC"),
    ]


async def test_small_steps_count_together():
    script = [(10.0, 1010.0), (12.0, 1012.3), (14.0, 1014.6)]
    assert [each.offset for each in await told(script)] == [1000.0, pytest.approx(1000.6)]


async def test_another_zone_is_told():
    found = await told([(10.0, 1010.0), (12.0, 1012.0)], ("UTC", "Asia/Shanghai"))
    assert [each.zone for each in found] == ["UTC", "Asia/Shanghai"]


def test_the_zone_of_the_machine_is_where_its_file_points_to(tmp_path):
    folder = tmp_path / "zoneinfo" / "Europe"
    folder.mkdir(parents=True)
    (folder / "Berlin").touch()
    (tmp_path / "localtime").symlink_to(folder / "Berlin")
    assert machine_zone(tmp_path / "localtime", "") == "Europe/Berlin"
    assert machine_zone(tmp_path / "localtime", ":Asia/Shanghai") == "Asia/Shanghai"
    assert machine_zone(tmp_path / "localtime", "CST-8") == "Europe/Berlin"
    assert machine_zone(tmp_path / "nothing", "") == "UTC"


def test_the_machines_zone_is_looked_up_once_for_many_who_ask():
    at, looks = [0.0], []

    def look() -> str:
        looks.append(at[0])
        return f"Zone/{len(looks)}"

    zone = MachineZone(lambda: at[0], look)
    assert [zone() for _ in range(1000)] == ["Zone/1"] * 1000
    at[0] = LOOK_EVERY_S
    assert zone() == "Zone/2"
    assert looks == [0.0, LOOK_EVERY_S]
