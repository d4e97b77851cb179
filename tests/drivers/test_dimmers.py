"""Dimmers: opened at a level without a blip, driven, and left as they stand."""

import asyncio

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from agent.drivers.gpiozero_dimmer import GpiozeroDimmer
from agent.drivers.led_dimmer import LedDimmer
from agent.drivers.pwm_dimmer import PwmDimmer
from agent.drivers.simulated.dimmer import SimulatedDimmer
from agent.errors import DriverError
from agent.ports import Line
from agent.settings.dimmers import (
    LedDimmerSettings,
    PinDimmerSettings,
    PwmDimmerSettings,
    SimulatedDimmerSettings,
)
from tests.drivers.sysfs import put

# ── a light of the kernel's ─────────────────────────────────────────────────────────────────


def led(tmp_path):
    return LedDimmer(LedDimmerSettings(driver="leds", led="status"), None, folder=tmp_path)


@pytest.fixture
def light(tmp_path):
    folder = tmp_path / "status"
    folder.mkdir()
    put(folder, brightness="0", max_brightness="255", trigger="[none] timer heartbeat")
    return folder


async def test_a_light_is_driven_in_its_own_steps_and_stays(tmp_path, light):
    brightness = light / "brightness"
    async with led(tmp_path).open(level=0.5) as dimmer:
        assert brightness.read_text() == "128"
        assert dimmer.line == Line(driver="sysfs", address=str(brightness), active_high=True)
        dimmer.set(level=0.001)
        assert brightness.read_text() == "1"
        dimmer.set(level=0.0)
        assert brightness.read_text() == "0"
        dimmer.set(level=1.0)
    assert brightness.read_text() == "255"


async def test_a_light_without_a_trigger_is_not_darkened_by_taking_it_away(tmp_path, light):
    (light / "trigger").chmod(0o444)
    before = (light / "trigger").stat().st_mtime_ns
    async with led(tmp_path).open(level=1.0):
        assert (light / "trigger").stat().st_mtime_ns == before
    put(light, trigger="none [heartbeat]")
    async with led(tmp_path).open(level=1.0):
        assert (light / "trigger").read_text() == "none"


async def test_a_light_that_is_not_there_says_which_are(tmp_path, light):
    light.rename(tmp_path / "ACT")
    with pytest.raises(DriverError, match="there are: ACT"):
        async with led(tmp_path).open(level=0.0):
            pass


@pytest.mark.parametrize("text", ["0", "", "many", "-1", "1" * 19])
async def test_a_light_that_has_no_steps_is_refused(tmp_path, light, text):
    put(light, max_brightness=text)
    with pytest.raises(DriverError, match="max_brightness"):
        async with led(tmp_path).open(level=0.0):
            pass


async def test_a_light_that_is_gone_says_so_when_it_is_driven(tmp_path, light):
    async with led(tmp_path).open(level=0.0) as dimmer:
        (light / "brightness").unlink()
        with pytest.raises(DriverError, match="it is not there"):
            dimmer.set(level=1.0)
        assert not (light / "brightness").exists()


# ── pulse-width modulation of the kernel's ──────────────────────────────────────────────────


@pytest.fixture
def chip(tmp_path):
    folder = tmp_path / "pwmchip0"
    folder.mkdir()
    put(folder, npwm="2", export="")
    return folder


def channel(chip, **files):
    folder = chip / "pwm0"
    folder.mkdir()
    put(folder, **{"period": "0", "duty_cycle": "0", "enable": "0", **files})
    return folder


def pwm(tmp_path, chip="pwmchip0", number=0, frequency_hz=1000):
    settings = PwmDimmerSettings(driver="pwm", chip=chip, channel=number, frequency_hz=frequency_hz)
    return PwmDimmer(settings, None, folder=tmp_path, poll_s=0)


def shown(folder):
    return {
        name: (folder / name).read_text().strip() for name in ("period", "duty_cycle", "enable")
    }


async def test_a_new_channel_gets_its_period_its_level_and_is_enabled_last(tmp_path, chip):
    folder = channel(chip)
    async with pwm(tmp_path).open(level=0.25) as dimmer:
        assert shown(folder) == {"period": "1000000", "duty_cycle": "250000", "enable": "1"}
        assert dimmer.line.address == str(folder / "duty_cycle")
        dimmer.set(level=1.0)
    assert shown(folder) == {"period": "1000000", "duty_cycle": "1000000", "enable": "1"}


async def test_a_channel_that_runs_is_only_given_its_level(tmp_path, chip):
    folder = channel(chip, period="1000000", duty_cycle="400000", enable="1")
    times = [(folder / name).stat().st_mtime_ns for name in ("period", "enable")]
    async with pwm(tmp_path).open(level=0.4):
        assert [(folder / name).stat().st_mtime_ns for name in ("period", "enable")] == times
        assert shown(folder)["duty_cycle"] == "400000"


async def test_pulses_longer_than_the_new_period_are_ended_before_it_is_set(tmp_path, chip):
    folder = channel(chip, period="9000000", duty_cycle="9000000", enable="1")
    async with pwm(tmp_path).open(level=1.0):
        assert shown(folder) == {"period": "1000000", "duty_cycle": "1000000", "enable": "1"}


async def test_a_channel_is_exported_and_waited_for(tmp_path, chip):
    with pytest.raises(DriverError, match="it is not there"):
        async with pwm(tmp_path).open(level=0.0):
            pass
    assert (chip / "export").read_text() == "0"


async def test_a_channel_that_appears_late_is_begun_then(tmp_path, chip):
    async with asyncio.TaskGroup() as group:
        asyncio.get_running_loop().call_later(0, channel, chip)

        async def opened():
            async with pwm(tmp_path).open(level=1.0):
                return shown(chip / "pwm0")

        task = group.create_task(opened())
    assert task.result()["duty_cycle"] == "1000000"


async def test_a_chip_may_be_told_by_the_path_that_keeps(tmp_path, chip):
    channel(chip)
    for path in (chip, tmp_path):
        async with pwm(tmp_path / "elsewhere", chip=str(path)).open(level=0.0):
            pass


@pytest.mark.usefixtures("chip")
async def test_a_channel_or_chip_that_is_not_there_says_what_is(tmp_path):
    with pytest.raises(DriverError, match="channels 0 to 1"):
        async with pwm(tmp_path, number=2).open(level=0.0):
            pass
    with pytest.raises(DriverError, match=r"there are: pwmchip0; .*dtoverlay=pwm"):
        async with pwm(tmp_path, chip="pwmchip7").open(level=0.0):
            pass


async def test_a_channel_that_shows_nonsense_is_refused_at_once(tmp_path, chip):
    channel(chip, period="x")
    with pytest.raises(DriverError, match="is no whole number"):
        async with pwm(tmp_path).open(level=0.0):
            pass


# ── a pin ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def factory():
    made = MockFactory(pin_class=MockPWMPin)
    yield made
    made.reset()


def by_gpiozero(factory, pin="GPIO18"):
    settings = PinDimmerSettings(driver="gpiozero", pin=pin)
    return GpiozeroDimmer(settings, None, make_factory=lambda: factory)


async def test_a_pin_is_never_brighter_than_it_is_asked_to_be(factory):
    pin = factory.pin("GPIO18")
    pin.clear_states()
    async with by_gpiozero(factory).open(level=0.25) as dimmer:
        assert max(state.state for state in pin.states) == 0.25
        assert pin.frequency == 200
        assert dimmer.line == Line(driver="gpiozero", address="GPIO18", active_high=True)
        dimmer.set(level=1.0)
        assert pin.state == 1.0
    assert pin.function == "input"


async def test_a_pin_that_does_not_exist_is_named(factory):
    with pytest.raises(DriverError, match="GPIO99"):
        async with by_gpiozero(factory, "GPIO99").open(level=0.0):
            pass


# ── simulated ───────────────────────────────────────────────────────────────────────────────


async def test_a_simulated_dimmer_remembers_and_fails_when_told():
    dimmer = SimulatedDimmer(SimulatedDimmerSettings(driver="simulated"))
    assert dimmer.level == 0.0
    async with dimmer.open(level=0.5):
        dimmer.set(level=0.75)
        dimmer.fails = True
        with pytest.raises(DriverError):
            dimmer.set(level=1.0)
    assert (list(dimmer.history), dimmer.level, dimmer.line) == ([0.5, 0.75], 0.75, None)
