"""An MCP3008 by the real gpiozero, over a bus that answers as the data sheet says."""

import gpiozero
import pytest
from gpiozero.mixins import SharedMixin
from gpiozero.pins import SPI
from gpiozero.pins.mock import MockFactory

from agent.drivers.mcp3008_sensor import Mcp3008Sensor
from agent.errors import DriverError
from agent.settings.sensors import Mcp3008SensorSettings


class Bus(SharedMixin, SPI):
    """The kernel's bus with one chip; `levels` is what its channels convert to."""

    levels: dict[int, int]
    fails = False

    def __init__(self, *, pin_factory, **_):
        super().__init__(pin_factory=pin_factory)
        self._is_open = True

    @classmethod
    def _shared_key(cls, **pins):
        return pins["select_pin"]

    @property
    def closed(self):
        return not self._is_open

    def close(self):
        self._is_open = False
        super().close()

    def transfer(self, data):
        if self.fails:
            raise OSError(5, "SPI transfer error")
        start, control, _ = data
        assert (start, control & 0x8F) == (1, 0x80), "a start bit, then single-ended"
        level = self.levels[control >> 4 & 0b111]
        return [0, level >> 8, level & 0xFF]


class Factory(MockFactory):
    has_bus = True

    def _get_spi_class(self, shared, hardware):
        assert shared
        assert hardware, "the bus is the kernel's"
        if not self.has_bus:
            raise FileNotFoundError(2, "No such file or directory")
        return Bus


@pytest.fixture
def factory():
    made = Factory()
    Bus.levels, Bus.fails = {}, False
    yield made
    made.reset()


def channel(factory, number, **keys):
    settings = Mcp3008SensorSettings(driver="mcp3008", channel=number, **keys)
    return Mcp3008Sensor(settings, None, make_factory=lambda: factory)


async def test_two_channels_of_one_chip_are_read_in_volts(factory):
    Bus.levels = {0: 0, 5: 1023}
    async with channel(factory, 0).open() as low, channel(factory, 5, vref=5.0).open() as high:
        assert await low.measure() == pytest.approx(0, abs=0.002)
        assert await high.measure() == pytest.approx(5.0, rel=0.002)
        Bus.levels[0] = 512
        assert await low.measure() == pytest.approx(1.65, rel=0.01)


async def test_a_transfer_that_fails_says_which_channel(factory):
    async with channel(factory, 3).open() as sensor:
        Bus.fails = True
        with pytest.raises(DriverError, match=r"SPI 0\.0, channel 3: .*transfer error"):
            await sensor.measure()


async def test_a_machine_without_the_bus_says_how_to_make_it(factory):
    factory.has_bus = False
    with pytest.raises(DriverError, match="dtparam=spi=on"):
        async with channel(factory, 3).open():
            pass
    assert gpiozero.Device.pin_factory is None
