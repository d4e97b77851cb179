"""The BL0942's driver against a chip that answers on a socket and a pty, well and badly."""

import asyncio
import os
import pty
from contextlib import aclosing, asynccontextmanager
from functools import partial

import pytest

from agent.drivers.bl0942.decoder import Scale
from agent.drivers.bl0942.framer import Rejection
from agent.drivers.bl0942.packet import request, serialize
from agent.drivers.bl0942_meter import Bl0942Meter
from agent.drivers.simulated.appliances import resistor
from agent.drivers.simulated.bl0942_chip import Bl0942Chip
from agent.drivers.simulated.bl0942_port import Bl0942Port
from agent.drivers.simulated.faults import Faults, Line
from agent.drivers.simulated.plant import Plant
from agent.errors import DriverError
from agent.model import Factors
from agent.settings.meters import Bl0942MeterSettings

SCALE = Scale(kv=4.7, ki=1.0, kp=4.7)


def settings(port: str, **more: object) -> Bl0942MeterSettings:
    return Bl0942MeterSettings(driver="bl0942", port=port, divider=4700, shunt_mohm=1, **more)


def kettle() -> Bl0942Chip:
    """A chip that has measured 900 W for 30 s."""
    plant = Plant(partial(resistor, 900.0))
    plant.set_contact(on=True, now=0.0)
    chip = Bl0942Chip(plant.at, SCALE)
    chip.advance(30.0)
    return chip


@asynccontextmanager
async def metered(line: Line | None = None, **more: object):
    chip = kettle()
    async with Bl0942Port(chip.packet, line, address=int(more.get("address", 0))) as port:
        meter = Bl0942Meter(settings(port.url, **more))
        async with asyncio.timeout(20), aclosing(meter.readings()) as readings:
            yield port, meter, readings


async def test_each_question_has_an_answer_about_ten_times_a_second():
    async with metered() as (port, _, readings):
        await anext(readings)
        begun, asked = asyncio.get_running_loop().time(), port.questions
        for _ in range(8):
            reading = await anext(readings)
    assert asyncio.get_running_loop().time() - begun == pytest.approx(0.84, abs=0.15)
    assert port.questions - asked == 8
    assert reading.voltage_v == pytest.approx(230, rel=1e-3)
    assert reading.current_a == pytest.approx(900 / 230, rel=1e-3)
    assert reading.power_w == pytest.approx(900, rel=1e-3)
    assert reading.pulses * reading.pulse_pj / 1e12 == pytest.approx(27_000, abs=900)


async def test_a_chip_with_an_address_is_asked_by_it():
    async with metered(address=3, baud=4800) as (_, _, readings):
        assert (await anext(readings)).chip == (0x0942, 3)


@pytest.mark.parametrize(
    "manners", [{"is_silent": True}, {"has_wrong_checksum": True}, {"cut_to": 9}]
)
async def test_a_chip_that_misbehaves_gives_no_reading_until_it_behaves(manners):
    async with metered() as (port, meter, readings):
        await anext(readings)
        for name, value in manners.items():
            setattr(port.manners, name, value)
        waiting = asyncio.ensure_future(anext(readings))
        asked = port.questions
        while port.questions < asked + 4:
            await asyncio.wait([waiting], timeout=0.02)
            if waiting.done():  # one that was under way
                await waiting
                waiting = asyncio.ensure_future(anext(readings))
        assert not waiting.done()
        port.manners = type(port.manners)()
        assert (await waiting).power_w == pytest.approx(900, rel=1e-3)
        assert (meter.rejections[Rejection.BAD_CHECKSUM] > 0) is ("is_silent" not in manners)


@pytest.mark.parametrize(
    "faults", [Faults(drop=0.01), Faults(flip=0.01), Faults(duplicate=0.02), Faults(split=0.3)]
)
async def test_a_bad_line_costs_answers_and_makes_none_up(faults):
    async with metered(Line(faults, seed=5)) as (_, _, readings):
        seen = [await anext(readings) for _ in range(10)]
    for reading in seen:
        assert reading.power.value == pytest.approx(900, rel=1e-3)
        assert reading.voltage.value == pytest.approx(230, rel=1e-3)


async def test_a_pulled_plug_is_a_lost_meter():
    async with metered() as (port, _, readings):
        await anext(readings)
        port.disconnect()
        with pytest.raises(DriverError, match=r"hung up|lost"):
            [_ async for _ in readings]


async def test_factors_hold_from_the_next_answer_on_and_across_openings():
    async with metered() as (port, meter, readings):
        await anext(readings)
        meter.rescale(Factors(power=2.0))
        assert (await anext(readings)).power.value == pytest.approx(1800, rel=1e-3)
        await readings.aclose()
        async with aclosing(Bl0942Meter.readings(meter)) as again:
            assert (await anext(again)).power.value == pytest.approx(1800, rel=1e-3)
        assert port.questions > 2


async def test_a_port_that_is_not_there_says_what_to_do():
    with pytest.raises(DriverError, match="ls -l /dev/serial/by-id"):
        await anext(Bl0942Meter(settings("/dev/no-such-port")).readings())


async def test_answers_come_through_a_pty():
    master, slave = pty.openpty()
    name, chip, loop = os.ttyname(slave), kettle(), asyncio.get_running_loop()
    os.close(slave)

    def answer() -> None:
        if os.read(master, 64).endswith(request(0)):
            os.write(master, serialize(chip.packet()))

    try:
        meter = Bl0942Meter(settings(name))
        async with asyncio.timeout(20), aclosing(meter.readings()) as readings:
            waiting = asyncio.ensure_future(anext(readings))
            while not waiting.done():
                await asyncio.wait([waiting], timeout=0.02)
                loop.add_reader(master, answer)
            assert (await waiting).power.value == pytest.approx(900, rel=1e-3)
    finally:
        loop.remove_reader(master)
        os.close(master)
