"""WS2812 lights by spidev, against a bus in memory that knows the kernel's calls."""

import errno
import os
import struct

import pytest
from structlog.testing import capture_logs

from agent.drivers.spi_light import SpiIndicator, SystemFiles
from agent.drivers.ws2812_bits import encode
from agent.errors import DriverError
from agent.model import BLACK, Color
from agent.settings.indicator import SpiIndicatorSettings

RED = Color(red=255, green=10, blue=0)


def iow(number, size):
    """_IOW('k', number, size bytes), built as `linux/ioctl.h` does."""
    return (1 << 30) | (size << 16) | (ord("k") << 8) | number


class Bus:
    """A bus: how it is set, and every message that went out."""

    def __init__(self, path="/dev/spidev0.0"):
        self.path = path
        self.opened = 0
        self.mode, self.bits, self.speed_hz = 3, 0, 500_000
        self.messages = []
        self.errors = {}
        self.loses = 0

    def open(self, path):
        self._fail("open")
        if path != self.path:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        self.opened += 1
        return 7

    def ioctl(self, descriptor, request, argument):
        assert descriptor == 7
        self._fail("ioctl")
        if request == iow(1, 1):
            (self.mode,) = struct.unpack("=B", argument)
        elif request == iow(3, 1):
            (self.bits,) = struct.unpack("=B", argument)
        else:
            assert request == iow(4, 4)
            (self.speed_hz,) = struct.unpack("=I", argument)

    def write(self, descriptor, data):
        assert descriptor == 7
        self._fail("write")
        self.messages.append(data)
        return len(data) - self.loses

    def close(self, descriptor):
        assert descriptor == 7
        self.opened -= 1

    def _fail(self, call):
        number = self.errors.get(call)
        if number is not None:
            raise OSError(number, os.strerror(number))


def indicator(bus, **settings):
    section = SpiIndicatorSettings(driver="spi", **settings)
    return SpiIndicator(section, None, files=bus)


def message(color, *, leds=1, order="GRB", speed_hz=6_400_000):
    return encode(color, leds=leds, order=order, speed_hz=speed_hz)


async def test_the_light_starts_and_ends_dark_and_shows_changes_only():
    bus = Bus()
    async with indicator(bus).open() as light:
        assert (bus.mode, bus.bits, bus.speed_hz) == (0, 8, 6_400_000)
        light.show(RED)
        light.show(RED)
    assert bus.messages == [message(BLACK), message(RED), message(BLACK)]
    assert bus.opened == 0


async def test_bus_speed_order_and_number_are_settings():
    bus = Bus("/dev/spidev1.2")
    settings = {"device": bus.path, "speed_hz": 3_200_000, "order": "RGB", "leds": 64}
    async with indicator(bus, **settings).open() as light:
        assert bus.speed_hz == 3_200_000
        light.show(RED)
    assert bus.messages[1] == message(RED, leds=64, order="RGB", speed_hz=3_200_000)


@pytest.mark.parametrize(
    ("call", "number", "advice"),
    [
        ("open", errno.ENOENT, "dtparam=spi=on"),
        ("open", errno.ENXIO, "dtparam=spi=on"),
        ("open", errno.EACCES, "usermod -aG spi polycloud"),
        ("open", errno.EIO, "Input/output error"),
        ("ioctl", errno.ENOTTY, "this is no SPI bus"),
        ("ioctl", errno.EINVAL, "cannot do 8 bits in mode 0 at 6400000 Hz"),
        ("write", errno.EMSGSIZE, r"spidev\.bufsiz"),
        ("write", errno.ESHUTDOWN, "no such bus"),
    ],
)
async def test_each_fault_says_what_to_do(call, number, advice):
    bus = Bus()
    bus.errors[call] = number
    with pytest.raises(DriverError, match=rf"indicator: /dev/spidev0\.0: .*{advice}"):
        async with indicator(bus).open():
            pass
    assert bus.opened == 0


async def test_a_failed_show_raises_and_the_same_colour_is_tried_again():
    bus = Bus()
    async with indicator(bus).open() as light:
        bus.errors["write"] = errno.EIO
        with pytest.raises(DriverError):
            light.show(RED)
        bus.errors.clear()
        light.show(BLACK)
        assert bus.messages == [message(BLACK)] * 2, "nobody knows what it shows"
        light.show(RED)
        light.show(BLACK)
        bus.loses = 1
        with pytest.raises(DriverError, match="503 of 504 bytes went out"):
            light.show(RED)
        bus.loses = 0
        light.show(RED)
        assert bus.messages[-1] == message(RED)


async def test_a_bus_that_is_gone_at_the_end_does_not_make_the_end_an_error():
    bus = Bus()
    with capture_logs() as logs:
        async with indicator(bus).open() as light:
            light.show(RED)
            bus.errors["write"] = errno.ESHUTDOWN
    assert bus.opened == 0
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("light.left", "debug")]


@pytest.mark.parametrize("make", [lambda path: path.touch(), os.mkfifo, os.mkdir])
async def test_what_is_no_bus_is_told_from_one_by_the_kernel_itself(tmp_path, make):
    path = tmp_path / "spidev0.0"
    make(path)
    settings = SpiIndicatorSettings(driver="spi", device=str(path))
    with pytest.raises(DriverError, match="this is no SPI bus"):
        async with SpiIndicator(settings).open():
            pass


def test_the_systems_calls_reach_a_file(tmp_path):
    path = tmp_path / "bus"
    path.touch()
    files = SystemFiles()
    descriptor = files.open(str(path))
    assert files.write(descriptor, b"abc") == 3
    files.close(descriptor)
    assert path.read_bytes() == b"abc"
