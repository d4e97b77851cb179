"""A rule tried on the past says when it would have fired, or how close it came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.automation.rules.dry_run import MOST_FIRINGS, Firing, Sample, dry_run
from agent.automation.rules.grammar import parse_rule
from agent.automation.rules.tried_words import tried_in_words
from agent.automation.rules.words import shown

NOON = 1_795_752_000.0
CHARGE = "when p < 5 for 10m after > 30: off"


def minutes(*values, start=NOON, every=60.0, **more):
    return [
        Sample(wall_time=start + every * number, values={"p": value, **more})
        for number, value in enumerate(values)
    ]


def tried(text, samples, switch=None):
    return dry_run(parse_rule(text), samples, "Asia/Shanghai", switch)


def words(text, samples, switch=None):
    return tried_in_words(parse_rule(text), tried(text, samples, switch))


def test_it_tells_when_it_would_have_fired_and_how_long_it_had_held():
    found = tried(CHARGE, minutes(*[80.0] * 30, *[2.0] * 20))
    assert found.fired == (Firing(wall_time=NOON + 40 * 60, held_s=600.0),)
    assert (found.count, found.samples, found.longest_s) == (1, 50, 19 * 60.0)
    assert words(CHARGE, minutes(*[80.0] * 30, *[2.0] * 20)) == ("it would have fired once",)


def test_it_fires_between_samples_too():
    found = tried("when p < 5 for 90s: off", minutes(2.0, 2.0, 2.0))
    assert [each.wall_time for each in found.fired] == [NOON + 90]


def test_a_long_gap_is_unknown():
    samples = [*minutes(2.0), *minutes(2.0, start=NOON + 3600)]
    found = tried("when p < 5 for 30m: off", samples)
    assert (found.count, found.longest_s) == (0, 600.0)


@pytest.mark.parametrize(
    ("text", "samples", "says"),
    [
        (CHARGE, minutes(*[80.0] * 9, *[2.0] * 5), ["it held for 4m at the longest, of 10m"]),
        (
            CHARGE,
            minutes(*[20.0] * 9, *[2.0] * 20),
            [
                "p came to 20 at the nearest, and never was > 30",
                "it held for 19m at the longest, of 10m",
                "p > 30 never came before",
            ],
        ),
        (
            "when p < 5: off",
            minutes(9.0, 7.5, None, 8.0),
            ["p came to 7.5 at the nearest, and never was < 5"],
        ),
        (
            "when p > 5 and q == on: off",
            minutes(3.0, 4.0),
            [
                "p came to 4 at the nearest, and never was > 5",
                "q == on never was so, as far as the history knows q",
            ],
        ),
        (
            "when p < 5 between 20:00 and 21:00: off",
            minutes(1.0, 1.0),
            ["only between 20:00 and 21:00 it may fire"],
        ),
        (
            "when p < 5 after q == on for 5m: off",
            minutes(1.0, 1.0, q=True),
            ["q == on for 5m never came before"],
        ),
    ],
)
def test_it_tells_how_close_it_came(text, samples, says):
    assert words(text, samples) == ("it would not have fired", *says)


def test_off_disarms_in_the_past_as_it_does_now():
    samples = minutes(80.0, 80.0, on=True) + minutes(80.0, 2.0, start=NOON + 120, on=False)
    samples += minutes(2.0, 2.0, start=NOON + 240, on=True)
    assert tried("when p < 5 after > 30: off", samples, "on").count == 0
    assert tried("when p < 5 after > 30: off", samples, "other").count == 1
    assert tried("when p < 5 after > 30: off", samples).count == 1


def test_no_more_than_a_hundred_firings_are_told():
    samples = minutes(*[1.0, 9.0] * 150, every=400.0)
    found = tried("when p < 5: off", samples)
    assert (found.count, len(found.fired)) == (150, MOST_FIRINGS)
    assert words("when p < 5: off", samples) == ("it would have fired 150 times",)


def test_nothing_comes_of_nothing():
    assert tried(CHARGE, []).count == 0


@given(
    st.lists(st.tuples(st.floats(0, 5000), st.sampled_from([None, 1.0, 10.0, 40.0])), max_size=40),
    st.sampled_from([CHARGE, "when p < 5 rest 1s: off", "when p < 5 between 12:00 and 12:30: off"]),
)
def test_any_spacing_of_samples_will_do(steps, text):
    at, samples = NOON, []
    for step_s, value in steps:
        at += step_s
        samples.append(Sample(wall_time=at, values={"p": value}))
    found = tried(text, samples)
    assert found.count <= len(samples)
    assert all(NOON <= each.wall_time <= at and each.held_s >= 0 for each in found.fired)
    assert tried_in_words(parse_rule(text), found)


@pytest.mark.parametrize(
    ("value", "text"), [(True, "on"), (False, "off"), (2.50, "2.5"), (3, "3"), ("eco", "eco")]
)
def test_a_value_is_shown_as_people_write_it(value, text):
    assert shown(value) == text
