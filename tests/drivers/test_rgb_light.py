"""A light of three pins, by gpiozero's mock pins and by a kernel in memory."""

import errno

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.drivers.gpiod_rgb import GpiodRgb, nearest_of_eight
from agent.drivers.gpiozero_rgb import GpiozeroRgb
from agent.drivers.rgb_light import RgbIndicator
from agent.errors import ConfigError, DriverError
from agent.model import BLACK, Color
from agent.settings.indicator import RgbIndicatorSettings
from tests.drivers.kernel import Kernel

PINS = ("GPIO5", "GPIO6", "GPIO13")
ORANGE = Color(red=255, green=128, blue=0)
DIM_ORANGE = Color(red=26, green=13, blue=0)


def settings(**changes):
    return RgbIndicatorSettings(driver="rgb", **changes)


# ── gpiozero ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def factory():
    made = MockFactory(pin_class=MockPWMPin)
    yield made
    made.reset()


def by_gpiozero(factory, **changes):
    return GpiozeroRgb(settings(**changes), None, make_factory=lambda: factory)


async def test_gpiozero_dims_each_part_by_the_width_of_its_pulses(factory):
    pins = [factory.pin(name) for name in PINS]
    async with by_gpiozero(factory).open() as light:
        assert [pin.state for pin in pins] == [0, 0, 0]
        light.show(ORANGE)
        light.show(ORANGE)
        assert [pin.state for pin in pins] == [1, pytest.approx(128 / 255), 0]
        light.show(BLACK)
        assert [pin.state for pin in pins] == [0, 0, 0]


async def test_a_light_with_a_common_plus_is_inverted(factory):
    pins = [factory.pin(name) for name in PINS]
    async with by_gpiozero(factory, active_high=False).open() as light:
        assert [pin.state for pin in pins] == [1, 1, 1]
        light.show(ORANGE)
        assert [pin.state for pin in pins] == [0, pytest.approx(127 / 255), 1]


async def test_a_pin_that_does_not_exist_is_named(factory):
    with pytest.raises(DriverError, match="GPIO99"):
        async with by_gpiozero(factory, pins=("GPIO5", "GPIO6", "GPIO99")).open():
            pass


def test_gpiozero_is_for_a_raspberry_pi_alone(tmp_path, factory):
    model = tmp_path / "model"
    model.write_text("Orange Pi Zero")
    assert not GpiozeroRgb(settings(), make_factory=lambda: factory, model_file=model).is_present()


# ── gpiod ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def kernel(tmp_path):
    return Kernel(tmp_path, "x", "y", *PINS)


def by_gpiod(kernel, **changes):
    return GpiodRgb(settings(**changes), None, **kernel.lines_only())


def levels(kernel):
    return [kernel.lines[name].levels[-1] for name in PINS]


async def test_gpiod_shows_the_nearest_of_eight_colours_and_says_so_once(kernel):
    with capture_logs() as logs:
        async with by_gpiod(kernel).open() as light:
            assert levels(kernel) == [False, False, False]
            light.show(ORANGE)
            assert levels(kernel) == [True, True, False]
            light.show(DIM_ORANGE)
            light.show(Color(red=0, green=0, blue=3))
            assert levels(kernel) == [False, False, True]
    assert levels(kernel) == [False, False, False]
    assert not any(line.is_claimed for line in kernel.lines.values())
    assert [(e["event"], e["log_level"]) for e in logs] == [("light.eight_colours", "info")]


async def test_lines_that_light_at_the_low_level_start_and_end_high(kernel):
    async with by_gpiod(kernel, active_high=False).open() as light:
        assert levels(kernel) == [True, True, True]
        light.show(ORANGE)
        assert levels(kernel) == [False, False, True]
    assert levels(kernel) == [True, True, True]


async def test_a_line_in_use_gives_the_others_back(kernel):
    async with by_gpiod(kernel, pins=("x", "y", "GPIO13")).open():
        with pytest.raises(DriverError, match="GPIO13: the line is in use"):
            async with by_gpiod(kernel).open():
                pass
        assert not any(kernel.lines[name].is_claimed for name in ("GPIO5", "GPIO6"))


async def test_a_line_that_fails_raises_and_is_set_again(kernel):
    async with by_gpiod(kernel).open() as light:
        kernel.error = OSError(errno.ENODEV, "No such device")
        with pytest.raises(DriverError, match="GPIO5: /dev/gpiochip3: No such device"):
            light.show(ORANGE)
        kernel.error = None
        light.show(ORANGE)
        assert levels(kernel) == [True, True, False]


async def test_a_line_that_does_not_exist_is_named(kernel):
    driver = by_gpiod(kernel, pins=("GPIO5", "GPIO6", "GPIO7"))
    assert not driver.is_present()
    with pytest.raises(DriverError, match="GPIO7: no line of that name"):
        async with driver.open():
            pass


def test_a_bare_number_is_refused(kernel):
    with pytest.raises(ConfigError, match=r"device\.indicator\.pins = '6'"):
        by_gpiod(kernel, pins=("GPIO5", "6", "GPIO13"))


PART = st.integers(0, 255)


@given(PART, PART, PART)
def test_every_colour_but_black_lights_something_and_black_nothing(red, green, blue):
    shown = nearest_of_eight(Color(red=red, green=green, blue=blue))
    assert any(shown) is (max(red, green, blue) > 0)


# ── which ───────────────────────────────────────────────────────────────────────────────────


class Candidate:
    def __init__(self, name, *, is_present):
        self.name, self._is_present = name, is_present

    def __call__(self, *_):
        return self

    def is_present(self):
        return self._is_present

    def open(self):
        return self.name


def loader(**present):
    def load(path):
        name = "gpiozero" if "gpiozero" in path else "gpiod"
        if name not in present:
            raise ImportError(name)
        return Candidate(name, is_present=present[name])

    return load


@pytest.mark.parametrize(
    ("backend", "present", "chosen"),
    [
        ("auto", {"gpiozero": True, "gpiod": True}, "gpiozero"),
        ("auto", {"gpiozero": False, "gpiod": True}, "gpiod"),
        ("auto", {"gpiod": True}, "gpiod"),
        ("gpiod", {"gpiozero": True, "gpiod": True}, "gpiod"),
        ("gpiozero", {"gpiozero": True, "gpiod": True}, "gpiozero"),
    ],
)
def test_the_one_that_dims_comes_first(backend, present, chosen):
    light = RgbIndicator(settings(backend=backend), None, load=loader(**present))
    assert light.open() == chosen


def test_a_named_one_that_is_not_there_is_not_replaced():
    light = RgbIndicator(settings(backend="gpiozero"), None, load=loader(gpiod=True))
    with pytest.raises(DriverError, match=r"GPIO5, GPIO6, GPIO13: .*gpiozero is not installed"):
        light.open()


def test_the_drivers_that_are_shipped_can_be_loaded():
    with pytest.raises(DriverError, match="nowhere"):
        RgbIndicator(settings(pins=("nowhere", "b", "c"))).open()
