"""A button's gestures and the light's look: what is allowed, and what a fault says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agent.automation.suiting import settable
from agent.devices.socket.thing_table import PROPERTIES, SOCKET
from agent.settings.device import ButtonSettings, IndicatorSettings
from agent.settings.load import load
from tests.settings.device_files import DEVICE, faults, only, write


def test_what_can_be_set_is_what_the_sockets_table_says():
    writable = [row.field.name for row in PROPERTIES if row.is_writable]
    assert [name for name in writable if name != "timers"] == list(settable(SOCKET))


def test_every_fault_is_told_with_what_is_allowed(tmp_path: Path):
    path = write(
        tmp_path,
        DEVICE
        + """\
[device.button]
click = "togle"
double_click = "set child_lok = true"
hold_s = 1
reset_hold_s = 5
[device.indicator]
theme = "colour_blin"
load_steps = [100, 300, 500]
[device.indicator.night]
from = "25:00"
bright = 1
""",
    )
    found = {f.key: (f.line, f.allowed, f.hint) for f in faults(path)}
    doings = "on | off | toggle | set NAME = VALUE | event NAME | countdown DURATION | none"
    assert found == {
        "device.button.click": (5, doings, "did you mean 'toggle'?"),
        "device.button.double_click": (
            6,
            "set NAME = VALUE with NAME power_switch | count_down | current_limit | child_lock",
            "did you mean 'child_lock'?",
        ),
        "device.button.hold_s": (7, "2 to 30", ""),
        "device.button.reset_hold_s": (8, "8 to 60", ""),
        "device.indicator.theme": (
            10,
            "reference | colour_blind",
            "did you mean 'colour_blind'?",
        ),
        "device.indicator.load_steps": (
            11,
            "four powers in watts up to 20000, each above the last",
            "",
        ),
        "device.indicator.night.from": (13, 'a time of day, such as "22:00"', ""),
        "device.indicator.night.bright": (
            14,
            "to | brightness | from",
            "did you mean 'brightness'?",
        ),
    }


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("[device.button]\nhold_s = 9.5\n", "reset_hold_s", "10.5 or more (hold_s and a second)"),
        ("[device.button]\nreset_hold_s = 15\n", "cancel_hold_s", "16 or more"),
        ("[device.indicator]\nload_steps = [1, 1, 2, 3]\n", "load_steps", "each above the last"),
        ("[device.indicator]\nload_steps = [4, 3, 2, 1]\n", "load_steps", "each above the last"),
        ('[device.indicator.night]\nfrom = "07:00"\n', "night.to", "another time than `from`"),
        ("[device.button]\ndouble_click_s = 5\n", "double_click_s", "0.2 to 1"),
    ],
)
def test_what_contradicts_itself_is_told(tmp_path: Path, text: str, key: str, allowed: str):
    fault = only(write(tmp_path, DEVICE + text))
    assert fault.key.endswith(key)
    assert allowed in fault.allowed


def test_the_defaults_are_the_reference_sockets(tmp_path: Path):
    device = load(write(tmp_path, DEVICE), {}).devices[0].device
    button, light = device.button, device.indicator
    assert (button.click, button.double_click, button.child_lock) == ("toggle", "none", False)
    assert (button.hold_s, button.reset_hold_s, button.cancel_hold_s) == (5, 10, 15)
    assert (light.theme, light.load_steps) == ("reference", (100, 300, 500, 800))
    assert (light.brightness, light.night) == (1.0, None)


def test_a_night_has_defaults_of_its_own(tmp_path: Path):
    text = DEVICE + "[device.indicator.night]\n"
    night = load(write(tmp_path, text), {}).devices[0].device.indicator.night
    assert night is not None
    assert (night.begins, night.to, night.brightness) == ("22:00", "07:00", 0.1)


def test_a_variable_sets_the_night_too(tmp_path: Path):
    path = write(tmp_path, DEVICE)
    variables = {"POLYCLOUD_DEVICE__INDICATOR__NIGHT__FROM": "21:30"}
    night = load(path, variables).devices[0].device.indicator.night
    assert night is not None
    assert night.begins == "21:30"


TIMES = st.floats(0, 200)


@given(hold=TIMES, reset=TIMES, cancel=TIMES)
def test_no_setting_makes_a_factory_reset_easier(hold: float, reset: float, cancel: float):
    try:
        button = ButtonSettings(hold_s=hold, reset_hold_s=reset, cancel_hold_s=cancel)
    except ValidationError:
        return
    assert button.reset_hold_s >= 8
    assert button.hold_s + 1 <= button.reset_hold_s
    assert button.reset_hold_s + 1 <= button.cancel_hold_s


@given(text=st.text(max_size=30))
def test_any_text_is_an_action_or_a_fault(text: str):
    try:
        ButtonSettings(click=text, double_click=text)
    except ValidationError:
        return


def test_settings_are_written_and_read_back():
    light = IndicatorSettings.model_validate({"night": {"from": "21:00"}, "theme": "colour_blind"})
    assert IndicatorSettings.model_validate(light.model_dump()) == light
