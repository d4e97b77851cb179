"""The WS2812 light, with a strip in memory: the library itself would crash off a Pi."""

import pytest

from agent.drivers.ws281x import Ws281xIndicator, make_pixel_strip
from agent.errors import ConfigError, DriverError
from agent.model import Color
from agent.settings.device import IndicatorSettings

RED = Color(red=255, green=10, blue=0)


class FakeStrip:
    def __init__(self, pin, channel):
        self.made = (pin, channel)
        self.pixel = None
        self.shown = []
        self.error = None

    def begin(self):
        self._fail()

    def setPixelColorRGB(self, n, red, green, blue):  # noqa: N802 - the library's name
        assert n == 0
        self.pixel = (red, green, blue)

    def show(self):
        self._fail()
        self.shown.append(self.pixel)

    def _fail(self):
        if self.error is not None:
            raise RuntimeError(self.error)


@pytest.fixture
def a_pi(tmp_path):
    model = tmp_path / "model"
    model.write_bytes(b"Raspberry Pi 4 Model B Rev 1.4\0")
    return model


def indicator(model, strips, error=None, **settings):
    def make(pin, channel):
        strip = FakeStrip(pin, channel)
        strip.error = error
        strips.append(strip)
        return strip

    return Ws281xIndicator(IndicatorSettings(**settings), None, make_strip=make, model_file=model)


async def test_the_light_starts_and_ends_dark_and_shows_changes_only(a_pi):
    strips = []
    async with indicator(a_pi, strips).open() as light:
        light.show(RED)
        light.show(RED)
    assert strips[0].made == (10, 0)
    assert strips[0].shown == [(0, 0, 0), (255, 10, 0), (0, 0, 0)]


async def test_the_strip_gets_the_colour_as_it_is_told_on_the_channel_of_the_pin(a_pi):
    strips = []
    async with indicator(a_pi, strips, brightness=0.5, pin="GPIO13").open() as light:
        light.show(RED)
    assert strips[0].made == (13, 1)
    assert strips[0].shown == [(0, 0, 0), (255, 10, 0), (0, 0, 0)]


async def test_off_a_pi_the_library_is_never_touched(tmp_path):
    strips = []
    other = tmp_path / "model"
    other.write_text("Orange Pi Zero")
    for model in (other, tmp_path / "missing"):
        with pytest.raises(DriverError, match="works on a Raspberry Pi only"):
            async with indicator(model, strips).open():
                pass
    assert strips == []


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("ws2811_init failed with code -3 (Hardware revision is not supported)", "Pi 5"),
        ("ws2811_init failed with code -13 (Unable to initialize SPI)", "dtparam=spi=on"),
        ("ws2811_init failed with code -5 (mmap() failed: /dev/mem)", "needs root"),
        ("ws2811_init failed with code -9 (DMA error)", "DMA error"),
    ],
)
async def test_a_strip_that_does_not_begin_says_what_to_do(a_pi, text, advice):
    with pytest.raises(DriverError, match=advice):
        async with indicator(a_pi, [], error=text).open():
            pass


async def test_a_failed_show_raises_and_the_same_colour_is_tried_again(a_pi):
    strips = []
    async with indicator(a_pi, strips).open() as light:
        strips[0].error = "ws2811_render failed"
        with pytest.raises(DriverError, match="ws2811_render failed"):
            light.show(RED)
        strips[0].error = None
        light.show(RED)
        assert strips[0].shown[-1] == (255, 10, 0)


def test_a_pin_that_the_library_cannot_drive_is_a_configuration_error(a_pi):
    with pytest.raises(ConfigError, match="GPIO10 needs no root"):
        indicator(a_pi, [], pin="GPIO17")


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "rpi_ws281x", None)
    with pytest.raises(DriverError, match="--extras pi"):
        make_pixel_strip(10, 0)
