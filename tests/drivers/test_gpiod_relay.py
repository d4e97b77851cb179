"""The relay driver by gpiod, against a chip in memory."""

import errno
import os
from types import SimpleNamespace

import pytest
from gpiod.line import Direction, Value

from agent.drivers.gpio_lines import chip_paths
from agent.drivers.gpiod_relay import GpiodRelay
from agent.errors import ConfigError, DriverError
from agent.ports import Line
from agent.settings.relays import RelaySettings


class FakeRequest:
    def __init__(self, chip, offset, settings):
        self.chip = chip
        self.offset = offset
        self.active_low = settings.active_low
        self.fd = os.open(os.devnull, os.O_RDONLY)
        chip.history.append(self._level(settings.output_value))

    def _level(self, value):
        return (value is Value.ACTIVE) != self.active_low

    def set_value(self, offset, value):
        assert offset == self.offset
        if self.chip.error is not None:
            raise self.chip.error
        self.chip.history.append(self._level(value))

    def release(self):
        self.chip.holder = ""
        os.close(self.fd)


class FakeChip:
    """A chip with named lines; `history` is every level that its one driven line ever had."""

    def __init__(self, *names):
        self.names = names
        self.history = []
        self.holder = ""
        self.consumer = ""
        self.error = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def line_offset_from_id(self, name):
        if name not in self.names:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return self.names.index(name)

    def get_line_info(self, _offset):
        return SimpleNamespace(consumer=self.holder)

    def request_lines(self, config, consumer):
        if self.error is not None:
            raise self.error
        if self.holder:
            raise OSError(errno.EBUSY, "Device or resource busy")
        ((offset, settings),) = config.items()
        assert settings.direction is Direction.OUTPUT
        self.holder = self.consumer = consumer
        return FakeRequest(self, offset, settings)


class Chips(dict):
    """What is in /dev: chips by path; a value that is an error is raised at opening."""

    def open(self, path):
        chip = self[path]
        if isinstance(chip, OSError):
            raise chip
        return chip

    def driver(self, **settings):
        return GpiodRelay(
            RelaySettings(**settings), None, open_chip=self.open, paths=lambda: tuple(self)
        )


async def test_direction_and_level_are_set_in_one_step_wherever_the_line_sits():
    chips = Chips({"/dev/gpiochip0": FakeChip("a"), "/dev/gpiochip3": FakeChip("b", "GPIO17")})
    async with chips.driver(pin="GPIO17").open(on=True) as relay:
        chip = chips["/dev/gpiochip3"]
        assert chip.history == [True]
        assert chip.consumer == "polycloud"
        assert relay.line == Line(driver="gpiod", address="/dev/gpiochip3:1", active_high=True)
        relay.set(on=False)
    assert chip.history == [True, False]
    assert chip.holder == ""


async def test_an_active_low_relay_is_never_at_the_wrong_level():
    chips = Chips({"/dev/gpiochip0": FakeChip("GPIO17")})
    async with chips.driver(pin="GPIO17", active_high=False).open(on=False) as relay:
        assert chips["/dev/gpiochip0"].history == [True]
        assert relay.line is not None
        assert not relay.line.active_high
        relay.set(on=True)
    assert chips["/dev/gpiochip0"].history == [True, False]


def busy(holder):
    chip = FakeChip("GPIO17")
    chip.holder = holder
    return chip


def failing(number):
    chip = FakeChip("GPIO17")
    chip.error = OSError(number, os.strerror(number))
    return chip


DENIED = PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize(
    ("chips", "advice"),
    [
        ({}, "has no /dev/gpiochip"),
        ({"/dev/gpiochip0": FakeChip("a")}, "no line of that name on /dev/gpiochip0: `gpioinfo`"),
        ({"/dev/gpiochip0": DENIED}, "add the agent's user to the group"),
        ({"/dev/gpiochip0": FakeChip("a"), "/dev/gpiochip1": DENIED}, "usermod -aG gpio"),
        ({"/dev/gpiochip0": busy("fan")}, "in use by 'fan'"),
        ({"/dev/gpiochip0": busy("x"), "/dev/gpiochip1": busy("y")}, "both have a line"),
        ({"/dev/gpiochip0": failing(errno.EPERM)}, "no permission"),
        ({"/dev/gpiochip0": failing(errno.EIO)}, "Input/output error"),
        ({"/dev/gpiochip0": OSError(errno.EIO, "Input/output error")}, "Input/output error"),
    ],
)
async def test_each_fault_says_what_to_do(chips, advice):
    with pytest.raises(DriverError, match="GPIO17") as caught:
        async with Chips(chips).driver(pin="GPIO17").open(on=False):
            pass
    assert advice in str(caught.value)


async def test_a_line_that_fails_while_it_is_driven_raises():
    chips = Chips({"/dev/gpiochip0": FakeChip("GPIO17")})
    async with chips.driver(pin="GPIO17").open(on=False) as relay:
        chips["/dev/gpiochip0"].error = OSError(errno.ENODEV, "No such device")
        with pytest.raises(DriverError, match="No such device"):
            relay.set(on=True)


def test_a_bare_number_is_refused_because_it_differs_from_chip_to_chip():
    with pytest.raises(ConfigError, match="'GPIO17'"):
        Chips().driver(pin="17")


def test_a_chip_with_two_names_is_looked_at_once(tmp_path):
    (tmp_path / "gpiochip0").touch()
    (tmp_path / "gpiochip4").symlink_to("gpiochip0")
    assert chip_paths(tmp_path) == (str(tmp_path / "gpiochip0"),)
