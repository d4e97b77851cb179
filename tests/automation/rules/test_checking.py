from dataclasses import replace

import pytest

from agent.automation.rules.checking import fault
from agent.automation.rules.grammar import parse_rule
from agent.devices.socket.thing_table import SOCKET
from agent.thing import Field, Kind, Property, Thing

MODE = Property(
    field=Field(name="mode", kind=Kind.TEXT, title="Mode", title_zh="模式", maximum=8),
    read=lambda _state, _now: "eco",
    is_writable=True,
)
LAMP = Thing(kind="lamp", properties=(MODE,))


@pytest.mark.parametrize(
    "text",
    [
        "when active_power < 5 after power_switch == on: off",
        "when power_switch == off and energy_today >= 2: toggle",
        "when temperature != 20.5: set count_down = 60; event x",
    ],
)
def test_what_suits_a_socket_has_no_fault(text):
    assert fault(parse_rule(text), SOCKET) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("when activ_power < 5: off", "no value is named 'activ_power'; allowed: power_switch |"),
        ("when activ_power < 5: off", "; did you mean 'active_power'?"),
        ("when x < 5: off", "temperature"),
        ("when current < 5 after energy_todai > 1: off", "did you mean 'energy_today'?"),
        (
            "when power_switch != on: off",
            "power_switch != on cannot be; allowed: power_switch == on",
        ),
        ("when power_switch == 1: off", "power_switch == 1 cannot be; allowed: power_switch == on"),
        ("when voltage == on: off", "voltage == on cannot be; allowed: a number of V"),
        ('when power_factor < "x": off', "cannot be; allowed: a number"),
        ("when voltage < 5: set voltage = 5", "voltage can only be read"),
        ("when voltage < 5: set count_down = 90000", "count_down is 0 to 86400 s, not 90000"),
        ("when voltage < 5: set power_switch = 3", "power_switch takes true or false, not 3"),
        ("when voltage < 5: set countdown = 3", "no property is named 'countdown'"),
        ("when voltage < 5: set countdown = 3", "; did you mean 'count_down'?"),
        ("when voltage < 5: set x = 3", "no property is named 'x'"),
    ],
)
def test_what_does_not_suit_a_socket_is_told(text, says):
    assert says in fault(parse_rule(text), SOCKET)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('when mode == "eco": set mode = "day"', ""),
        ('when mode != "eco": set mode = "day"', ""),
        ('when mode < "eco": set mode = "day"', 'allowed: mode == "text", mode != "text"'),
        ("when mode == 5: set mode = eco", "mode == 5 cannot be"),
        (
            'when mode == "eco": off',
            "no switch; allowed: set NAME = VALUE | event NAME",
        ),
        ('when mode == "eco": event x', "this device has no event 'notice'"),
    ],
)
def test_any_other_kind_of_device_has_rules_too(text, says):
    found = fault(parse_rule(text), LAMP)
    assert says in found
    assert bool(found) is bool(says)


def test_a_switch_of_any_name_will_do():
    thing = replace(LAMP, switch="mode")
    assert fault(parse_rule('when mode == "eco": off'), thing) == ""
