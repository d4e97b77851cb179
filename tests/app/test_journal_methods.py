"""What the control socket answers about the past, and what it refuses to be asked."""

import threading
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.app.journal import MOST_ROWS, Journal
from agent.app.params import LONGEST_REASON, text
from agent.control.methods import table_of
from agent.devices.inputs import SetTotal
from agent.devices.socket.books import Books
from agent.devices.socket.energy import Energy
from agent.devices.socket.state import State
from agent.devices.socket.thing_table import MJ_PER_KWH
from agent.errors import ControlError
from agent.settings.device import SocketSettings
from agent.store import Row, read_boot_id
from tests.devices.socket.bench import LOCAL

NOW, WALL_TIME = 500.0, 1.8e9


class Desk:
    """One device with books, and a store with rows; it is all that the methods ask of."""

    name = "socket-1"

    def __init__(self, *rows, day="2026-11-26", is_dated=True):
        self.rows, self.is_dated = rows, is_dated
        self.dispatched = []
        self.clock = self.runtime = self
        self.config = SimpleNamespace(device=SocketSettings(id=self.name, kind="socket"))
        energy = Energy(total_mj=MJ_PER_KWH)
        self.state = State(relay_on=False, changed_at=0.0, books=Books(day=day), energy=energy)
        self.methods = table_of(Journal(lambda _: self, self).methods)

    def now(self):
        return NOW

    def wall_time_at(self, at):
        return WALL_TIME - (NOW - at) if self.is_dated else None

    def describe(self):
        return {"energy": {"total_kwh": 1.0}}

    def dispatch(self, event):
        self.dispatched.append(event)

    async def records(self, device_id, *, topics=(), limit=100):
        del device_id, topics
        return self.rows[-limit:]

    async def ask(self, method, **params):
        answer = self.methods[method](LOCAL, params)
        return answer if isinstance(answer, dict) else await answer


def entry(name="reset", *, number=1, wall_time=1.7e9, boot_id="other", at=480.0, details=None):
    return Row(
        number=number,
        device_id="socket-1",
        topic="energy",
        name=name,
        wall_time=wall_time,
        boot_id=boot_id,
        at=at,
        details={} if details is None else details,
    )


def closed(day, used_kwh):
    return entry("day", details={"day": day, "used_mj": used_kwh * MJ_PER_KWH})


# ── refused ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["energy", "explain_energy", "set_energy", "events"])
async def test_a_parameter_that_is_not_known_is_refused(method):
    with pytest.raises(ControlError, match=r"unknown parameter 'dya'; .*known: .*device"):
        await Desk().ask(method, dya="2026-11-26")


@pytest.mark.parametrize("topics", ["relay", ["relay", "weather"], [1], [["relay"]], {}])
async def test_topics_that_are_none_are_refused_with_those_that_are(topics):
    with pytest.raises(ControlError, match="allowed: a list of: relay, protection, energy"):
        await Desk().ask("events", topics=topics)


@pytest.mark.parametrize("topics", [None, [], ["relay", "energy"]])
async def test_topics_may_be_left_out(topics):
    assert await Desk().ask("events", topics=topics) == {"device": "socket-1", "rows": []}


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        (None, "'reason' is needed"),
        (" ", "reason is ' '; allowed: a text of 1 to 200 characters"),
        ("caf\udce9", "no Unicode: type it in a terminal whose encoding is UTF-8"),
        ("\ud800", "no Unicode"),
        ("x" * (LONGEST_REASON + 1), "allowed: a text of 1 to 200 characters"),
    ],
)
async def test_a_reason_that_cannot_be_kept_as_it_is_is_refused(reason, says):
    desk = Desk()
    with pytest.raises(ControlError, match=says):
        await desk.ask("set_energy", kwh=1, reason=reason)
    assert desk.dispatched == []


@pytest.mark.parametrize("kwh", [None, "1", True, -1, 1e9, float("nan")])
async def test_a_count_that_is_out_of_range_says_the_range(kwh):
    with pytest.raises(ControlError, match=r"'?kwh'? is .*: a number from 0 to 999999999"):
        await Desk().ask("set_energy", kwh=kwh, reason="r")


@given(st.text(st.characters(), max_size=300))
def test_every_reason_is_refused_or_can_be_written_anywhere(reason):
    try:
        kept = text({"reason": reason}, "reason", LONGEST_REASON)
    except ControlError:
        return
    assert kept
    assert len(kept) <= LONGEST_REASON
    assert kept.encode()


async def test_a_reason_is_kept_whole():
    desk = Desk()
    reason = "é" * LONGEST_REASON
    await desk.ask("set_energy", kwh=1.5, reason=f" {reason} ")
    assert desk.dispatched == [
        SetTotal(energy_mj=int(1.5 * MJ_PER_KWH), reason=reason, origin=LOCAL)
    ]


# ── a day ───────────────────────────────────────────────────────────────────────────────────


async def test_a_day_that_is_not_known_says_which_days_are():
    desk = Desk(closed("2026-11-20", 1), closed("2026-11-24", 2))
    answer = await desk.ask("explain_energy", day="2020-01-01")
    assert (answer["used_kwh"], answer["rows"]) == (None, [])
    assert answer["known_days"] == ["2026-11-20", "2026-11-26"]
    nothing = await Desk(day=None).ask("explain_energy", day="2020-01-01")
    assert nothing["known_days"] is None


async def test_a_day_that_is_over_and_the_one_that_goes_on_are_known():
    desk = Desk(closed("2026-11-25", 2))
    over = await desk.ask("explain_energy", day="2026-11-25")
    assert (over["used_kwh"], over["is_today"]) == (2.0, False)
    today = await desk.ask("explain_energy", day="2026-11-26")
    assert (today["used_kwh"], today["is_today"]) == (1.0, True)


async def test_only_the_newest_rows_of_a_day_are_told_and_how_many_more_there_are():
    of_day = {"day": "2026-11-26"}
    rows = [entry(number=number, details=of_day) for number in range(MOST_ROWS + 5)]
    answer = await Desk(*rows).ask("explain_energy", day="2026-11-26")
    assert [row["number"] for row in answer["rows"]] == list(range(5, MOST_ROWS + 5))
    assert answer["left_out"] == 5


@pytest.mark.parametrize("details", ["text", 5, ["day"], {"day": 5, "used_mj": "much"}])
async def test_details_that_are_nothing_to_be_read_hurt_no_answer(details):
    desk = Desk(entry("day", details=details), closed("2026-11-25", 2))
    answer = await desk.ask("explain_energy", day="2026-11-25")
    assert answer["used_kwh"] == 2.0
    assert answer["known_days"] == ["2026-11-25", "2026-11-26"]


class Watched(dict):
    """Details that note in which threads they are read."""

    def get(self, key, default=None):
        self["threads"].add(threading.current_thread())
        return super().get(key, default)


async def test_rows_are_looked_through_in_a_thread():
    threads = set()
    await Desk(entry(details=Watched(threads=threads))).ask("explain_energy", day="2026-11-25")
    assert threads
    assert threading.current_thread() not in threads


# ── dates ───────────────────────────────────────────────────────────────────────────────────


async def test_rows_of_this_boot_are_dated_once_the_clock_is_known():
    mine = entry(wall_time=None, boot_id=read_boot_id(), at=NOW - 20)
    theirs = entry(wall_time=None, boot_id="other")
    answer = await Desk(mine, theirs, entry()).ask("events")
    told = [(row["wall_time"], row.get("is_estimated", False)) for row in answer["rows"]]
    assert told == [(WALL_TIME - 20, True), (None, False), (1.7e9, False)]


async def test_nothing_is_dated_while_the_clock_is_not_known():
    mine = entry(wall_time=None, boot_id=read_boot_id())
    answer = await Desk(mine, is_dated=False).ask("events")
    assert answer["rows"][0]["wall_time"] is None
