"""The simulated meter in real time, through a socket; and the other simulated parts."""

import asyncio
from contextlib import aclosing, closing
from dataclasses import replace

import pytest

from agent.drivers.hlw8032.framer import Framer
from agent.drivers.meter_pump import Retry, pump
from agent.drivers.simulated.button import SimulatedButton
from agent.drivers.simulated.contact import SimulatedRelay
from agent.drivers.simulated.faults import Faults, Line
from agent.drivers.simulated.indicator import SimulatedIndicator
from agent.drivers.simulated.meter import SimulatedMeter
from agent.errors import DriverError
from agent.loop_clock import LoopClock
from agent.model import BLACK, Color, Factors, Reading
from agent.settings.device import ButtonSettings, IndicatorSettings
from agent.settings.meters import SimulatedMeterSettings
from agent.settings.relays import RelaySettings


def meter(**settings) -> SimulatedMeter:
    return SimulatedMeter(SimulatedMeterSettings(driver="simulated", **settings))


async def test_frames_come_in_the_chips_cadence_through_the_serial_driver():
    simulated = meter()
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(10), aclosing(simulated.readings()) as readings:
        await anext(readings)
        start = loop.time()
        for _ in range(10):
            reading = await anext(readings)
    assert loop.time() - start == pytest.approx(1.048, abs=0.1)
    assert reading.power_w == 0.0


async def test_a_board_that_is_not_what_it_says_measures_wrongly_until_it_is_rescaled():
    simulated = meter(kv=3.0, true_kv=3.3, voltage_from="mains")
    volts: list[float] = []
    async with asyncio.timeout(10), aclosing(simulated.readings()) as readings:
        async for reading in readings:
            if reading.voltage_v:
                volts.append(reading.voltage_v)
                if len(volts) > 1:
                    break
                simulated.rescale(Factors(voltage=1.1))
    assert volts == pytest.approx([209.1, 230.0], rel=1e-3)
    async with asyncio.timeout(10), aclosing(simulated.readings()) as readings:
        async for reading in readings:
            if reading.voltage_v:
                break
    assert reading.voltage_v == pytest.approx(230.0, rel=1e-3)


async def test_a_kettle_boils_when_the_contact_closes():
    simulated = meter(load="kettle", voltage_from="mains")
    simulated.set_contact(on=True)
    async with asyncio.timeout(10), aclosing(simulated.readings()) as readings:
        async for reading in readings:
            if reading.power_w and reading.current_a:
                break
    assert reading.power_w == pytest.approx(900, rel=0.01)


async def test_a_pulled_plug_is_put_back_by_the_pump():
    simulated = meter()
    states: list[str | None] = []
    came_back = asyncio.Event()

    def on_state(reason: str | None) -> None:
        states.append(reason)
        if states.count(None) == 2:
            came_back.set()

    def pull(_: Reading) -> None:
        if len(states) == 1:
            simulated.disconnect()

    retry = Retry(least_s=0.0)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        pumping = tasks.create_task(pump(simulated, pull, LoopClock(), on_state, retry=retry))
        await came_back.wait()
        pumping.cancel()
    assert [state is None for state in states] == [True, False, True]


async def test_the_line_is_closed_when_nobody_listens_any_more():
    simulated = meter()
    async with asyncio.timeout(10), aclosing(simulated.readings()) as readings:
        await anext(readings)
        port = simulated._feed.port
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


@pytest.mark.parametrize(
    "faults",
    [
        Faults(drop=0.01),
        Faults(flip=0.01),
        Faults(duplicate=0.01),
        Faults(split=0.2),
        Faults(drop=0.005, flip=0.005, duplicate=0.005, split=0.1),
    ],
)
def test_a_bad_line_costs_frames_but_makes_none_up(faults):
    chip = meter().chip
    whole = chip.frame()
    line = Line(faults, seed=7)
    framer = Framer()
    found = [
        replace(sighting.frame, state=0xF2)  # no checksum covers the state
        for _ in range(500)
        for piece in line.carry(whole)
        for sighting in framer.feed(piece)
        if sighting.rejection is None
    ]
    (only,) = Framer().feed(whole)
    assert len(found) > 300
    assert only.frame.state == 0xF2
    is_harmed = bool(faults.drop or faults.flip or faults.duplicate)
    assert (framer.frames < 500) is is_harmed
    assert set(found) == {only.frame}


def test_a_line_repeats_its_faults_and_can_fall_silent():
    frame = meter().chip.frame()
    faults = Faults(drop=0.1, flip=0.1, fantasy=0.5)
    first, second = Line(faults, seed=3), Line(faults, seed=3)
    assert [first.carry(frame) for _ in range(20)] == [second.carry(frame) for _ in range(20)]
    first.faults = Faults(is_silent=True)
    assert first.carry(frame) == []


def test_fantasy_frames_pass_every_check_but_sense():
    line = Line(Faults(fantasy=1.0))
    (frame,) = line.carry(meter().chip.frame())
    (sighting,) = Framer().feed(frame)
    assert sighting.rejection is None
    assert sighting.frame.pr == 128 or sighting.frame.vr == 464_669


async def test_a_relay_remembers_what_was_done_to_it():
    relay = SimulatedRelay(RelaySettings(driver="simulated"))
    async with relay.open(on=False) as contact:
        contact.set(on=True)
        assert relay.is_on
        relay.fails = True
        with pytest.raises(DriverError):
            contact.set(on=False)
    assert list(relay.history) == [False, True]
    assert relay.line is None


@pytest.mark.parametrize(("active_high", "level"), [(True, "1"), (False, "0")])
async def test_a_relays_level_outlives_the_driver_in_its_file(tmp_path, active_high, level):
    path = tmp_path / "contact"
    settings = RelaySettings(driver="simulated", state_file=str(path), active_high=active_high)
    relay = SimulatedRelay(settings)
    async with relay.open(on=True):
        assert path.read_text() == level
    assert path.read_text() == level
    assert (relay.line.driver, relay.line.address) == ("simulated", str(path))
    assert relay.line.active_high is active_high


async def test_a_state_file_that_cannot_be_written_is_a_driver_error(tmp_path):
    relay = SimulatedRelay(RelaySettings(driver="simulated", state_file=str(tmp_path)))
    with pytest.raises(DriverError, match="cannot write"):
        async with relay.open(on=False):
            pass
    with pytest.raises(DriverError, match="not open"):
        relay.set(on=False)


async def test_a_button_tells_edges_once_and_only_while_open():
    button = SimulatedButton(ButtonSettings(driver="simulated"))
    edges: list[bool] = []
    async with button.open() as opened:
        opened.on_edge(edges.append)
        button.press()
        button.press()
        button.release()
    button.press()
    assert edges == [True, False]


async def test_a_light_is_dark_before_and_after():
    light = SimulatedIndicator(IndicatorSettings(driver="simulated"))
    red = Color(red=255, green=0, blue=0)
    async with light.open() as opened:
        opened.show(red)
        assert light.color == red
    assert light.color == BLACK
    for _ in range(1000):
        light.show(red)
    assert len(light.shown) == 256


async def test_a_reader_that_does_not_read_is_cut_off():
    simulated = meter()
    simulated.line.faults = Faults(is_silent=True)
    async with asyncio.timeout(10), aclosing(simulated.readings()) as readings:
        first = asyncio.ensure_future(anext(readings))
        while simulated._feed is None:
            await asyncio.wait([first], timeout=0.01)
        reader, writer = await asyncio.open_connection("127.0.0.1", simulated._feed.port)
        with closing(writer):
            await asyncio.wait([first], timeout=0.05)
            for connection in tuple(simulated._feed._connections):
                connection.get_protocol().pause_writing()
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(24)
        with pytest.raises(DriverError):
            await first
