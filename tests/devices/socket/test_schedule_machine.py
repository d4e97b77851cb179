"""No run twice, whatever becomes of the clock, the process and the plan; and none is forgotten."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.model import StartCause
from tests.devices.socket.planned import Clocked, unix

pytestmark = pytest.mark.unmeasured

SCHEDULES = {
    "a": "event a at 07:00",
    "b": "event b cron 30 */3 * * *",
    "c": "event c at 12:00 random 1h missed run",
    "d": "event d at 2026-03-29 02:30",
    "e": "event e at 02:15",
}
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 40_000)),
    st.tuples(st.just("frames"), st.integers(1, 3)),
    st.tuples(st.just("set"), st.floats(-7100, 20_000)),
    st.tuples(st.just("suspend"), st.integers(1, 100_000)),
    st.tuples(st.just("restart"), st.integers(0, 50_000)),
    st.tuples(st.just("crash"), st.integers(0, 5)),
    st.tuples(st.just("edit"), st.integers(0, 5)),
)


def took_place(bench):
    """Every run that was done or left out, by schedule and its own time."""
    rows = [row for row in bench.rows() if row[0] in ("ran", "skipped", "refused")]
    return [(details["schedule"], details["at"]) for _, details in rows]


def act(bench, step, amount):
    match step:
        case "wait":
            bench.tick_until(bench.now + amount)
        case "frames":
            bench.run(amount / 10, 0.0, 0.0)
        case "set":
            bench.set_clock(amount)
        case "suspend":
            bench.offset += amount
            bench.tell()
        case "edit":
            bench.edit(f"n{amount}", f"event n at 0{amount}:45")
        case _:
            cause = StartCause.CRASH if step == "crash" else StartCause.RESTART
            bench.restart(amount, cause)
            bench.tell()


@given(st.lists(STEPS, max_size=25))
@settings(max_examples=150, deadline=None)
def test_no_run_takes_place_twice_unless_the_clock_was_wrong_for_hours(steps):
    bench = Clocked("2026-03-27T20:00", schedules=SCHEDULES)
    bench.tell()
    furthest = bench.wall()
    for step, amount in steps:
        if step == "set" and bench.wall() + amount < furthest - 7000:
            amount = 0.0  # noqa: PLW2901 - steps that add up to hours begin anew
        act(bench, step, amount)
        furthest = max(furthest, bench.wall())
    done = took_place(bench)
    assert len(done) == len(set(done))
    assert all(at <= furthest + 1 for _, at in done)


@given(st.lists(st.tuples(st.just("wait"), st.integers(1, 40_000)), max_size=25))
@settings(max_examples=50, deadline=None)
def test_while_all_is_well_every_run_takes_place(steps):
    bench = Clocked("2026-03-27T20:00", schedules={"a": "event a at 07:00"})
    bench.tell()
    for step, amount in steps:
        act(bench, step, amount)
        bench.restart(0, StartCause.RESTART)
        bench.tell()
    days = [unix(f"2026-{month:02d}-{day:02d}T07:00") for month in (3, 4) for day in range(1, 31)]
    begin = unix("2026-03-27T20:00")
    assert [at for _, at in took_place(bench)] == [
        at for at in days if begin < at <= bench.wall() + 0.01
    ]
