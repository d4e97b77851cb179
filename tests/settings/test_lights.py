"""The sections of a light and a button: each driver has keys of its own."""

import json
from pathlib import Path

import pytest

from agent.settings.device import IndicatorSettings
from agent.settings.faults import ConfigFaults
from agent.settings.indicator import RgbIndicatorSettings, SpiIndicatorSettings
from agent.settings.light import LightSettings
from agent.settings.load import load
from tests.settings.device_files import DEVICE, faults, only, write

EXAMPLE = Path(__file__).parents[2] / "config" / "socket.toml"
LIGHT = DEVICE + "[device.indicator]\n"
BUTTON = DEVICE + "[device.button]\n"


def light(tmp_path: Path, text: str):
    return load(write(tmp_path, LIGHT + text), {}).devices[0].device.indicator


def test_each_driver_has_defaults_that_work(tmp_path: Path):
    assert light(tmp_path, "") == IndicatorSettings()
    spi = light(tmp_path, 'driver = "spi"\n')
    assert spi == SpiIndicatorSettings(driver="spi")
    assert isinstance(spi, SpiIndicatorSettings)
    assert (spi.device, spi.order, spi.leds) == ("/dev/spidev0.0", "GRB", 1)
    assert light(tmp_path, 'driver = "rgb"\nbrightness = 0.3\n').brightness == 0.3


def test_the_example_shows_every_key_of_the_other_lights_with_its_default(tmp_path: Path):
    lines = EXAMPLE.read_text().splitlines()
    tables = [line.removeprefix("# ") for line in lines if line.startswith("# { driver")]
    assert len(tables) == 2
    for table in tables:
        text = DEVICE + f"indicator = {table}\n"
        found = load(write(tmp_path, text), {}).devices[0].device.indicator
        assert found == type(found).model_validate({"driver": found.driver})
        own = set(type(found).model_fields) - set(LightSettings.model_fields)
        assert found.model_fields_set == own


def test_every_key_can_be_written(tmp_path: Path):
    text = 'driver = "spi"\ndevice = "/dev/spidev1.0"\nspeed_hz = 3_200_000\norder = "RGB"\n'
    assert light(tmp_path, text + "leds = 64\n") == SpiIndicatorSettings(
        driver="spi", device="/dev/spidev1.0", speed_hz=3_200_000, order="RGB", leds=64
    )
    text = 'driver = "rgb"\npins = ["a", "b", "c"]\nactive_high = false\nbackend = "gpiod"\n'
    assert light(tmp_path, text) == RgbIndicatorSettings(
        driver="rgb", pins=("a", "b", "c"), active_high=False, backend="gpiod"
    )


@pytest.mark.parametrize(
    ("text", "key", "allowed", "hint"),
    [
        (
            *('driver = "spy"\n', "driver", "rpi_ws281x | spi | rgb | simulated | none"),
            "did you mean 'spi'?",
        ),
        (
            *('driver = "spi"\npins = []\n', "pins"),
            "driver | brightness | theme | load_steps | night | device | speed_hz | order | leds",
            "'pins' goes with driver = \"rgb\"",
        ),
        (
            *('driver = "rgb"\npin = "GPIO5"\n', "pin"),
            "driver | brightness | theme | load_steps | night | pins | active_high | backend",
            '\'pin\' goes with driver = "rpi_ws281x" or "simulated" or "none"',
        ),
        (
            *('driver = "spi"\ndevise = "/dev/spidev0.0"\n', "devise"),
            "driver | brightness | theme | load_steps | night | device | speed_hz | order | leds",
            "did you mean 'device'?",
        ),
        ('driver = "spi"\nleds = 65\n', "leds", "1 to 64", ""),
        ('driver = "spi"\nleds = 0\n', "leds", "1 to 64", ""),
        (
            'driver = "spi"\nspeed_hz = 2_400_000\n',
            "speed_hz",
            "6400000 | 3200000",
            "did you mean '6400000'?",
        ),
        (
            *('driver = "spi"\ndevice = "spidev0.0"\n', "device"),
            *("the path of a bus, such as /dev/spidev0.0", ""),
        ),
        ('driver = "spi"\norder = "BGR"\n', "order", "GRB | RGB", "did you mean 'GRB'?"),
        (
            *('driver = "rgb"\nbackend = "gpoid"\n', "backend", "auto | gpiozero | gpiod"),
            "did you mean 'gpiod'?",
        ),
    ],
)
def test_a_key_of_another_driver_or_a_wrong_value_is_told(
    tmp_path: Path, text: str, key: str, allowed: str, hint: str
):
    fault = only(write(tmp_path, LIGHT + text))
    assert (fault.key, fault.allowed) == (f"device.indicator.{key}", allowed)
    assert fault.hint == hint


@pytest.mark.parametrize("pins", ['["a", "b"]', '["a", "b", "c", "d"]', '["a", "", "c"]', '"a"'])
def test_a_light_of_pins_has_three(tmp_path: Path, pins: str):
    found = faults(write(tmp_path, LIGHT + f'driver = "rgb"\npins = {pins}\n'))
    assert {fault.key.partition("[")[0] for fault in found} == {"device.indicator.pins"}


def test_a_bare_number_among_the_pins_is_no_line(tmp_path: Path):
    fault = only(write(tmp_path, LIGHT + 'driver = "rgb"\npins = ["GPIO5", "6", "GPIO13"]\n'))
    assert (fault.key, fault.hint) == ("device.indicator.pins[1]", "did you mean 'GPIO6'?")


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        ('driver = "rgb"\npins = ["GPIO17", "a", "b"]\n', "pins[0]", "device.relay.pin has too"),
        ('driver = "rgb"\npins = ["a", "b", "bcm27"]\n', "pins[2]", "device.button.pin has too"),
        ('driver = "rgb"\npins = ["a", "b", "a"]\n', "pins[2]", "device.indicator.pins[0] has too"),
        ('driver = "rpi_ws281x"\npin = "GPIO17"\n', "pin", "device.relay.pin has too"),
    ],
)
def test_a_light_shares_no_pin_with_the_relay_the_button_or_itself(
    tmp_path: Path, text: str, key: str, found: str
):
    fault = only(write(tmp_path, LIGHT + text))
    assert (fault.key, fault.allowed) == (f"device.indicator.{key}", "a pin of its own")
    assert fault.found.endswith(found)


def test_the_first_bus_takes_the_pin_of_its_data(tmp_path: Path):
    text = DEVICE + '[device.relay]\npin = "GPIO10"\n[device.indicator]\ndriver = "spi"\n'
    fault = only(write(tmp_path, text))
    assert fault.key == "device.indicator.device"
    assert fault.found.startswith("GPIO10, the data of /dev/spidev0.0, which ")
    assert load(write(tmp_path, text + 'device = "/dev/spidev1.0"\n'), {})


def test_two_devices_do_not_share_a_bus(tmp_path: Path):
    others = '[device.meter]\ndriver = "simulated"\n[device.relay]\ndriver = "simulated"\n'
    others += '[device.button]\ndriver = "none"\n'
    text = others + '[device.indicator]\ndriver = "spi"\ndevice = "/dev/spidev1.0"\n'
    write(tmp_path, DEVICE + text, "a.toml")
    write(tmp_path, DEVICE.replace("socket-1", "socket-2") + text, "b.toml")
    fault = only(tmp_path)
    assert (fault.key, fault.allowed) == ("device.indicator.device", "a bus of its own")


def test_the_environment_reaches_every_key(tmp_path: Path):
    path = write(tmp_path, DEVICE)
    environ = {
        "POLYCLOUD_DEVICE__INDICATOR__DRIVER": "rgb",
        "POLYCLOUD_DEVICE__INDICATOR__PINS": json.dumps(["a", "b", "c"]),
        "POLYCLOUD_DEVICE__INDICATOR__ACTIVE_HIGH": "false",
    }
    found = load(path, environ).devices[0].device.indicator
    assert found == RgbIndicatorSettings(driver="rgb", pins=("a", "b", "c"), active_high=False)


@pytest.mark.parametrize(
    ("text", "is_active_low"),
    [
        ("", True),
        ('pull = "down"\n', False),
        ('pull = "none"\n', True),
        ('pull = "none"\nactive_low = false\n', False),
        ('driver = "gpiod"\nactive_low = false\n', False),
        ('driver = "gpiod"\npull = "down"\nactive_low = true\n', True),
        ('driver = "auto"\n', True),
    ],
)
def test_a_button_is_pressed_against_its_pull_unless_it_says_otherwise(
    tmp_path: Path, text: str, *, is_active_low: bool
):
    button = load(write(tmp_path, BUTTON + text), {}).devices[0].device.button
    assert button.is_active_low is is_active_low


@pytest.mark.parametrize("driver", ["gpiozero", "auto"])
def test_gpiozero_knows_no_other_polarity_than_that_of_the_pull(tmp_path: Path, driver: str):
    text = f'driver = "{driver}"\npull = "up"\nactive_low = false\n'
    fault = only(write(tmp_path, BUTTON + text))
    assert (fault.line, fault.key, fault.found) == (7, "device.button.active_low", "false")
    assert fault.allowed == 'true with pull = "up", or driver = "gpiod"'


def test_a_line_name_with_a_nul_never_reaches_a_driver(tmp_path: Path):
    text = 'driver = "rgb"\npins = ["a\\u0000", "b", "c"]\n'
    with pytest.raises(ConfigFaults, match=r"device\.indicator\.pins"):
        load(write(tmp_path, LIGHT + text), {})
