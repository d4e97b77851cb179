"""The serial driver against real sockets and a real pty."""

import asyncio
import errno
import os
import pty
import socket
import termios
from contextlib import aclosing, asynccontextmanager, closing

import pytest

from agent.drivers.heard_line import HeardLine
from agent.drivers.hlw8032.frame import Frame, serialize
from agent.drivers.hlw8032.framer import Rejection
from agent.drivers.serial_line import reason, with_parity_checked
from agent.drivers.serial_meter import MOST_WAITING, SerialMeter
from agent.errors import DriverError
from agent.model import Factors, Reading
from agent.settings.meters import MeterSettings


def make(pulses: int) -> bytes:
    frame = Frame(
        state=0x55, update=0x71, vp=187_000, vr=2495, ip=15_830, ir=4000,
        pp=5_115_000, pr=17_664, pulses=pulses, checksum=0,
    )  # fmt: skip
    return serialize(frame)


@asynccontextmanager
async def serving(*pieces: bytes, hangs_up: bool):
    """Serve the same bytes to every connection, then hang up or fall silent."""
    silence = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if not hangs_up:
            await silence.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield SerialMeter(MeterSettings(port=f"socket://127.0.0.1:{port_of(server)}"))
    finally:
        silence.set()
        server.close()
        await server.wait_closed()


def port_of(server: asyncio.Server) -> int:
    return server.sockets[0].getsockname()[1]


async def pulses_until_lost(meter: SerialMeter) -> list[int]:
    seen: list[int] = []
    async with asyncio.timeout(5), aclosing(meter.readings()) as readings:
        with pytest.raises(DriverError):
            await read_to_the_end(readings, seen)
    return seen


async def read_to_the_end(readings, seen: list[int] | None = None) -> None:
    async for reading in readings:
        if seen is not None:
            seen.append(reading.pulses)


async def test_frames_come_through_a_socket_until_the_other_end_hangs_up():
    stream = b"".join(make(n) for n in range(50))
    pieces = [stream[at : at + 7] for at in range(0, len(stream), 7)]
    async with serving(*pieces, hangs_up=True) as meter:
        assert await pulses_until_lost(meter) == list(range(50))
        assert await pulses_until_lost(meter) == list(range(50))


async def test_noise_and_frames_are_counted_since_the_port_was_opened():
    async with serving(b"\x00" * 10, make(1), hangs_up=True) as meter:
        await pulses_until_lost(meter)
        await pulses_until_lost(meter)
        assert (meter.frames, meter.bytes_received) == (1, 34)
        assert meter.rejections[Rejection.NO_HEADER] == 10


async def test_a_reading_carries_the_boards_scale():
    async with (
        serving(make(7), make(8), hangs_up=False) as meter,
        asyncio.timeout(5),
        aclosing(meter.readings()) as readings,
    ):
        await anext(readings)
        reading = await anext(readings)
    assert reading.voltage_v == pytest.approx(230, rel=1e-3)
    assert reading.power_w == pytest.approx(900, rel=1e-3)
    assert reading.pulses == 8


async def test_a_silent_line_raises_nothing_and_ends_cleanly_when_cancelled():
    async with (
        serving(make(7), hangs_up=False) as meter,
        aclosing(meter.readings()) as readings,
    ):
        await anext(readings)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await anext(readings)
        with pytest.raises(StopAsyncIteration):
            await anext(readings)


async def test_a_port_that_is_closed_says_so():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    meter = SerialMeter(MeterSettings(port=f"socket://127.0.0.1:{port}"))
    with pytest.raises(DriverError, match="serial server"):
        await anext(meter.readings())


@pytest.mark.parametrize(
    ("port", "advice"),
    [
        ("/dev/serial/by-id/no-such-meter", "ls -l /dev/serial/by-id"),
        ("/dev/null", "not a serial port"),
        ("socket://127.0.0.1", "socket://host:port"),
        ("wire://x:1", "socket://host:port"),
    ],
)
async def test_a_wrong_port_says_what_to_do(port, advice):
    with pytest.raises(DriverError, match=advice) as caught:
        await anext(SerialMeter(MeterSettings(port=port)).readings())
    assert port in str(caught.value)


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EACCES, "group dialout"),
        (errno.EBUSY, "another program holds the port"),
        (errno.EIO, "Input/output error"),
        (errno.ETIMEDOUT, "check the host's name"),
    ],
)
def test_a_fault_of_the_machine_says_what_to_do(number, advice):
    assert advice in reason(OSError(number, os.strerror(number)))


def test_a_port_that_drops_parity_is_refused():
    with pytest.raises(OSError, match="PARENB"):
        with_parity_checked(0, termios.CS8)
    flags = with_parity_checked(termios.IGNPAR | termios.PARMRK, termios.PARENB)
    assert flags == termios.INPCK


@asynccontextmanager
async def opened_pty(parity: str):
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    os.close(slave)
    meter = SerialMeter(MeterSettings(port=name, parity=parity))
    with closing(os.fdopen(master, "wb", buffering=0)) as line:
        async with asyncio.timeout(5), aclosing(meter.readings()) as readings:
            yield line, meter, readings


async def first_reading(line, readings) -> Reading:
    """Send frames until one comes through: opening a port flushes what came before."""
    first = asyncio.ensure_future(anext(readings))
    while not first.done():
        line.write(make(3))
        await asyncio.wait([first], timeout=0.01)
    return await first


@pytest.mark.parametrize("parity", ["N", "E"])
async def test_frames_come_through_a_pty(parity):
    async with opened_pty(parity) as (line, _, readings):
        assert (await first_reading(line, readings)).pulses == 3


async def test_every_byte_value_passes_a_pty_as_it_is():
    async with opened_pty("N") as (line, meter, readings):
        await first_reading(line, readings)
        before = meter.bytes_received
        line.write(bytes(range(256)))
        line.write(make(9))
        while (await anext(readings)).pulses != 9:
            before += 24  # one that was still under way
        assert meter.bytes_received == before + 256 + 24


async def test_a_second_user_of_the_port_is_told_that_it_is_busy():
    async with opened_pty("N") as (line, meter, readings):
        await first_reading(line, readings)
        with pytest.raises(DriverError, match="another program holds the port"):
            await anext(SerialMeter(meter._settings).readings())


async def test_a_pulled_plug_is_a_lost_meter():
    async with opened_pty("N") as (line, _, readings):
        await first_reading(line, readings)
        line.close()
        with pytest.raises(DriverError, match="lost"):
            await read_to_the_end(readings)


async def test_factors_hold_from_the_next_frame_on_and_across_openings():
    async with serving(make(1), make(2), make(3), hangs_up=False) as meter:
        first = await third_of(meter)
        meter.rescale(Factors(voltage=1.5, current=1.0, power=2.0))
        second = await third_of(meter)
    assert second.voltage_v == pytest.approx((first.voltage_v or 0) * 1.5)
    assert second.current_a == first.current_a
    assert second.pulse_pj == 2 * first.pulse_pj


async def third_of(meter: SerialMeter) -> Reading:
    async with asyncio.timeout(5), aclosing(meter.readings()) as readings:
        await anext(readings)
        await anext(readings)
        return await anext(readings)


# ── listening ───────────────────────────────────────────────────────────────────────────────


async def test_a_listener_gets_every_frame_in_the_callback_that_reads_it():
    stream = b"".join(make(n) for n in range(50))
    pieces = [stream[at : at + 7] for at in range(0, len(stream), 7)]
    seen: list[int] = []
    tasks: set[object] = set()

    def take(reading: Reading) -> None:
        seen.append(reading.pulses)
        tasks.add(asyncio.current_task())

    async with serving(*pieces, hangs_up=True) as meter, asyncio.timeout(5):
        with pytest.raises(DriverError, match="hung up"):
            await meter.listen(take)
        with pytest.raises(DriverError, match="hung up"):
            await meter.listen(take)
    assert seen == [*range(50), *range(50)]
    assert tasks == {None}


async def test_a_bug_of_the_listener_ends_the_listening_with_that_bug():
    def take(_: Reading) -> None:
        raise KeyError("a bug")

    handled: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: handled.append(context.get("exception"))
    )
    async with serving(make(1), make(2), hangs_up=False) as meter, asyncio.timeout(5):
        with pytest.raises(KeyError, match="a bug"):
            await meter.listen(take)
    assert [repr(each) for each in handled] == ["KeyError('a bug')"]


async def test_a_listener_to_a_pty_hears_it_until_the_plug_is_pulled():
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    os.close(slave)
    heard = asyncio.Event()
    meter = SerialMeter(MeterSettings(port=name))
    with closing(os.fdopen(master, "wb", buffering=0)) as line:
        listening = asyncio.ensure_future(meter.listen(lambda _: heard.set()))
        while not heard.is_set():
            line.write(make(3))
            await asyncio.wait([listening], timeout=0.01)
    with pytest.raises(DriverError, match="lost"):
        await listening


async def test_listening_ends_cleanly_when_it_is_cancelled():
    heard = asyncio.Event()
    async with serving(make(7), hangs_up=False) as meter, asyncio.timeout(5):
        listening = asyncio.ensure_future(meter.listen(lambda _: heard.set()))
        await heard.wait()
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening


class Counting:
    """An ear that says when so many frames' bytes have come."""

    def __init__(self, frames: int) -> None:
        self.enough = asyncio.Event()
        self._left = frames * 24

    def opened(self) -> None:
        pass

    def heard(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left <= 0:
            self.enough.set()


async def test_of_readings_that_nobody_asks_for_the_newest_are_kept():
    count = MOST_WAITING + 100
    stream = b"".join(make(n) for n in range(count))
    rest: list[int] = []
    async with (
        serving(make(0), stream, hangs_up=True) as meter,
        asyncio.timeout(5),
        aclosing(meter.readings()) as readings,
    ):
        ear = Counting(count + 1)
        meter.overhear(ear)
        await anext(readings)
        await ear.enough.wait()
        with pytest.raises(DriverError):
            await read_to_the_end(readings, rest)
    assert rest == list(range(100, count))


async def test_what_comes_before_the_line_is_checked_waits_for_that():
    heard: list[bytes] = []
    line = HeardLine(heard.append)
    line.data_received(b"ab")
    assert heard == []
    line.begin()
    assert heard == [b"ab"]
    line.get_buffer(-1)[:2] = b"cd"
    line.buffer_updated(2)
    assert heard == [b"ab", b"cd"]
    line.connection_lost(None)
    line.data_received(b"late")
    assert heard == [b"ab", b"cd"]
    assert not await line.more()
    await line.closed()
    await line.ended()
