"""Patterns stand on the clock, change later than now, and rest where nothing changes."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.devices.light import (
    DIMMEST,
    STEP_MS,
    blink,
    breath,
    cycle,
    flashes,
    scaled,
    steady,
    turns,
)
from agent.model import BLACK, Color, Light

RED = Color(red=255, green=0, blue=0)
WHITE = Color(red=255, green=255, blue=255)
PATTERNS = {
    "steady": steady(RED),
    "blink": blink(RED, 500),
    "long and short": blink(RED, 1000, 250),
    "turns": turns(RED, WHITE, 150),
    "flashes": flashes(RED, 3, 100, 500),
    "breath": breath(RED, 3000),
}


def played(parts, level, seconds, begin=100.0):
    """Every colour and its moment, as whoever follows `until` sees them."""
    made, now, seen = cycle(parts, level), begin, []
    while now < begin + seconds:
        light = made.at(now)
        seen.append((round(now - begin, 3), light.color))
        if light.until is None:
            break
        now = light.until
    return seen


def test_a_blink_is_on_and_off_in_turn():
    assert played(blink(RED, 500), 1.0, 1.5) == [(0, RED), (0.5, BLACK), (1.0, RED)]
    assert played(blink(RED, 1000, 250), 1.0, 1.3) == [(0, RED), (1.0, BLACK), (1.25, RED)]


def test_flashes_end_in_one_pause():
    seen = played(flashes(RED, 2, 200, 800), 1.0, 1.6, begin=160.0)
    assert seen == [(0, RED), (0.2, BLACK), (0.4, RED), (0.6, BLACK)]


def test_a_breath_swells_to_the_full_colour_and_never_goes_out():
    reds = [color.red for _, color in played(breath(RED, 3000), 1.0, 3.0, begin=300.0)]
    assert (reds[0], max(reds)) == (round(255 * DIMMEST), 255)
    assert reds.index(255) == len(reds) // 2
    assert min(reds) == reds[0]


def test_a_step_of_a_breath_that_looks_the_same_wakes_nobody():
    bright = played(breath(RED, 3000), 1.0, 3.0, begin=300.0)
    dim = played(breath(RED, 3000), 0.02, 3.0, begin=300.0)
    assert len(dim) < len(bright) <= 3000 / STEP_MS
    colors = [color for _, color in dim]
    assert all(one != other for one, other in pairwise(colors))


def test_the_end_of_a_round_that_looks_like_its_beginning_wakes_nobody():
    parts = ((RED, 100), (BLACK, 100), (RED, 100))
    assert cycle(parts, 1.0).at(30.25) == Light(color=RED, until=30.4)


def test_what_never_changes_is_steady():
    assert cycle(steady(RED), 0.5).at(7.0) == Light(color=Color(red=128, green=0, blue=0))
    assert cycle(((RED, 100), (RED, 200)), 1.0).at(7.0) == Light(color=RED)


@pytest.mark.parametrize("name", PATTERNS)
def test_without_brightness_it_is_dark_and_rests(name):
    assert cycle(PATTERNS[name], 0.0).at(12.3) == Light(color=BLACK)


def test_a_colour_is_dimmed_in_every_part():
    assert scaled(Color(red=255, green=100, blue=1), 0.5) == Color(red=128, green=50, blue=0)


@pytest.mark.parametrize("name", [name for name in PATTERNS if name != "steady"])
@given(
    now=st.floats(0, 1e7) | st.integers(0, 10**8).map(lambda step: step * 0.1),
    level=st.sampled_from([1.0, 0.3]),
)
@example(now=10241 * 0.1, level=1.0)
def test_it_changes_later_than_now_and_within_its_round(name, now, level):
    parts = PATTERNS[name]
    light = cycle(parts, level).at(now)
    assert light.until is not None
    assert now < light.until <= now + sum(ms for _, ms in parts) / 1000
    assert cycle(parts, level).at(light.until).color != light.color
