"""What a rule waits for, in words."""

import pytest

from agent.automation.rules.memory import FRESH
from agent.automation.rules.stepping import Sight
from agent.automation.rules.words import BARRED, state_in_words
from tests.automation.rules.running import NO_TIME, Run, at

UNITS = {"p": "W"}


def told(run):
    sight = Sight(values=run.values, local=run.local, is_on=run.is_on, is_barred=run.is_barred)
    return list(state_in_words(run.rule, run.memory, sight, UNITS, run.now))


def ran(text, *steps, local=NO_TIME, **more):
    """Give values, and seconds to wait after each."""
    run = Run(text, local)
    for name, value in more.items():
        setattr(run, name, value)
    for value, seconds in steps:
        run.step(p=value)
        run.now += seconds
        run.step()
    return told(run)


@pytest.mark.parametrize(
    ("text", "steps", "says"),
    [
        ("when p < 5: off", [(42.0, 0)], ["p is 42 W, not < 5"]),
        ("when p < 5: off", [(None, 0)], ["p is not known now"]),
        ("when p < 5 for 10m: off", [(3, 180)], ["holds for 3m of 10m"]),
        (
            "when p < 5 for 10m after > 30: off",
            [(3, 180)],
            ["holds for 3m of 10m", "waits for p > 30 first"],
        ),
        (
            "when p < 5 after > 30 for 1m: off",
            [(40, 20)],
            ["p is 40 W, not < 5", "waits for p > 30 for 1m first: holds for 20s"],
        ),
        (
            "when p < 5 for 1h after > 30: off",
            [(40, 1), (3, 60)],
            ["holds for 1m of 1h"],
        ),
        (
            "when p < 5: off",
            [(3, 100)],
            ["it has fired; what it waits for must first be false, and then true again"],
        ),
        ("when p < 5 rest 5m: off", [(3, 10), (9, 0), (3, 0)], ["rests for another 4m50s"]),
        (
            "when p < 5 between 20:00 and 21:00: off",
            [(3, 0)],
            ["fires between 20:00 and 21:00 only, and the time is not known"],
        ),
        ("when q == on: off", [(3, 0)], ["q is not known now"]),
    ],
)
def test_each_reason_is_told(text, steps, says):
    assert ran(text, *steps) == says


def test_times_are_local_where_they_are_known():
    noon = at("04:00")
    assert ran("when p < 5 rest 5m: off", (3, 10), (9, 0), (3, 0), local=noon) == [
        "rests until 12:05:00"
    ]
    assert ran("when p < 5 between 20:00 and 21:00: off", (3, 0), local=noon) == [
        "fires between 20:00 and 21:00 only, and it is 12:00"
    ]


def test_behind_a_trip_and_switched_off_it_says_so():
    assert ran("when p < 5: off", (3, 0), is_barred=True)[0] == BARRED
    said = ran("when p < 5 after > 30: off", (3, 0), is_on=False)
    assert said == ["waits for p > 30 first; only while it is switched on"]


def test_one_that_has_fired_too_often_says_how_often():
    run = Run("when p < 5 rest 1s: off")
    for second in range(0, 40, 2):
        run.now = float(second)
        run.step(p=3)
        run.step(p=9)
    assert told(run)[-1] == "rests for another 59m44s: it has fired 12 times within an hour"


def test_a_rule_that_nothing_keeps_from_firing_says_nothing():
    run = Run("when p < 5: off")
    run.values = {"p": 3}
    assert run.memory == FRESH
    assert told(run) == []
