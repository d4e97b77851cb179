"""The colours and rhythms of both themes, byte for byte."""

import pytest

from agent.devices.socket.themes import COLOUR_BLIND, REFERENCE, THEMES, Showing
from agent.model import BLACK


def colours(theme, what):
    """Each colour of a pattern once, as bytes, the brightest first."""
    found = {color: (color.red, color.green, color.blue) for color, _ in THEMES[theme][what]}
    return sorted((rgb for color, rgb in found.items() if color != BLACK), key=sum, reverse=True)


@pytest.mark.parametrize(
    ("what", "rgb", "rhythm_ms"),
    [
        (Showing.UNPLUG, [(255, 255, 255), (255, 0, 0)], [150, 150]),
        (Showing.HELD, [(0, 0, 255)], [125, 125]),
        (Showing.HELD_LONG, [(255, 255, 255)], [125, 125]),
        (Showing.REFUSED, [(255, 0, 0)], [100, 100]),
        (Showing.FIND_ME, [(255, 0, 255)], [100, 100, 100, 100, 100, 100, 500]),
        (Showing.TRIPPED, [(255, 0, 0)], [500, 500]),
        (Showing.RESET, [(255, 255, 255)], [500, 500]),
        (Showing.PROVISIONING, [(0, 0, 255)], [500, 500]),
        (Showing.CONNECTING, [(0, 0, 255)], [500, 500]),
        (Showing.IDLE, [(0, 255, 0)], [100]),
    ],
)
def test_the_reference_theme_is_the_reference_sockets(what, rgb, rhythm_ms):
    assert colours("reference", what) == rgb
    assert [ms for _, ms in REFERENCE[what]] == rhythm_ms


@pytest.mark.parametrize(
    ("what", "brightest"),
    [
        (Showing.LOAD_1, (0, 0, 255)),
        (Showing.LOAD_2, (0, 255, 255)),
        (Showing.LOAD_3, (0, 255, 0)),
        (Showing.LOAD_4, (255, 255, 0)),
        (Showing.LOAD_5, (255, 0, 0)),
    ],
)
def test_a_load_breathes_in_three_seconds(what, brightest):
    assert colours("reference", what)[0] == brightest
    assert sum(ms for _, ms in REFERENCE[what]) == 3000
    assert min(sum(rgb) for rgb in colours("reference", what)) > 0


@pytest.mark.parametrize(
    ("what", "rgb"),
    [
        (Showing.UNPLUG, (255, 255, 255)),
        (Showing.HELD, (0, 114, 178)),
        (Showing.HELD_LONG, (255, 255, 255)),
        (Showing.REFUSED, (213, 94, 0)),
        (Showing.FIND_ME, (204, 121, 167)),
        (Showing.TRIPPED, (213, 94, 0)),
        (Showing.RESET, (255, 255, 255)),
        (Showing.PROVISIONING, (86, 180, 233)),
        (Showing.CONNECTING, (86, 180, 233)),
        (Showing.LOAD_1, (0, 114, 178)),
        (Showing.LOAD_2, (86, 180, 233)),
        (Showing.LOAD_3, (240, 228, 66)),
        (Showing.LOAD_4, (230, 159, 0)),
        (Showing.LOAD_5, (213, 94, 0)),
        (Showing.IDLE, (0, 158, 115)),
    ],
)
def test_the_other_theme_has_colours_that_everybody_tells_apart(what, rgb):
    assert colours("colour_blind", what)[0] == rgb


def test_in_the_other_theme_no_two_states_have_one_rhythm():
    rhythms = [
        tuple((ms, color != BLACK) for color, ms in COLOUR_BLIND[what])
        for what in Showing
        if what is not Showing.UNPLUG  # the only one that never goes out and never swells
    ]
    assert len(set(rhythms)) == len(rhythms)


def test_no_other_state_looks_like_find_me():
    for theme in THEMES.values():
        others = [parts for what, parts in theme.items() if what is not Showing.FIND_ME]
        mine = {color for color, _ in theme[Showing.FIND_ME]} - {BLACK}
        assert not mine & {color for parts in others for color, _ in parts}


def test_both_themes_have_everything():
    assert [set(theme) for theme in THEMES.values()] == [set(Showing)] * 2
