"""The history of a running socket: it agrees with the ledger, whatever becomes of the process."""

import asyncio
import json
from contextlib import closing
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from agent.app.history import History
from agent.app.watched import Watched
from agent.automation.local_time import LocalTime
from agent.devices.effects import Forget
from agent.devices.socket.state import Metering, State
from agent.devices.socket.thing_table import SOCKET
from agent.history.assembling import Frame
from agent.history.periods import Level
from agent.model import Trust
from agent.settings.root import AgentSettings
from agent.store import Store
from agent.store.histories import FoundHistory
from agent.store.history_reading import Raw
from agent.store.pending_history import Keep
from agent.store.statefile import StateFile
from agent.timeline import stamp_of
from chaos.virtual import run_virtually
from tests.app.history_stand import (
    MIDNIGHT,
    ZONE,
    Mains,
    StandClock,
    date_of,
    process,
    used_by_day,
    used_in_all,
)
from tests.store.files import FailingFile
from tests.store.history import changes, opened, row

EVENING = MIDNIGHT - 180


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def ledger(path):
    """Give what the books say was used on each day that is over, and the last total kept."""
    with opened(path) as database:
        rows = database.execute("SELECT details FROM record WHERE name = 'day'").fetchall()
        saved = database.execute("SELECT saved FROM generation ORDER BY sequence DESC").fetchone()
    days = {row["day"]: row["used_mj"] for (text,) in rows if (row := json.loads(text))}
    state = json.loads(saved[0].split(":", 6)[6])
    return days, state


def test_the_minutes_of_a_day_add_up_to_the_day_of_the_books(path):
    async def main():
        clock, meter = StandClock(EVENING), Mains()
        async with process(path, meter, clock):
            await asyncio.sleep(70)
        await asyncio.sleep(20)  # the chip counts on, and all of it is credited
        async with process(path, meter, clock):
            await asyncio.sleep(40)
            meter.is_silent = True
            await asyncio.sleep(4)
            meter.is_silent = False
            await asyncio.sleep(100)

    run_virtually(main())
    days, state = ledger(path)
    used = used_by_day(path)
    before, after = date_of(EVENING), date_of(MIDNIGHT)
    assert used[before] == days[before] > 0
    total_mj = state["energy"]["total_mj"]
    rest_mj = total_mj - state["books"]["day_base_mj"] - used[after]
    assert 0 <= rest_mj < 200_000 < used[after]  # of the last second, which the next minute gets


@pytest.mark.parametrize("boot", ["b1", "b2"])
def test_a_kill_or_a_power_cut_counts_nothing_twice(path, boot):
    """After a power cut the chip begins anew, and the total is what was on the disk."""
    totals = []

    async def main():
        clock, meter = StandClock(MIDNIGHT + 3_630), Mains()
        for _ in range(2):
            async with process(path, meter, clock, is_killed=True) as stand:
                await asyncio.sleep(455)  # between two saves of the state
                stand.store.record("socket-1", "relay", "on", {})
                assert await stand.store.flush()
            meter = meter if boot == "b1" else Mains()
            async with process(path, meter, clock, boot=boot) as stand:
                await asyncio.sleep(61)
                totals.append(stand.total_mj)

    run_virtually(main())
    _, state = ledger(path)
    total_mj = state["energy"]["total_mj"]
    assert 0 <= total_mj - used_in_all(path) < 100_000
    assert totals == sorted(totals)


def test_a_silent_meter_leaves_a_gap(path):
    async def main():
        clock, meter = StandClock(MIDNIGHT + 3_600), Mains()
        async with process(path, meter, clock):
            await asyncio.sleep(65)
            meter.is_silent = True
            await asyncio.sleep(130)

    run_virtually(main())
    with opened(path) as database:
        bodies = [json.loads(body) for (body,) in database.execute("SELECT body FROM minute")]
    assert "voltage" in bodies[0]
    assert "voltage" not in bodies[2]
    assert bodies[2]["power_switch"][:2] == ["s", pytest.approx(60, abs=0.1)]
    assert bodies[2]["energy"][1:3] == [0, 0]


def test_minutes_are_written_many_at_a_time_and_within_ten_minutes(path):
    written = []

    async def main():
        clock = StandClock(MIDNIGHT + 3_600)
        async with process(path, Mains(), clock) as stand:
            for _ in range(100):
                await asyncio.sleep(10)
                with opened(path) as database:
                    (count,) = database.execute("SELECT count(*) FROM minute").fetchone()
                if not written or count != written[-1]:
                    written.append(count)
            assert stand.history.lost == 0

    run_virtually(main())
    assert written[0] == 0
    steps = [after - before for before, after in pairwise(written)]
    assert all(7 <= step <= 10 for step in steps)
    assert len(steps) >= 2


def test_a_time_that_becomes_known_is_given_to_what_waits(path):
    async def main():
        clock = StandClock(None)
        async with process(path, Mains(), clock) as stand:
            await asyncio.sleep(130)
            clock.offset = MIDNIGHT + 7_200 - clock.now()
            stand.store.mend(clock.offset, Trust.SYNCHRONISED)
            await asyncio.sleep(130)

    run_virtually(main())
    with opened(path) as database:
        rows = database.execute("SELECT wall_time, trust FROM minute").fetchall()
    assert len(rows) >= 5
    assert all(trust == 3 and abs(wall - MIDNIGHT - 7_200) < 300 for wall, trust in rows)


def test_while_the_disk_takes_nothing_minutes_are_lost_and_no_energy(path):
    async def main():
        clock, file = StandClock(MIDNIGHT + 3_600), FailingFile(path)
        async with process(path, Mains(), clock, file=file) as stand:
            stand.history._most = 3
            await asyncio.sleep(10)
            file.is_failing = True
            await asyncio.sleep(1_500)
            assert stand.history.lost > 10
            file.is_failing = False
            await asyncio.sleep(30)

    with capture_logs() as logs:
        run_virtually(main())
    assert [each["event"] for each in logs].count("history.lost") == 1
    _, state = ledger(path)
    assert 0 <= state["energy"]["total_mj"] - used_in_all(path) < 100_000


def test_a_device_that_is_forgotten_begins_anew(path):
    async def main():
        clock = StandClock(MIDNIGHT + 3_600)
        async with process(path, Mains(), clock) as stand:
            await asyncio.sleep(700)
            stand.app.runtime.perform([Forget()])
            await asyncio.sleep(130)

    run_virtually(main())
    with opened(path) as database:
        (first,) = database.execute("SELECT min(wall_time) FROM minute").fetchone()
    assert first >= MIDNIGHT + 3_600 + 600


def test_none_is_kept_where_the_settings_say_so(path):
    async def main():
        clock = StandClock(MIDNIGHT + 3_600)
        async with process(path, Mains(), clock, history_days_of_minutes=0) as stand:
            await asyncio.sleep(700)
            assert not stand.history.is_kept
            stand.history.forget("socket-1")

    run_virtually(main())
    assert used_by_day(path) == {}


class ByHand:
    """A clock that is moved by hand."""

    def __init__(self):
        self.at = 0.0

    def now(self):
        return self.at

    since_boot = now

    def wall_time(self):
        return MIDNIGHT + self.at

    def stamp(self):
        return stamp_of(self.at, self.wall_time())


async def test_the_minutes_that_a_rule_may_be_tried_on_are_means(path):
    clock = ByHand()
    state = State(
        relay_on=True,
        changed_at=0,
        metering=Metering(last_at=0, power_w=60.0),
        local=LocalTime(offset=MIDNIGHT, zone="UTC"),
    )
    device = SimpleNamespace(
        name="socket-1", is_open=True, thing=SOCKET, runtime=SimpleNamespace(state=state)
    )
    async with Store(path, stamp=clock.stamp, boot_id="b1") as store:
        history = History(store.history, clock, AgentSettings())
        history._watched["socket-1"] = Watched()
        for at in range(0, 3 * 60, 4):
            clock.at = float(at)
            history.look({"socket-1": device})
        found = await history.samples("socket-1", MIDNIGHT + 60, MIDNIGHT + 3_600)
    assert [sample.wall_time - MIDNIGHT for sample in found] == [60, 120]
    assert found[0].values == {"active_power": 60.0, "power_switch": True}


async def test_a_rule_is_tried_on_every_minute_of_a_month(path):
    days = 31
    with closing(StateFile(path)) as file:
        file.open()
        for day in range(days):
            wall = MIDNIGHT + day * 86_400
            rows = [row(60 * n, wall=wall, boot=f"b{day}") for n in range(1_440)]
            file.write(changes(rows, now=wall + 86_400, keep=Keep(zone=ZONE, minutes=1_440 * days)))
    clock = ByHand()
    clock.at = days * 86_400.0
    async with Store(path, stamp=clock.stamp, boot_id="now") as store:
        history = History(store.history, clock, AgentSettings())
        found = await history.samples("socket-1", MIDNIGHT + 0.5, MIDNIGHT + clock.at)
    times = [(sample.wall_time - MIDNIGHT) / 60 for sample in found]
    assert times == list(range(1, days * 1_440))


async def test_one_reads_the_history_at_a_time():
    class Counted:
        reading, most = 0, 0

        async def find(self, device_id, frame):
            del device_id, frame
            self.reading += 1
            self.most = max(self.most, self.reading)
            await asyncio.sleep(0)
            self.reading -= 1
            return FoundHistory(raw=Raw())

    store: Any = Counted()
    history = History(store, StandClock(MIDNIGHT), AgentSettings())
    frame = Frame(level=Level.MINUTE, zone=ZoneInfo("UTC"))
    await asyncio.gather(*(history.periods("socket-1", frame) for _ in range(4)))
    assert store.most == 1
