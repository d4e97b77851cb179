"""Coil boards and meters over real pseudo-terminals and sockets, by the real library."""

import asyncio
import time
from contextlib import aclosing, asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.drivers.board_relay import Pace
from agent.drivers.modbus_bus import BUSES, Buses, ModbusBus, read_registers
from agent.drivers.modbus_relay import ModbusRelay
from agent.drivers.pzem_meter import PzemMeter
from agent.drivers.simulated.modbus_line import Mishap, SimulatedModbusLine
from agent.drivers.simulated.modbus_slaves import SimulatedCoilBoard, SimulatedPzem
from agent.drivers.simulated.plant import Supply
from agent.errors import DriverError
from agent.model import Factors
from agent.settings.bus import BusSettings
from agent.settings.meters import PzemSettings
from agent.settings.relays import ModbusRelaySettings
from tests.integration.process import until

KINDS = ("pty", "rtu", "tcp")
BOARD, METER = 2, 1
HEATER = Supply(mains_v=230.0, load_v=230.0, current_a=4.35, power_w=1000.0)
PACE = Pace(check_s=60.0, again_s=0.05, settle_s=2.0)


def pzem() -> SimulatedPzem:
    return SimulatedPzem(lambda _: HEATER, time.monotonic, watt_hours=131_073)


@asynccontextmanager
async def line(kind="pty", **more):
    board = SimulatedCoilBoard(4)
    async with SimulatedModbusLine({METER: pzem(), BOARD: board}, kind=kind, **more) as bus:
        yield bus, board


def relay_of(bus, buses, *, coil=0, pace=PACE, **more):
    settings = ModbusRelaySettings(
        driver="modbus", port=bus.port, address=BOARD, coil=coil, timeout_s=0.2, **more
    )
    return ModbusRelay(settings, buses=buses, pace=pace)


def meter_of(bus, buses, **more):
    settings = PzemSettings(driver="pzem004t", port=bus.port, timeout_s=0.2, **more)
    return PzemMeter(settings, buses=buses)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_coil_stands_where_it_is_set(kind):
    async with line(kind) as (bus, board):
        async with relay_of(bus, Buses(), coil=3).open(on=True) as relay:
            assert board.coils == [False, False, False, True]
            relay.set(on=False)
            await until(lambda: not any(board.coils))
            relay.set(on=True)
            await until(lambda: board.coils[3])
            relay.set(on=False)
        assert not any(board.coils)


async def test_an_inverted_contact_is_closed_while_its_coil_is_off():
    async with line() as (bus, board):
        driver = relay_of(bus, Buses(), inverted=True)
        assert driver.probe(3) is None
        async with driver.open(on=False) as relay:
            assert board.coils[0]
            assert relay.line.active_high is False
            relay.set(on=True)
            await until(lambda: not board.coils[0])


@pytest.mark.parametrize("kind", KINDS)
async def test_a_meter_gives_a_reading_an_answer(kind):
    async with line(kind) as (bus, _), aclosing(meter_of(bus, Buses()).readings()) as readings:
        async with asyncio.timeout(5):
            reading = await anext(readings)
    assert (reading.voltage_v, reading.current_a, reading.power_w) == pytest.approx(
        (230.0, 4.35, 1000.0)
    )
    assert (reading.pulses, reading.modulus) == (131_073, 1 << 32)


async def test_a_meter_measures_with_a_calibrations_factors():
    async with line() as (bus, _):
        meter = meter_of(bus, Buses(), kv=1.1)
        meter.rescale(Factors(voltage=1.1))
        async with aclosing(meter.readings()) as readings, asyncio.timeout(5):
            reading = await anext(readings)
    assert reading.voltage.value == pytest.approx(230.0 * 1.21)


EVERY = [each for each in Mishap if each is not Mishap.NOISE]


@pytest.mark.parametrize("mishap", Mishap)
async def test_one_mishap_is_made_good_and_nobody_is_told(mishap):
    doubts = []
    async with (
        line(late_s=0.25) as (bus, board),
        relay_of(bus, Buses()).open(on=False) as relay,
    ):
        relay.on_doubt(lambda: doubts.append(1))
        bus.mishaps[BOARD].append(mishap)
        relay.set(on=True)
        await until(lambda: board.coils[0])
        assert await relay.settled(5)
        relay.set(on=True)
    assert doubts == []


@pytest.mark.parametrize("mishap", EVERY)
async def test_a_reading_survives_one_mishap(mishap):
    async with line(late_s=0.25) as (bus, _):
        bus.mishaps[METER].append(mishap)
        async with aclosing(meter_of(bus, Buses()).readings()) as readings, asyncio.timeout(5):
            assert (await anext(readings)).power_w == pytest.approx(1000.0)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(Mishap), max_size=4),
    st.lists(st.booleans(), min_size=1, max_size=4),
)
def test_whatever_befalls_the_answers_the_coil_ends_where_it_was_set_last(mishaps, levels):
    async def play():
        async with line(late_s=0.12) as (bus, board):
            pace = Pace(check_s=60, soon_s=0.2, again_s=0.01, settle_s=5)
            settings = ModbusRelaySettings(
                driver="modbus", port=bus.port, address=BOARD, timeout_s=0.06
            )
            driver = ModbusRelay(settings, buses=Buses(), pace=pace)
            async with driver.open(on=False) as relay:
                bus.mishaps[BOARD].extend(mishaps)
                for level in levels:
                    try:
                        relay.set(on=level)
                    except DriverError:
                        continue
                await until(lambda: relay._confirmed is levels[-1] and not relay._is_fresh)
                await until(lambda: board.coils[0] is levels[-1])

    asyncio.run(play())


async def test_a_late_echo_that_seems_to_confirm_a_lost_command_is_found_out():
    async with line(late_s=0.3) as (bus, board):
        pace = Pace(check_s=60, soon_s=0.2, again_s=0.05, settle_s=2)
        async with relay_of(bus, Buses(), pace=pace).open(on=True) as relay:
            await until(lambda: not relay._is_fresh)
            bus.mishaps[BOARD].extend([Mishap.LATE])
            relay.set(on=False)  # its echo comes late: it is sent again, and that is confirmed
            await until(lambda: relay._confirmed is False)
            relay.set(on=True)
            await until(lambda: relay._confirmed is True)
            bus.mishaps[BOARD].extend([Mishap.LOST])
            relay.set(on=False)
            await until(lambda: not board.coils[0])


async def test_a_dead_board_is_told_and_obeys_when_it_is_back():
    doubts = []
    async with line() as (bus, board), relay_of(bus, Buses()).open(on=False) as relay:
        relay.on_doubt(lambda: doubts.append(1))
        bus.silent.add(BOARD)
        relay.set(on=True)
        await until(lambda: doubts)
        with pytest.raises(DriverError, match=r"address 2: no good answer in 0\.2 s"):
            relay.set(on=True)
        bus.silent.clear()
        await until(lambda: board.coils[0])
        await until(lambda: not relay.is_in_doubt)
        relay.set(on=True)


async def test_a_command_overtakes_the_polls_of_silent_meters():
    """Eight meters that do not answer queue up; the command waits for one of them at most."""
    async with line() as (bus, board):
        buses = Buses()
        shared = buses.of(BusSettings(port=bus.port))
        async with (
            relay_of(bus, buses).open(on=False) as relay,
            shared.joined(),
            asyncio.TaskGroup() as group,
        ):
            bus.silent.add(METER)
            bus.log.clear()
            for _ in range(8):
                group.create_task(refused(shared))
            await until(lambda: bus.log)
            relay.set(on=True)
            await until(lambda: board.coils[0])
            asked = list(bus.log)
    assert asked.index((BOARD, 5)) <= 2  # one was under way, and one more may have begun


async def refused(bus: ModbusBus) -> None:
    with pytest.raises(DriverError):
        await read_registers(bus, 10, address=METER, timeout_s=0.1)


async def test_a_refusal_says_what_the_board_means():
    async with line() as (bus, _):
        shared = Buses().of(BusSettings(port=bus.port))
        async with shared.joined():
            with pytest.raises(DriverError, match=r"no such coil or register \(2\)"):
                await shared.ask(
                    lambda client: client.write_coil(99, value=True, device_id=BOARD),
                    address=BOARD,
                    timeout_s=0.5,
                )


async def test_a_coil_that_moved_by_itself_is_put_back():
    async with line() as (bus, board):
        pace = Pace(check_s=0.02, again_s=0.05, settle_s=2)
        async with relay_of(bus, Buses(), pace=pace).open(on=True):
            board.coils[0] = False
            await until(lambda: board.coils[0])


async def test_a_pulled_plug_loses_the_meter():
    async with line() as (bus, _), aclosing(meter_of(bus, Buses()).readings()) as readings:
        async with asyncio.timeout(10):
            await anext(readings)
            bus.unplug()
            with pytest.raises(DriverError, match=r"meter on /dev/pts/\d+"):
                await anext(readings)


async def test_a_connection_that_was_cut_is_made_anew():
    async with line("tcp") as (bus, board), relay_of(bus, Buses()).open(on=False) as relay:
        bus.hang_up()
        relay.set(on=True)
        await until(lambda: board.coils[0])


async def test_a_connection_on_which_nobody_answers_is_made_anew():
    async with line("tcp") as (bus, _):
        shared = Buses().of(BusSettings(port=bus.port))
        async with shared.joined():
            bus.silent.add(METER)
            for _ in range(3):
                await refused(shared)
            assert shared._client is None


@pytest.mark.parametrize(
    ("port", "text"),
    [
        ("/dev/tty-not-there", "no such device; plug it in"),
        ("/dev/null", "port"),
        ("127.0.0.1:1", "no connection; check host, port and network"),
        ("socket://127.0.0.1:1", "no connection"),
    ],
)
async def test_a_port_that_cannot_be_opened_is_told_with_what_to_do(port, text):
    bus = Buses().of(BusSettings(port=port))
    async with bus.joined():
        with pytest.raises(DriverError, match=text) as caught:
            await read_registers(bus, 10, address=1, timeout_s=0.1)
    assert str(caught.value).startswith(port)


async def test_a_port_in_use_is_told():
    async with line() as (bus, _):
        first, second = ModbusBus(BusSettings(port=bus.port)), ModbusBus(BusSettings(port=bus.port))
        async with first.joined(), second.joined():
            await read_registers(first, 10, address=METER, timeout_s=0.5)
            with pytest.raises(DriverError, match="another program holds the port"):
                await read_registers(second, 10, address=METER, timeout_s=0.5)


async def test_parts_on_one_port_share_one_line():
    buses = Buses()
    first = buses.of(BusSettings(port="/dev/ttyUSB7"))
    assert buses.of(BusSettings(port="/dev/ttyUSB7", address=9)) is first
    assert buses.of(BusSettings(port="/dev/ttyUSB8")) is not first
    assert BUSES.of(BusSettings(port="/dev/ttyUSB7")) is not first
