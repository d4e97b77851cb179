"""The driver of pulse meters on a simulated GPIO chip, in virtual time."""

import asyncio
import errno
import os
from contextlib import aclosing, asynccontextmanager
from functools import partial

import pytest

from agent.app.following import FollowsContact
from agent.app.readings import Rescales
from agent.drivers.gpio_lines import Found
from agent.drivers.pulse_lines import KEPT_EDGES, PulseInput
from agent.drivers.pulse_meter import PERIOD_S, PulseMeter
from agent.drivers.pulses.scale import CHIPS, Scale
from agent.drivers.simulated.appliances import resistor
from agent.drivers.simulated.plant import Plant
from agent.drivers.simulated.pulse_chip import PulseChip
from agent.drivers.simulated.pulse_gpio import EdgeEvent, PulseGpio
from agent.errors import DriverError, LineBusyError
from agent.loop_clock import LoopClock
from agent.model import COUNTED_HERE, Factors
from agent.registry import find
from agent.settings.meters import PulseMeterSettings

LINES = {"cf": "CF", "cf1": "CF1", "sel": "SEL"}


class Time(LoopClock):
    """Virtual time, in which the chip's edges come while the driver sleeps."""

    def __init__(self) -> None:
        self.at = 500.0
        self.gpio: PulseGpio | None = None

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.gpio.advance(self.at)
        await asyncio.sleep(0)


class Stand:
    """A board on a plant, and the driver that reads it."""

    def __init__(self, driver: str, watts: float = 900.0, **keys: object) -> None:
        self.settings = PulseMeterSettings(
            driver=driver, divider=2351, shunt_mohm=1, **{**LINES, **keys}
        )
        chip, scale = CHIPS[driver], self.settings
        self.time = Time()
        self.plant = Plant(partial(resistor, watts), now=self.time.at)
        self.plant.set_contact(on=True, now=self.time.at)
        self.chip = PulseChip(
            self.plant.at,
            Scale(chip=chip, kv=scale.kv, ki=scale.ki, kp=scale.kp, vref_v=chip.vref_v),
            is_high_voltage=self.settings.is_high_voltage,
            now=self.time.at,
        )
        self.gpio = self.time.gpio = PulseGpio(self.chip)
        self._openings = iter(range(100, 200))
        self.meter = self.driver()

    def driver(self) -> PulseMeter:
        return PulseMeter(
            self.settings,
            open_chip=self.gpio.open_chip,
            paths=self.gpio.paths,
            clock=self.time,
            opening=lambda: next(self._openings),
        )

    @asynccontextmanager
    async def open(self):
        async with aclosing(self.meter.readings()) as readings:
            yield readings


async def turns_until(condition) -> None:
    """Let the loop turn until *condition* holds."""
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never holds")


async def after(readings, count: int):
    for _ in range(count):
        reading = await anext(readings)
    return reading


@pytest.mark.parametrize(
    ("driver", "sel_high"),
    [("hlw8012", None), ("bl0937", None), ("hlw8012", "current"), ("bl0937", "voltage")],
)
async def test_a_kettle_is_measured_whichever_way_sel_is(driver, sel_high):
    stand = Stand(driver, sel_high=sel_high)
    stand.meter.set_contact(on=True)
    async with stand.open() as readings:
        reading = await after(readings, 60)
    assert reading.voltage_v == pytest.approx(230, rel=1e-3)
    assert reading.current_a == pytest.approx(900 / 230, rel=1e-3)
    assert reading.power_w == pytest.approx(900, rel=1e-3)
    assert stand.gpio.claims == {}


@pytest.mark.parametrize("room", [None, 16, 1])
async def test_a_kernel_without_room_for_edges_loses_no_energy(room):
    stand = Stand("bl0937", watts=3680.0)
    stand.gpio.room = room
    async with stand.open() as readings:
        first = await anext(readings)
        reading = await after(readings, 100)
    used_j = 3680 * 100 * PERIOD_S
    counted_j = (reading.pulses - first.pulses) * reading.pulse_pj / 1e12
    assert counted_j == pytest.approx(used_j, abs=2 * reading.pulse_pj / 1e12)
    assert reading.power.value == pytest.approx(3680, rel=0.01)


async def test_every_opening_counts_from_nothing_and_says_so():
    stand = Stand("hlw8012")
    chips = []
    for _ in range(2):
        async with stand.open() as readings:
            first = await anext(readings)
            assert first.pulses == 0
            chips.append((await after(readings, 20)).chip)
    assert chips == [(COUNTED_HERE, 100), (COUNTED_HERE, 101)]


def test_the_agent_tells_it_of_the_contact_and_of_a_calibration():
    meter = Stand("hlw8012").meter
    assert isinstance(meter, FollowsContact)
    assert isinstance(meter, Rescales)


async def test_two_meters_of_a_process_and_of_the_next_are_told_apart():
    make = find("meter", "hlw8012")
    settings = Stand("hlw8012").settings
    assert make(settings, None)._opening() != make(settings, None)._opening()


async def test_a_dead_chip_gives_no_reading_while_the_contact_is_closed():
    stand = Stand("hlw8012")
    stand.meter.set_contact(on=True)
    async with stand.open() as readings:
        await after(readings, 30)
        stand.chip.is_dead = True
        begun = stand.time.at
        waiting = asyncio.ensure_future(after(readings, 40))
        await turns_until(lambda: stand.time.at > begun + 10)
        assert not waiting.done()
        stand.meter.set_contact(on=False)
        reading = await waiting
    assert reading.voltage_v == 0.0


async def test_mains_before_the_relay_must_always_be_there():
    stand = Stand("hlw8012", voltage_from="mains")
    stand.chip.is_dead = True
    async with stand.open() as readings:
        waiting = asyncio.ensure_future(after(readings, 30))
        await turns_until(lambda: stand.time.at > 510)
        assert not waiting.done()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_a_calibration_holds_at_once_and_in_the_next_opening():
    stand = Stand("bl0937")
    async with stand.open() as readings:
        await after(readings, 40)
        stand.meter.rescale(Factors(power=1.5))
        assert (await anext(readings)).power_w == pytest.approx(1350, rel=1e-3)
    async with stand.open() as readings:
        assert (await after(readings, 10)).power_w == pytest.approx(1350, rel=1e-3)


async def test_a_chip_that_is_unplugged_is_a_lost_meter_and_comes_back():
    stand = Stand("hlw8012")
    async with stand.open() as readings:
        await after(readings, 5)
        stand.gpio.error = OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        with pytest.raises(DriverError, match="CF: /dev/gpiochip-simulated: No such device"):
            await after(readings, 3)
    with pytest.raises(DriverError, match="No such device"):
        await anext(stand.meter.readings())
    stand.gpio.error = None
    async with stand.open() as readings:
        assert (await after(readings, 30)).power_w == pytest.approx(900, rel=1e-3)


async def test_a_sel_that_cannot_be_driven_is_a_lost_meter_too():
    stand = Stand("hlw8012")
    async with stand.open() as readings:
        await after(readings, 5)
        sel = stand.gpio.claims[2]

        def refuse(*_: object) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        sel.set_value = refuse
        with pytest.raises(DriverError, match=r"SEL: .*Input/output error"):
            await after(readings, 30)


async def test_a_line_in_use_and_one_that_is_missing_are_told():
    stand = Stand("hlw8012")
    async with stand.open() as readings:
        await anext(readings)
        with pytest.raises(LineBusyError, match="SEL: the line is in use by 'simulated'"):
            await anext(stand.driver().readings())
    missing = Stand("hlw8012", cf1="GPIO99")
    with pytest.raises(DriverError, match="GPIO99: no line of that name"):
        await anext(missing.meter.readings())
    assert missing.gpio.claims == {}


async def test_edges_are_taken_by_the_loop_while_nobody_asks():
    stand = Stand("bl0937", watts=3680.0)
    async with stand.open() as readings:
        await anext(readings)
        stand.gpio.advance(stand.time.at + 0.05)
        watched = stand.gpio.claims[0]
        await turns_until(lambda: not watched.wait_edge_events(0))
        stand.time.at += 0.05
        assert (await anext(readings)).pulses > 80


class Noise:
    """A line on which edges come as fast as they are read; the patience of a test ends."""

    fd = -1

    def __init__(self) -> None:
        self.edges = 0

    def wait_edge_events(self, timeout: float) -> bool:
        del timeout
        assert self.edges < 100 * KEPT_EDGES, "the loop is held for ever"
        return True

    def read_edge_events(self) -> list[EdgeEvent]:
        self.edges += 64
        return [
            EdgeEvent(timestamp_ns=n, line_seqno=n) for n in range(self.edges - 63, self.edges + 1)
        ]


def test_a_line_that_picks_up_noise_does_not_hold_the_loop():
    noise, taken = Noise(), []
    PulseInput(Found(name="CF", chip="c", offset=0), noise, lambda *edge: taken.append(edge)).read()
    assert len(taken) == KEPT_EDGES
