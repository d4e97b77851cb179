"""Inputs that are on or off: by gpiozero's mock pins, and by a kernel in memory."""

import asyncio
import threading

import pytest
from gpiozero.pins.mock import MockFactory
from structlog.testing import capture_logs

from agent.drivers.gpiod_input import GpiodInput
from agent.drivers.gpiozero_input import GpiozeroInput, GpiozeroLevel
from agent.errors import ConfigError, DriverError, LineBusyError
from agent.settings.sensors import InputSensorSettings
from tests.drivers.kernel import Kernel


@pytest.fixture
def factory():
    made = MockFactory()
    yield made
    made.reset()


def section(driver, **keys):
    return InputSensorSettings(driver=driver, **{"pin": "GPIO22", **keys})


def by_gpiozero(factory, **keys):
    return GpiozeroInput(section("gpiozero", **keys), None, make_factory=lambda: factory)


def in_a_thread(*steps):
    def run():
        for step in steps:
            step()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


class Told:
    """Counts what it is told, on which thread."""

    def __init__(self):
        self.threads = []
        self.event = asyncio.Event()

    def __call__(self):
        self.threads.append(threading.current_thread())
        self.event.set()

    async def wait(self):
        async with asyncio.timeout(5):
            await self.event.wait()
        self.event.clear()


# ── gpiozero ────────────────────────────────────────────────────────────────────────────────


async def test_an_edge_of_another_thread_is_told_on_the_loop(factory):
    pin, told = factory.pin("GPIO22"), Told()
    async with by_gpiozero(factory).open() as level:
        level.on_change(told)
        assert await level.measure() is False
        in_a_thread(pin.drive_high)
        await told.wait()
        assert await level.measure() is True
        in_a_thread(pin.drive_low)
        await told.wait()
        assert await level.measure() is False
    assert set(told.threads) == {threading.current_thread()}


async def test_a_flood_of_edges_is_told_once(factory):
    pin, told = factory.pin("GPIO22"), Told()
    async with by_gpiozero(factory).open() as level:
        level.on_change(told)
        in_a_thread(*[pin.drive_high, pin.drive_low] * 500)
        await told.wait()
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
    assert len(told.threads) == 1


@pytest.mark.parametrize(
    ("keys", "is_on"),
    [
        ({"pull": "up"}, False),
        ({"pull": "down"}, False),
        ({"pull": "none"}, False),
        ({"pull": "none", "active_low": True}, True),
    ],
)
async def test_what_means_on_follows_the_pull_or_the_setting(factory, keys, is_on):
    async with by_gpiozero(factory, **keys, debounce_s=0).open() as level:
        assert await level.measure() is is_on


def test_an_edge_after_the_loop_was_closed_is_dropped():
    async def make():
        return GpiozeroLevel(None, "GPIO22")

    level = asyncio.run(make())
    with capture_logs() as logs:
        in_a_thread(level.edge)
    assert [entry["event"] for entry in logs] == ["input.late"]


async def test_an_edge_that_nobody_waits_for_is_dropped(factory):
    pin = factory.pin("GPIO22")
    async with by_gpiozero(factory).open() as level:
        in_a_thread(pin.drive_high)
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        assert await level.measure() is True


async def test_a_pin_that_is_used_twice_says_so(factory):
    async with by_gpiozero(factory).open():
        with pytest.raises(DriverError, match="another part"):
            async with by_gpiozero(factory).open():
                pass


# ── gpiod ───────────────────────────────────────────────────────────────────────────────────


def by_gpiod(kernel, **keys):
    return GpiodInput(section("gpiod", **keys), None, **kernel.lines_only())


async def test_the_kernels_edges_are_told(tmp_path):
    kernel, told = Kernel(tmp_path, "GPIO22"), Told()
    line = kernel.lines["GPIO22"]
    async with by_gpiod(kernel).open() as level:
        level.on_change(told)
        assert await level.measure() is False
        line.move(high=True)
        await told.wait()
        assert await level.measure() is True
    assert not line.is_claimed


async def test_a_line_that_is_pulled_up_is_on_while_it_is_low(tmp_path):
    kernel = Kernel(tmp_path, "GPIO22")
    async with by_gpiod(kernel, pull="up").open() as level:
        assert await level.measure() is False
        kernel.lines["GPIO22"].move(high=False)
        assert await level.measure() is True


async def test_an_unplugged_chip_is_told_and_the_line_can_be_opened_again(tmp_path):
    kernel, told = Kernel(tmp_path, "GPIO22"), Told()
    driver = by_gpiod(kernel)
    async with driver.open() as level:
        level.on_change(told)
        kernel.unplug()
        await told.wait()
        with pytest.raises(DriverError, match="No such device"):
            await level.measure()
        for _ in range(3):
            await asyncio.sleep(0)
        assert len(told.threads) == 1, "a dead descriptor is always readable"
    with pytest.raises(DriverError, match="no line of that name"):
        async with driver.open():
            pass
    kernel.refusal = None
    async with driver.open() as level:
        assert await level.measure() is False


async def test_a_line_that_cannot_be_read_says_why(tmp_path):
    kernel = Kernel(tmp_path, "GPIO22")
    async with by_gpiod(kernel).open() as level:
        kernel.error = OSError(5, "Input/output error")
        with pytest.raises(DriverError, match="Input/output error"):
            await level.measure()
        kernel.lines["GPIO22"].move(high=True)
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        with pytest.raises(DriverError, match="Input/output error"):
            await level.measure()


async def test_a_line_in_use_says_who_has_it(tmp_path):
    kernel = Kernel(tmp_path, "GPIO22")
    async with by_gpiod(kernel).open():
        with pytest.raises(LineBusyError, match="in use by 'polycloud'"):
            async with by_gpiod(kernel).open():
                pass


def test_a_bare_number_is_no_name_of_a_line(tmp_path):
    with pytest.raises(ConfigError, match="lines are found by name"):
        by_gpiod(Kernel(tmp_path, "GPIO22"), pin="22")
