"""The history in the state file: every minute counts once, and each level is bounded."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.automation.local_time import zone
from agent.history.assembling import Frame, assembled
from agent.history.periods import Level, start_of
from agent.model import Trust
from agent.store.connection import transaction
from agent.store.contents import Changes, Repair
from agent.store.history_reading import read_ends, read_history
from agent.store.history_table import make_periods, write_minutes
from agent.store.pending_history import HistoryChanges, Keep
from agent.store.schema import migrate
from agent.store.statefile import StateFile
from agent.store.tables import write_repair
from tests.store.history import BOOT, DEVICE, KEEP, MIDNIGHT, changes, free, made, opened, row

HOUR = 3_600
DAY = 86_400


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def write(path, *commits):
    with closing(StateFile(path)) as file:
        file.open()
        for each in commits:
            file.write(each)


def minutes(first, count, **more):
    return [row(first + 60 * n, **more) for n in range(count)]


def test_an_hour_is_made_when_it_is_over(path):
    write(path, changes(minutes(MIDNIGHT, 60), now=MIDNIGHT + HOUR - 1))
    with opened(path) as database:
        assert made(database, Level.HOUR) == {}
    write(path, changes(minutes(MIDNIGHT + HOUR, 2), now=MIDNIGHT + HOUR + 120))
    with opened(path) as database:
        assert made(database, Level.HOUR) == {MIDNIGHT: 60}
        assert free(database, Level.MINUTE) == 2


def test_days_and_months_are_those_of_the_zone(path):
    write(path, changes(minutes(MIDNIGHT, 24 * 60), now=MIDNIGHT + DAY))
    with opened(path) as database:
        assert len(made(database, Level.HOUR)) == 24
        assert made(database, Level.DAY) == {MIDNIGHT: 1_440}
        october = start_of(Level.MONTH, MIDNIGHT, zone("Europe/Berlin"))
        assert made(database, Level.MONTH) == {october: 1_440}


@pytest.mark.parametrize(("date", "hours"), [("2026-10-25", 25), ("2026-03-29", 23)])
def test_a_day_with_a_change_of_clocks_has_all_its_hours(path, date, hours):
    day = int(datetime.fromisoformat(date).replace(tzinfo=zone(KEEP.zone)).timestamp())
    rows = minutes(day - HOUR, (hours + 2) * 60)
    for each in range(0, len(rows), 1_000):
        write(path, changes(rows[each : each + 1_000], now=day + 40 * HOUR))
    with opened(path) as database:
        assert made(database, Level.DAY)[day] == hours * 60
        assert len(made(database, Level.HOUR)) == hours + 2


def test_a_minute_that_comes_late_is_added_to_everything_it_belongs_to(path):
    rows = minutes(MIDNIGHT, 24 * 60)
    write(path, changes(rows[1:], now=MIDNIGHT + DAY), changes(rows[:1], now=MIDNIGHT + DAY))
    with opened(path) as database:
        assert list(made(database, Level.DAY).values()) == [1_440]
        assert list(made(database, Level.MONTH).values()) == [1_440]
        assert sum(made(database, Level.HOUR).values()) == 1_440


def test_minutes_without_a_time_wait_for_it(path):
    rows = minutes(0, 90, wall=None)
    write(path, changes(rows, now=None))
    with opened(path) as database:
        assert free(database, Level.MINUTE) == 90
    repair = Repair(boot_id=BOOT, offset=MIDNIGHT, trust=Trust.PLATFORM)
    now = MIDNIGHT + 2 * HOUR
    write(path, Changes(repair=repair, history=HistoryChanges(kept={DEVICE: KEEP}, now=now)))
    with opened(path) as database:
        assert made(database, Level.HOUR) == {MIDNIGHT: 60, MIDNIGHT + HOUR: 30}


def test_a_repair_makes_anew_what_it_moves(path):
    rows = minutes(0, 24 * 60, wall=MIDNIGHT - 5 * DAY, trust=Trust.PLAUSIBLE)
    write(path, changes(rows, now=MIDNIGHT + 3 * DAY))
    with opened(path) as database:
        assert made(database, Level.DAY) == {MIDNIGHT - 5 * DAY: 1_440}
    repair = Repair(boot_id=BOOT, offset=MIDNIGHT + DAY, trust=Trust.SYNCHRONISED)
    now = MIDNIGHT + 3 * DAY
    write(path, Changes(repair=repair, history=HistoryChanges(kept={DEVICE: KEEP}, now=now)))
    with opened(path) as database:
        assert made(database, Level.DAY) == {MIDNIGHT + DAY: 1_440}
        assert min(made(database, Level.HOUR)) == MIDNIGHT + DAY
        assert made(database, Level.MONTH) == {}


def test_what_is_close_enough_stays_where_it_is(path):
    write(path, changes(minutes(0, 60, wall=MIDNIGHT, trust=Trust.PLAUSIBLE), MIDNIGHT + HOUR))
    repair = Repair(boot_id=BOOT, offset=MIDNIGHT - 0.4, trust=Trust.SYNCHRONISED)
    write(path, Changes(repair=repair))
    with opened(path) as database:
        assert made(database, Level.HOUR) == {MIDNIGHT: 60}
        (first,) = database.execute("SELECT min(wall_time) FROM minute").fetchone()
    write(path, changes(minutes(HOUR, 1, wall=MIDNIGHT), MIDNIGHT + 3 * HOUR))
    assert first == MIDNIGHT - 0.4
    with opened(path) as database:
        assert made(database, Level.HOUR) == {MIDNIGHT: 60, MIDNIGHT + HOUR: 1}


def test_an_hour_that_is_not_whole_any_more_is_not_taken_apart(path):
    write(path, changes(minutes(0, 60, wall=MIDNIGHT, trust=Trust.PLAUSIBLE), MIDNIGHT + HOUR))
    with opened(path) as database, database:
        database.execute("DELETE FROM minute WHERE number = 1")
    repair = Repair(boot_id=BOOT, offset=MIDNIGHT + DAY, trust=Trust.SYNCHRONISED)
    now = MIDNIGHT + 3 * DAY
    write(path, Changes(repair=repair, history=HistoryChanges(kept={DEVICE: KEEP}, now=now)))
    with opened(path) as database:
        assert made(database, Level.HOUR) == {MIDNIGHT: 60}


@pytest.mark.unmeasured
def test_each_level_is_bounded_and_keeps_the_newest(path):
    keep = Keep(zone="UTC", minutes=120, hours=24, days=3, months=1)
    for day in range(34):
        first = MIDNIGHT + HOUR + day * DAY
        write(path, changes(minutes(first, 1_440), now=first + DAY, keep=keep))
    with opened(path) as database:
        (kept,) = database.execute("SELECT count(*) FROM minute").fetchone()
        assert 120 <= kept <= 120 + 60
        assert len(made(database, Level.HOUR)) == 24
        assert len(made(database, Level.DAY)) == 3
        assert len(made(database, Level.MONTH)) == 1
        assert max(made(database, Level.DAY)) == MIDNIGHT + HOUR + 33 * DAY


def test_minutes_that_never_get_a_time_are_bounded_too(path):
    keep = Keep(zone="UTC", minutes=100)
    write(path, changes(minutes(0, 300, wall=None), keep=keep))
    with opened(path) as database:
        assert database.execute("SELECT count(*), min(at) FROM minute").fetchone() == (100, 12_000)


def test_a_clock_far_in_the_future_throws_away_nothing(path):
    write(path, changes(minutes(MIDNIGHT, 120), now=MIDNIGHT + 2 * HOUR))
    far = MIDNIGHT + 80 * 365 * DAY
    write(path, changes(minutes(far, 3), now=far + 2 * DAY))
    write(path, changes(minutes(MIDNIGHT + 2 * HOUR, 60), now=MIDNIGHT + 3 * HOUR))
    with opened(path) as database:
        assert list(made(database, Level.HOUR).values())[:3] == [60, 60, 60]


def test_a_device_is_forgotten_whole_and_no_other(path):
    other = [row(MIDNIGHT, device="socket-2")]
    write(path, changes([*minutes(MIDNIGHT, 90), *other], now=MIDNIGHT + 2 * HOUR))
    write(path, changes([row(MIDNIGHT + 2 * HOUR)], MIDNIGHT + 2 * HOUR, forgotten=[DEVICE]))
    with opened(path) as database:
        assert made(database, Level.HOUR) == {}
        assert free(database, Level.MINUTE) == 1
        assert free(database, Level.MINUTE, "socket-2") == 1


def test_worn_rows_cost_only_themselves(path):
    write(path, changes(minutes(MIDNIGHT, 60)))
    with opened(path) as database, database:
        database.execute("UPDATE minute SET body = 'x' WHERE number = 1")
        database.execute("UPDATE minute SET wall_time = 'x' WHERE number = 2")
        database.execute("UPDATE minute SET wall_time = 1e300 WHERE number = 3")
        database.execute("UPDATE minute SET wall_time = -1e300 WHERE number = 4")
    write(path, changes(now=MIDNIGHT + 2 * HOUR))
    with opened(path) as database:
        assert made(database, Level.HOUR) == {MIDNIGHT: 56}


@pytest.mark.parametrize("worn", ["'x'", "x'ff00'", "1e999", "-7", "9e18", str(2**63 - 1), "''"])
@pytest.mark.parametrize(
    "column",
    [
        *(f"minute.{name}" for name in ("at", "wall_time", "trust", "part_of", "body")),
        *(f"period.{name}" for name in ("part_of", "parts", "body", "start", "level")),
    ],
)
def test_whatever_is_worn_nothing_ends_the_agent(path, column, worn):
    table, _, name = column.partition(".")
    rows = [row(1_200 * n, wall=MIDNIGHT, trust=Trust.PLAUSIBLE) for n in range(75)]
    write(path, changes(rows, now=MIDNIGHT + 2 * DAY))
    with opened(path) as database, database:
        some = "number <= 9" if table == "minute" else f"start = {MIDNIGHT}"
        database.execute(f"UPDATE OR REPLACE {table} SET {name} = {worn} WHERE {some}")  # noqa: S608
    repair = Repair(boot_id=BOOT, offset=MIDNIGHT + DAY, trust=Trust.SYNCHRONISED)
    late = changes([row(0, wall=MIDNIGHT)], now=MIDNIGHT + 3 * DAY)
    write(path, late, Changes(repair=repair), changes(now=MIDNIGHT + 5 * DAY))
    with closing(StateFile(path)) as file:
        file.open()
        for level in Level:
            frame = Frame(level=level, zone=zone(KEEP.zone))
            raw = file.work(lambda database, frame=frame: read_history(database, DEVICE, frame))
            assert assembled(frame, raw.periods(), raw.pieces(frame), None)
        assert file.work(lambda database: read_ends(database, DEVICE)) is not None


@pytest.mark.unmeasured
def test_a_year_of_minutes_stays_small(path):
    first, size = MIDNIGHT + HOUR, []
    keep = Keep(zone="Europe/Berlin", minutes=1_440)
    for week in range(52):
        start = first + week * 7 * DAY
        rows = [row(start + 60 * n, count=n) for n in range(0, 7 * 1_440, 10)]
        write(path, changes(rows, now=start + 7 * DAY, keep=keep))
        size.append(path.stat().st_size)
    with opened(path) as database:
        counts = database.execute("SELECT level, count(*) FROM period GROUP BY level").fetchall()
        total = sum(made(database, Level.MONTH).values()) + free(database, Level.DAY)
        total += free(database, Level.HOUR) + free(database, Level.MINUTE)
    assert dict(counts) == {1: 364 * 24, 2: 364, 3: 12}
    assert total == 52 * sum(range(0, 7 * 1_440, 10))
    assert size[-1] < 3_000_000


# ── whatever happens ────────────────────────────────────────────────────────────────────────

offsets = st.sampled_from([MIDNIGHT, MIDNIGHT + 0.4, MIDNIGHT + 5 * HOUR, MIDNIGHT - 3 * DAY])
steps = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 200), st.one_of(st.none(), offsets)),
    st.tuples(st.just("mend"), offsets, st.sampled_from([1, 2, 3])),
    st.tuples(st.just("later"), st.integers(60, 40 * DAY), st.none()),
    st.tuples(st.just("boot"), st.none(), st.none()),
    st.tuples(st.just("zone"), st.sampled_from(["UTC", "Asia/Kolkata", "Pacific/Apia"]), st.none()),
)


class Kept:
    """A state file in memory, and what was written to it."""

    def __init__(self):
        self.database = sqlite3.connect(":memory:", isolation_level=None)
        migrate(self.database, Path("memory"))
        self.at, self.boot, self.zone, self.written = 0.0, 0, "Europe/Berlin", 0

    def play(self, step):
        kind, one, two = step
        rows, repair = [], None
        if kind == "write":
            trust = Trust.PLAUSIBLE
            for n in range(one):
                rows.append(row(self.at, n, wall=two, trust=trust, boot=f"b{self.boot}"))
                self.at += 60
            self.written += sum(range(one))
        elif kind == "mend":
            repair = Repair(boot_id=f"b{self.boot}", offset=one, trust=Trust(two))
        elif kind == "later":
            self.at += one
        elif kind == "boot":
            self.boot += 1
        else:
            self.zone = one
        keep = Keep(zone=self.zone, minutes=100_000, hours=100_000, days=100_000)
        history = HistoryChanges(minutes=rows, kept={DEVICE: keep}, now=MIDNIGHT + self.at)
        with transaction(self.database):
            write_minutes(self.database, history)
            if repair is not None:
                write_repair(self.database, repair)
            make_periods(self.database, history)


@pytest.mark.unmeasured
@settings(max_examples=100, deadline=None)
@given(st.lists(steps, min_size=1, max_size=12))
def test_no_energy_is_lost_or_counted_twice(played):
    kept = Kept()
    with closing(kept.database) as database:
        for step in played:
            kept.play(step)
            loose = free(database, Level.MINUTE)
            for level in (Level.HOUR, Level.DAY, Level.MONTH):
                assert loose + sum(made(database, level).values()) == kept.written
                loose += free(database, level)
