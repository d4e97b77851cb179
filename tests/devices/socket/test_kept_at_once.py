"""What was decided is kept as soon as it changes, each thing with its cause."""

from dataclasses import replace

import pytest

from agent.automation.local_time import UNKNOWN
from agent.automation.rules.book import Added, Remembered, RuleBook
from agent.automation.rules.memory import Memory
from agent.automation.schedules.plan import Agenda, Entry, Plan
from agent.devices.socket.keeping import due
from agent.devices.socket.protection import curve
from agent.devices.socket.state import Trip
from agent.model import COUNTER_MODULUS
from tests.devices.socket.bench import Bench

BENCH = Bench()
LINES = curve(BENCH.device.settings.protection, 16.0, float("inf"))
KEPT = replace(BENCH.state, handed=replace(BENCH.state.handed, at=BENCH.now))
TRIP = Trip(
    cause="overcurrent", value=20.0, limit=16.0, duration_s=1.0, evidence="current", rule="", at=1.0
)


def _cause(**changes: object) -> str:
    return due(KEPT, replace(KEPT, **changes), LINES, BENCH.now)


@pytest.mark.parametrize(
    ("name", "value", "cause"),
    [
        ("relay_on", True, "relay"),
        ("closing_at", 5.0, "relay"),
        ("trip", TRIP, "protection"),
        ("fault", "welded", "protection"),
        ("resets", (1.0,), "command"),
        ("energy_base_mj", 7, "command"),
        ("countdown_at", 9.0, "command"),
        ("countdown_to", True, "command"),
        ("limit_a", 3.0, "command"),
        ("child_lock_set", True, "command"),
        ("books", replace(KEPT.books, day="2026-11-27"), "books"),
        ("calibrations", (object(),), "calibration"),
        ("rules", RuleBook(added=(Added(name="a", text="t"),)), "rules"),
        ("plan", Plan(entries=(Entry(name="a", text="t"),)), "schedule"),
    ],
)
def test_each_of_them_is_kept_at_once(name: str, value: object, cause: str):
    assert _cause(**{name: value}) == cause


def test_the_counter_is_kept_each_half_of_its_round():
    early = replace(KEPT, energy=replace(KEPT.energy, counter=COUNTER_MODULUS // 2 - 1))
    late = replace(KEPT, energy=replace(KEPT.energy, counter=COUNTER_MODULUS // 2))
    assert due(early, late, LINES, BENCH.now) == "counter"


def test_what_was_decided_first_gives_the_cause():
    assert _cause(books=replace(KEPT.books, day="2026-11-27"), relay_on=True) == "relay"


def test_what_comes_and_goes_with_each_frame_waits():
    memory = Memory(since=3.0)
    book = RuleBook(memory=(Remembered(name="a", text="t", memory=memory),))
    plan = Plan(agenda=Agenda(of="x", local=UNKNOWN, due_at=3.0))
    assert _cause(rules=book, plan=plan, links_up=frozenset({"tencent"})) == ""
