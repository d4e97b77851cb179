"""`[device.meter]` of every chip: the board's scale, the lines, and what goes together."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.settings.boards import missing_coefficients, with_presets
from agent.settings.device import SocketSettings
from agent.settings.faults import ConfigFaults
from agent.settings.load import load
from agent.settings.meters import Bl0942MeterSettings, MeterSettings, PulseMeterSettings
from agent.settings.notices import notices
from tests.settings.test_boards import notices_of, socket

PINS = {"cf": "GPIO5", "cf1": "GPIO6", "sel": "GPIO13"}
RESISTORS = {"divider": 2351, "shunt_mohm": 1}


def written(tmp_path: Path, meter: str, board: str = "custom", relay: str = "") -> Path:
    path = tmp_path / "a.toml"
    path.write_text(
        f'[device]\nid = "a"\nkind = "socket"\nboard = "{board}"\n[device.meter]\n{meter}\n{relay}'
    )
    return path


def faults(tmp_path: Path, meter: str, board: str = "custom", relay: str = "") -> dict[str, str]:
    with pytest.raises(ConfigFaults) as caught:
        load(written(tmp_path, meter, board, relay), {})
    return {fault.key: str(fault) for fault in caught.value.faults}


def test_resistors_say_the_coefficients():
    meter = PulseMeterSettings(driver="bl0937", divider=2351, shunt_mohm=2, **PINS)
    assert (meter.kv, meter.ki, meter.kp) == pytest.approx((2.351, 0.5, 1.1755))
    assert meter.full_scale_v == pytest.approx(141 * 2.351)
    assert meter.full_scale_a == pytest.approx(17.5)


def test_a_text_of_a_variable_is_a_number_too(tmp_path):
    path = written(tmp_path, 'driver = "bl0942"\nshunt_mohm = 1')
    config = load(path, {"POLYCLOUD_DEVICE__METER__DIVIDER": "2351"})
    assert config.devices[0].device.meter.kv == pytest.approx(2.351)


def test_a_custom_board_is_whole_with_resistors_alone():
    device = socket(board="custom", meter={"driver": "bl0942", **RESISTORS})
    assert missing_coefficients(device) == ()
    partly = socket(board="custom", meter={"driver": "bl0942", "divider": 2351})
    assert missing_coefficients(partly) == ("ki", "kp")


def test_what_was_dumped_can_be_read_again():
    device = socket(board="custom", meter={"driver": "hlw8012", **PINS, **RESISTORS})
    again = SocketSettings.model_validate(with_presets(device).model_dump())
    assert again.meter == device.meter


@pytest.mark.parametrize("driver", ["hlw8032", "cse7766", "cse7759b"])
def test_the_sisters_of_the_frames_have_one_section(driver):
    meter = socket(meter={"driver": driver}).meter
    assert isinstance(meter, MeterSettings)
    assert (meter.driver, meter.parity) == (driver, "E")


@pytest.mark.parametrize(
    ("driver", "sel_high", "is_high_voltage"),
    [
        ("hlw8012", None, True),
        ("bl0937", None, False),
        ("hlw8012", "current", False),
        ("bl0937", "voltage", True),
    ],
)
def test_sel_is_the_other_way_round_on_a_bl0937(driver, sel_high, is_high_voltage):
    meter = PulseMeterSettings(driver=driver, sel_high=sel_high, **PINS)
    assert meter.is_high_voltage is is_high_voltage


@pytest.mark.parametrize(
    ("meter", "key", "allowed"),
    [
        ('driver = "bl0942"\nbaud = 115200', "device.meter.baud", "4800 | 9600"),
        ('driver = "bl0942"\naddress = 4', "device.meter.address", "0 to 3"),
        ('driver = "bl0942"\ncf = "GPIO5"', "device.meter.cf", "hlw8012"),
        ('driver = "bl0937"\ncf1 = "GPIO6"\nsel = "GPIO13"', "device.meter.cf", "a GPIO line"),
        (
            'driver = "bl0937"\ncf = "GPIO5"\ncf1 = "BCM5"\nsel = "GPIO13"',
            "device.meter.cf1",
            "another line than that of cf",
        ),
        ('driver = "bl0942"\ndivider = 0.5', "device.meter.divider", "1 to 100000"),
        ('driver = "bl0942"\ndivider = true', "device.meter.divider", "1 to 100000"),
        ('driver = "bl0942"\nshunt_mohm = "one"', "device.meter.shunt_mohm", "0.1 to 1000"),
        (
            'driver = "bl0942"\ndivider = 2351\nkv = 1.88',
            "device.meter.kv",
            "2.351, which divider says, or kv alone",
        ),
        ('driver = "bl0943"', "device.meter.driver", "bl0942"),
    ],
)
def test_a_fault_says_what_is_allowed(tmp_path, meter, key, allowed):
    found = faults(tmp_path, meter)
    assert allowed in found[key]


def test_what_a_chip_without_a_board_still_needs_is_said(tmp_path):
    found = faults(tmp_path, 'driver = "bl0942"')
    assert set(found) == {"device.meter.kv", "device.meter.ki", "device.meter.kp"}
    assert "divider and shunt_mohm" in found["device.meter.kv"]


@pytest.mark.parametrize("board", ["code504", "direct"])
def test_a_board_with_another_chip_is_refused(tmp_path, board):
    found = faults(tmp_path, 'driver = "bl0942"', board)
    assert '"custom" with driver = "bl0942"' in found["device.board"]


def test_a_bare_number_is_no_line(tmp_path):
    text = 'driver = "bl0937"\ndivider = 2351\nshunt_mohm = 1\n'
    found = faults(tmp_path, f'{text}cf = "5"\ncf1 = "6"\nsel = "GPIO13"')
    assert "did you mean 'GPIO5'?" in found["device.meter.cf"]
    assert "gpioinfo" in found["device.meter.cf1"]


def test_a_line_of_the_meter_is_not_also_the_relays(tmp_path):
    text = 'driver = "bl0937"\ndivider = 2351\nshunt_mohm = 1\n'
    lines = 'cf = "GPIO17"\ncf1 = "GPIO6"\nsel = "GPIO13"'
    assert "a pin of its own" in "".join(faults(tmp_path, text + lines).values())


def test_a_resistor_that_is_no_table_is_left_to_pydantic():
    with pytest.raises(ValidationError):
        Bl0942MeterSettings.model_validate("bl0942")


@pytest.mark.parametrize(
    ("board", "meter", "is_told"),
    [
        ("custom", {"driver": "hlw8012", **PINS, **RESISTORS}, True),
        ("custom", {"driver": "bl0942", **RESISTORS}, True),
        ("custom", {"driver": "cse7766", **RESISTORS}, True),
        ("direct", {"driver": "cse7766"}, True),
        ("custom", {"driver": "hlw8032", "kv": 1, "ki": 1, "kp": 1}, False),
        ("code504", {"driver": "hlw8032"}, False),
    ],
)
def test_a_live_ground_is_told_first(board, meter, is_told):
    text = notices_of(socket(board=board, meter=meter)).splitlines()[0]
    assert ("touching the gateway can kill" in text) is is_told


def test_a_meter_that_cannot_show_the_overvoltage_says_so():
    narrow = {"driver": "bl0942", "divider": 3824.5, "shunt_mohm": 1, "voltage_from": "load"}
    assert "shows no more than 268 V" in notices_of(socket(board="custom", meter=narrow))
    wide = {**narrow, "divider": 4700}
    assert "shows no more" not in notices_of(socket(board="custom", meter=wide))


def test_a_whole_file_of_each_chip_is_right(tmp_path):
    resistors = "divider = 4700\nshunt_mohm = 1\nvoltage_from = 'mains'\n"
    lines = 'cf = "GPIO5"\ncf1 = "GPIO6"\nsel = "GPIO13"\n'
    for driver, more in {"bl0942": "", "hlw8012": lines, "bl0937": lines, "cse7766": ""}.items():
        config = load(written(tmp_path, f'driver = "{driver}"\n{resistors}{more}'), {})
        assert "live ground" in notices(config, has_gpiod=True)[0]
