"""The live view is drawn from values: it fits 80 x 24 with any clouds, and hides nothing."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.demo.dialects import DIALECTS, choose
from agent.demo.screen import CLEAR, CloudView, Scene, draw
from agent.demo.show import LOG_LINES
from agent.errors import AgentError
from agent.model import Color

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
OWN = {"power_switch": True, "voltage": None, "total_energy": 1.5, "count_down": 0}
EVENTS = {
    "tencent": {"id": "status_report", "params": {"status": 1, "message": "overcurrent"}},
    "aliyun": {"id": "OverCurrent", "params": {"Current": 15}},
    "onenet": {"id": "trip", "params": {"cause": "overcurrent"}},
}


def view(name, properties=None, events=(), **changes):
    dialect = DIALECTS[name]
    shown = {dialect.wire_id("power_switch"): dialect.on, dialect.wire_id("total_energy"): 1.4}
    device = {"properties": {**shown, **(properties or {})}, "events": list(events)}
    values = {"dialect": dialect, "device": device, "is_online": True, "pending": 0, **changes}
    return CloudView(**values)


def scene(*clouds, **changes):
    values = {
        "snapshot": OWN,
        "described": {"trip": None, "meter": "speaks"},
        "color": Color(red=1, green=2, blue=3),
        "plugged": "lamp",
        "network_is_cut": False,
        "clouds": clouds or (view("tencent"),),
        "commanding": 0,
        "log": ["info     cloud.up " + "x" * 200],
        **changes,
    }
    return draw(Scene(**values))


def text_lines(shown):
    return ESCAPE.sub("", shown).split("\r\n")


def row(shown, title):
    return next(line for line in text_lines(shown) if line.startswith(title))


def together(names):
    try:
        return len(choose(names)) == len(names)
    except AgentError:
        return False


SETS = [
    names
    for size in (1, 2, 3)
    for names in itertools.permutations(DIALECTS, size)
    if together(names)
]


def test_an_unknown_value_is_a_dash_and_the_cloud_has_its_own_name_for_the_energy():
    shown = scene()
    assert row(shown, "Voltage").split() == ["Voltage", "V", "—", "voltage", "—"]
    assert row(shown, "Energy").split() == ["Energy", "kWh", "1.5", "total_kwh", "1.4"]
    assert row(shown, "Switch").split() == ["Switch", "on", "power_switch", "on"]


def test_every_line_clears_what_stood_there_before():
    assert all(line.endswith(CLEAR) for line in scene().split("\r\n"))


@pytest.mark.parametrize("names", SETS, ids="-".join)
def test_it_fits_a_terminal_of_80_by_24_whatever_is_to_be_shown(names):
    long = {"properties": {}, "events": [EVENTS.get(names[0])] * 100 if names[0] in EVENTS else []}
    clouds = [view(name, is_online=False, pending=123456) for name in names[1:]]
    first = view(names[0], is_online=False, pending=123456, device=long)
    shown = scene(
        first,
        *clouds,
        snapshot=dict.fromkeys(OWN, 123456789.123456789),
        described={"trip": {"text": "overtemperature " + "x" * 90, "cause": "overtemperature"}},
        log=["x" * 200] * LOG_LINES,
        commanding=len(names) - 1,
    )
    lines = text_lines(shown)
    assert len(lines) <= 24
    assert max(len(line) for line in lines) <= 80


@pytest.mark.parametrize("names", SETS, ids="-".join)
def test_names_stand_apart_and_the_one_that_commands_is_marked(names):
    for commanding in range(len(names)):
        heads = text_lines(scene(*(view(name) for name in names), commanding=commanding))[2]
        if len(names) == 1:
            assert heads.endswith(f" {DIALECTS[names[0]].title}")
            continue
        for index, name in enumerate(names):
            mark = "›" if index == commanding else " "
            assert f" {mark}{index + 1} {DIALECTS[name].short}" in heads


def test_each_cloud_shows_what_it_was_told_and_how_its_link_is():
    shown = scene(
        view("tencent", events=[EVENTS["tencent"]] * 2),
        view("aliyun", {"PowerSwitch": 0}, [EVENTS["aliyun"]], is_online=False, pending=3),
        view("onenet-datastream", {"trip": {"cause": "overpower"}}),
        described={
            "trip": {"text": "overcurrent 15.2 A", "cause": "overcurrent"},
            "meter": "speaks",
        },
    )
    assert "3 clouds" in text_lines(shown)[0]
    assert row(shown, "Switch").split() == ["Switch", "on", "on", "off", "on"]
    assert row(shown, "Network").split() == ["Network", "online", "offline,", "3", "wait", "online"]
    trips = ["Trip", "overcurrent", "2:", "overcurrent", "1:", "overcurrent", "overpower"]
    assert row(shown, "Trip").split() == trips
    assert "tripped: overcurrent 15.2 A" in row(shown, "plugged in: lamp")


def test_a_cut_network_is_shown_as_cut():
    assert row(scene(network_is_cut=True), "Network").split() == ["Network", "cut"]


@given(
    properties=st.dictionaries(st.sampled_from(list(OWN)), st.floats() | st.integers() | st.text()),
    log=st.lists(st.text(), max_size=LOG_LINES),
)
def test_whatever_a_cloud_shows_or_the_log_says_keeps_its_place(properties, log):
    lines = text_lines(scene(view("tencent"), view("onenet", properties), log=log))
    assert len(lines) == 18 + len(log)
    assert len({len(line) for line in lines[4:11]}) == 1
