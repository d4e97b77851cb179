"""Wrong clocks: one short life, and what the row of a life must not let pass."""

from dataclasses import replace

import pytest

from chaos.clocks.clocks import CASES, HOUR_S, Seen, live, row
from chaos.report import Verdict
from tests.chaos.needs import needs_faketime

NOW = 1_800_000_000.0
KEPT = next(case for case in CASES if case.is_kept and not case.steps)


@needs_faketime
async def test_an_agent_that_starts_in_1970_and_whose_clock_then_jumps_sends_no_false_stamp():
    case = replace(CASES[0], steps=((0.2, 8 * HOUR_S),))
    found = await live(case, countdown_s=2)
    assert found.verdict is Verdict.HELD, found.why


def seen(**changes):
    fields = {
        "began": NOW,
        "ended": NOW + 10,
        "counted_from": 100.0,
        "moved": [99.9, 106.0],
        "rows": [{"topic": "relay", "name": "on", "wall_time": NOW + 1}],
        "uplinks": [(NOW + 2, [NOW + 2.0])],
    }
    return Seen(**(fields | changes))


def clock_row(name):
    return {"topic": "clock", "name": name, "wall_time": NOW + 3}


def test_a_life_in_which_everything_is_true_holds():
    assert row(KEPT, seen()).verdict is Verdict.HELD


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"uplinks": [(NOW + 2, [NOW + 8 * HOUR_S])]}, "a stamp is +28798 s off"),
        ({"uplinks": [(NOW + 2, [5.0])]}, "s off"),
        ({"uplinks": [(NOW + 2, [NOW + 2.0]), (NOW + 3, [])]}, "1 reports without a stamp"),
        ({"uplinks": []}, "no report had a stamp"),
        ({"rows": [{"topic": "relay", "name": "on", "wall_time": None}]}, "was not repaired"),
        (
            {
                "rows": [
                    {"topic": "x", "name": "on", "wall_time": NOW + 1, "is_estimated": True},
                ]
            },
            "was not repaired",
        ),
        ({"rows": [{"topic": "x", "name": "on", "wall_time": 5.0}]}, "a row 'on' is"),
        (
            {
                "rows": [
                    {"topic": "x", "name": str(n), "wall_time": NOW + 9 - 8 * n} for n in (0, 1)
                ]
            },
            "a row '1' is",
        ),
        ({"rows": [clock_row("stepped")]}, "1 steps were told, not 0"),
        ({"rows": [clock_row("trusted")]}, "the time became known 1 times"),
        ({"moved": [99.9, 101.0]}, "a countdown of 6 s took 1.0 s"),
        ({"moved": [99.9, 109.0]}, "a countdown of 6 s took 9.0 s"),
    ],
)
def test_what_is_not_true_fails(changes, why):
    found = row(KEPT, seen(**changes))
    assert found.verdict is Verdict.BROKEN
    assert why in found.why
