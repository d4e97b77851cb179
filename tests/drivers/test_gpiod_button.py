"""The button driver by gpiod, against a kernel in memory: edges come through the loop."""

import asyncio
import errno
import os

import pytest
from gpiod.line import Bias
from structlog.testing import capture_logs

from agent.drivers.button_auto import AutoButton
from agent.drivers.gpiod_button import REOPEN_S, GpiodButton
from agent.errors import ConfigError, DriverError, LineBusyError
from agent.settings.device import ButtonSettings
from tests.drivers.kernel import EDGES, Kernel

PIN = "GPIO27"


class Timers:
    """Calls that are to come; a test lets them."""

    def __init__(self):
        self.waiting = []

    def __call__(self, delay_s, call):
        assert delay_s == REOPEN_S
        self.waiting.append(call)
        return self

    def cancel(self):
        self.waiting.clear()

    def fire(self):
        self.waiting.pop()()


@pytest.fixture(autouse=True)
async def no_bug_in_a_callback():
    bugs = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: bugs.append(context))
    yield
    assert bugs == []


@pytest.fixture
def kernel(tmp_path):
    return Kernel(tmp_path, "other", PIN)


@pytest.fixture
def line(kernel):
    return kernel.lines[PIN]


def driver(kernel, later=None, **settings):
    section = ButtonSettings(driver="gpiod", pin=PIN, **settings)
    return GpiodButton(section, None, later=later, **kernel.lines_only())


def press(line):
    line.move(high=not line.active_low)


def let_go(line):
    line.move(high=line.active_low)


async def settle():
    """Let the loop look at its descriptors."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_edges_arrive_on_the_loop_in_order(kernel, line):
    edges = []
    async with driver(kernel).open() as button:
        button.on_edge(edges.append)
        press(line)
        let_go(line)
        press(line)
        assert edges == []
        await settle()
        assert edges == [True, False, True]
        let_go(line)
        await settle()
        assert edges == [True, False, True, False]


async def test_after_the_end_the_line_is_free_and_no_edge_arrives(kernel, line):
    edges = []
    async with driver(kernel).open() as button:
        button.on_edge(edges.append)
        press(line)
    assert not line.is_claimed
    await settle()
    assert edges == []


@pytest.mark.parametrize(
    ("settings", "bias", "active_low"),
    [
        ({}, Bias.PULL_UP, True),
        ({"pull": "down"}, Bias.PULL_DOWN, False),
        ({"pull": "none"}, Bias.DISABLED, True),
        ({"pull": "none", "active_low": False}, Bias.DISABLED, False),
        ({"active_low": False}, Bias.PULL_UP, False),
    ],
)
async def test_pull_and_polarity_are_as_the_settings_say(kernel, line, settings, bias, active_low):
    edges = []
    line.levels, line.finger = [active_low], active_low
    async with driver(kernel, **settings).open() as button:
        button.on_edge(edges.append)
        assert (line.bias, line.active_low) == (bias, active_low)
        press(line)
        await settle()
        assert edges == [True]


async def test_a_button_that_is_held_at_the_start_is_ignored_until_it_is_let_go(kernel, line):
    edges = []
    line.finger = False
    with capture_logs() as logs:
        async with driver(kernel).open() as button:
            button.on_edge(edges.append)
            let_go(line)
            await settle()
            assert edges == []
            press(line)
            let_go(line)
            await settle()
            assert edges == [True, False]
    assert [entry["event"] for entry in logs] == ["button.held"]


async def test_where_the_kernel_had_no_room_for_edges_a_press_does_not_become_a_long_one(
    kernel, line
):
    edges = []
    async with driver(kernel).open() as button:
        button.on_edge(edges.append)
        press(line)
        await settle()
        for _ in range(EDGES // 2):
            let_go(line)
            press(line)
        let_go(line)
        await settle()
        assert edges == [True, *[False, True] * (EDGES // 2), False]


async def test_a_chip_that_is_unplugged_is_said_once_and_found_again(kernel, line):
    edges, later = [], Timers()
    with capture_logs() as logs:
        async with driver(kernel, later).open() as button:
            button.on_edge(edges.append)
            kernel.unplug()
            await settle()
            later.fire()
            later.fire()
            kernel.refusal = None
            later.fire()
            press(line)
            await settle()
            assert edges == [True]
            assert later.waiting == []
    told = [entry["event"] for entry in logs if entry["log_level"] != "debug"]
    assert told == ["button.lost", "button.found"]
    assert not line.is_claimed


async def test_a_press_that_a_loss_cuts_short_ends_later_than_any_hold_that_means_something(
    kernel, line
):
    edges, later = [], Timers()
    async with driver(kernel, later).open() as button:
        button.on_edge(edges.append)
        press(line)
        await settle()
        kernel.unplug()
        await settle()
        assert edges == [True]
        later.fire()
        assert edges == [True, False]


async def test_a_button_that_is_held_when_its_chip_comes_back_is_ignored(kernel, line):
    edges, later = [], Timers()
    async with driver(kernel, later).open() as button:
        button.on_edge(edges.append)
        kernel.unplug()
        await settle()
        press(line)
        line.finger = False
        kernel.refusal = None
        later.fire()
        let_go(line)
        await settle()
        assert edges == []


async def test_the_end_of_a_lost_button_looks_no_more(kernel):
    later = Timers()
    async with driver(kernel, later).open():
        kernel.unplug()
        await settle()
        assert later.waiting
    assert later.waiting == []


async def test_a_spurious_wake_up_does_not_hold_the_loop(kernel, line):
    async with driver(kernel).open():
        os.write(line.watcher._far_end, b"?")
        await settle()


async def test_a_line_that_is_in_use_names_its_holder(kernel):
    async with driver(kernel).open():
        kernel.consumer = "fan"
        with pytest.raises(LineBusyError, match="GPIO27: the line is in use by 'fan'"):
            async with driver(kernel).open():
                pass


@pytest.mark.parametrize(
    ("refusal", "advice"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "usermod -aG gpio polycloud"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
    ],
)
async def test_a_chip_that_cannot_be_used_says_why(kernel, refusal, advice):
    kernel.refusal = refusal
    with pytest.raises(DriverError, match=advice):
        async with driver(kernel).open():
            pass


async def test_a_line_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(DriverError, match="GPIO27: no line of that name on /dev/gpiochip3"):
        async with driver(Kernel(tmp_path, "other")).open():
            pass


async def test_a_line_that_cannot_be_read_is_given_back(kernel, line):
    kernel.error = OSError(errno.EIO, "Input/output error")
    with pytest.raises(DriverError, match="Input/output error"):
        async with driver(kernel).open():
            pass
    assert not line.is_claimed


def test_a_bare_number_is_refused():
    with pytest.raises(ConfigError, match=r"device\.button\.pin = '27'"):
        GpiodButton(ButtonSettings(driver="gpiod", pin="27"))


# ── auto ────────────────────────────────────────────────────────────────────────────────────


async def test_auto_takes_gpiod_where_it_knows_the_line(kernel):
    def load(path):
        assert "gpiod_button" in path
        return lambda settings, thing: GpiodButton(settings, thing, **kernel.lines_only())

    settings = ButtonSettings(driver="auto", pin=PIN)
    async with AutoButton(settings, None, load=load).open() as button:
        assert button.is_passed_on is False
        assert kernel.lines[PIN].is_claimed


def test_auto_where_nothing_reaches_the_line_says_what_to_install():
    def load(path):
        raise ImportError(path)

    auto = AutoButton(ButtonSettings(driver="auto"), None, load=load)
    with pytest.raises(DriverError, match=r"GPIO27: .*gpiod is not installed.*--extras gateway"):
        auto.open()


def test_auto_loads_the_drivers_that_are_shipped():
    with pytest.raises(DriverError, match="no such line"):
        AutoButton(ButtonSettings(driver="auto", pin="no such line"), None).open()
