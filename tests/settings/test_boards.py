from pathlib import Path
from typing import Any

import pytest

from agent.settings.boards import missing_coefficients, with_presets
from agent.settings.device import SocketSettings
from agent.settings.notices import notices
from agent.settings.root import AgentSettings, Config, DeviceConfig


def socket(**sections: Any) -> SocketSettings:
    return SocketSettings.model_validate({"id": "a", "kind": "socket", **sections})


def notices_of(device: SocketSettings, *, has_gpiod: bool = True) -> str:
    entry = DeviceConfig(path=Path("a.toml"), device=device, clouds={})
    config = Config(agent=AgentSettings(), devices=(entry,), warnings=("a warning",))
    return "\n".join(notices(config, has_gpiod=has_gpiod))


@pytest.mark.parametrize(
    ("board", "kv", "ki", "kp", "voltage_from"),
    [("code504", 3.069, 1.007, 3.108, "load"), ("direct", 1.88, 1.0, 1.88, "mains")],
)
@pytest.mark.parametrize("driver", ["hlw8032", "simulated"])
def test_a_board_presets_what_the_file_leaves_out(
    board: str, kv: float, ki: float, kp: float, voltage_from: str, driver: str
):
    device = with_presets(socket(board=board, meter={"driver": driver}))
    meter = device.meter
    assert (meter.kv, meter.ki, meter.kp, meter.voltage_from) == (kv, ki, kp, voltage_from)
    assert device.relay.active_high


def test_what_the_file_says_wins_over_the_preset():
    written = {"meter": {"kv": 2.0, "voltage_from": "load"}, "relay": {"active_high": False}}
    device = with_presets(socket(board="direct", **written))
    assert (device.meter.kv, device.meter.ki, device.meter.voltage_from) == (2.0, 1.0, "load")
    assert not device.relay.active_high


def test_a_custom_board_has_no_presets_and_says_what_it_needs():
    device = socket(board="custom", meter={"ki": 2.0})
    assert missing_coefficients(device) == ("kv", "kp")
    assert with_presets(device) is device
    assert missing_coefficients(socket()) == ()


def test_the_owner_of_a_direct_board_is_told_of_the_isolator_first():
    text = notices_of(socket(board="direct"), has_gpiod=False)
    assert "isolator (opto-coupler)" in text.splitlines()[0]
    assert "mandatory" in text.splitlines()[0]


@pytest.mark.parametrize(
    ("driver", "has_gpiod", "clicks"),
    [
        *(("gpiozero", True, True), ("auto", False, True), ("auto", True, False)),
        *(("gpiod", True, False), ("simulated", False, False)),
    ],
)
def test_gpiozero_clicks_the_contact_on_a_restart(driver: str, has_gpiod: bool, clicks: bool):  # noqa: FBT001 -- a column of the table
    text = notices_of(socket(relay={"driver": driver}), has_gpiod=has_gpiod)
    assert ("a restart clicks the contact" in text) is clicks


def test_the_mini_uart_and_an_unknown_voltage_tap_are_pointed_out():
    assert "mini-UART" in notices_of(socket(meter={"port": "/dev/ttyS0"}))
    assert "mini-UART" not in notices_of(socket())
    custom = {"kv": 1, "ki": 1, "kp": 1}
    assert "voltage_from is not set" in notices_of(socket(board="custom", meter=custom))


def test_warnings_of_the_load_come_last():
    assert notices_of(socket()).splitlines() == ["a warning"]
    assert notices_of(socket(meter={"driver": "simulated"})).splitlines() == ["a warning"]


def test_a_rating_whose_strongest_band_the_meter_cannot_show_is_told():
    said = notices_of(socket(protection={"rated_current_a": 16, "rated_power_w": 3680}))
    assert "this meter shows no more than 31 A" in said
    assert "40 A" in said
    assert "no more than" not in notices_of(socket(protection={"rated_current_a": 10}))
