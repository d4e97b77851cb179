"""The HLW8032 on a serial port: a tty, /dev/serial/by-id/…, or socket://host:port."""

import asyncio
import errno
import os
import termios
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final, NoReturn
from urllib.parse import urlsplit

import serialx
from serialx.descriptor_transport import DescriptorTransport
from serialx.platforms.serial_posix import PosixSerial

from agent.drivers.heard_line import READ_SIZE, HeardLine
from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.framer import Framer, Rejection
from agent.drivers.hlw8032.hearing import Ear, Hearing
from agent.errors import DriverError
from agent.model import Factors, Reading
from agent.settings.device import MeterSettings

BAUD: Final = 4800
SOCKET: Final = "socket://"
CONNECT_S: Final = 10.0
MOST_WAITING: Final = 512
"""Readings, some fifty seconds, that wait for somebody who asks for them one by one."""

_ADVICE: Final[Mapping[int, str]] = {
    errno.ENOENT: "no such device; plug it in, or look for its name with: ls -l /dev/serial/by-id",
    errno.ENXIO: "nothing answers there; is the UART enabled (raspi-config, dtoverlay)?",
    errno.EACCES: "no permission; add the agent's user to the group dialout, then start it again",
    errno.EBUSY: "another program holds the port; stop it (a serial console? another agent?)",
    errno.ENOTTY: "this is not a serial port; name a tty, or socket://host:port",
    errno.ECONNREFUSED: "the host refused; is its serial server running on this port number?",
}

_NO_PARITY: Final = (
    "the port cannot do even parity, which the meter needs (4800 8E1). /dev/ttyS0 of a Raspberry"
    " Pi is the mini-UART and has none: put dtoverlay=disable-bt into config.txt and use"
    " /dev/ttyAMA0, or a USB adapter"
)


class SerialMeter:
    """A meter whose frames come over a line; nothing is ever sent.

    A silent line raises no event: whoever waits for readings keeps a timer of its own.
    """

    def __init__(self, settings: MeterSettings, thing: object = None) -> None:
        del thing  # the meter is the same for every kind of device
        self._settings = settings
        self._framer = Framer()
        self._configured = Coefficients(kv=settings.kv, ki=settings.ki, kp=settings.kp)
        self._decoder = Decoder(self._configured)
        self._factors = Factors()
        self._ear: Ear | None = None

    @property
    def hearing(self) -> Hearing:
        """How far the bytes have been understood."""
        return Hearing(
            framing=self._framer.framing, decoding=self._decoder.decoding, factors=self._factors
        )

    def overhear(self, ear: Ear | None) -> None:
        """Let *ear* hear every byte from now on; None: nobody."""
        self._ear = ear

    def rescale(self, factors: Factors) -> None:
        """Multiply the configured coefficients by *factors*, from the next frame on."""
        self._factors = factors
        self._decoder.rescale(self._configured.scaled(factors))

    @property
    def frames(self) -> int:
        """How many good frames came since the port was last opened."""
        return self._framer.frames

    @property
    def bytes_received(self) -> int:
        """How many bytes came since then: some without a frame mean noise or a wrong baud rate."""
        return self._framer.offset

    @property
    def rejections(self) -> Mapping[Rejection, int]:
        """How often bytes were no frame since then, by reason."""
        return self._framer.rejections

    async def listen(self, take: Callable[[Reading], None]) -> NoReturn:
        """Open the port and hand *take* a reading a frame; raise `DriverError` when it is lost.

        It is handed over as soon as its bytes are read, before the loop does anything else.
        """
        async with self._listening(take) as line:
            await _until_lost(line, self._settings.port)

    async def readings(self) -> AsyncGenerator[Reading, None]:
        """Open the port and yield a reading a frame; raise `DriverError` when it is lost.

        Of those that nobody asks for the newest are kept.
        """
        waiting: deque[Reading] = deque(maxlen=MOST_WAITING)
        async with self._listening(waiting.append) as line:
            goes_on = True
            while goes_on:
                while waiting:
                    yield waiting.popleft()
                goes_on = await line.more()
            await _until_lost(line, self._settings.port)

    @asynccontextmanager
    async def _listening(self, take: Callable[[Reading], None]) -> AsyncGenerator[HeardLine, None]:
        self._framer = framer = Framer()
        self._decoder = decoder = Decoder(self._configured.scaled(self._factors))

        def hear(data: bytes) -> None:
            if self._ear is not None:
                self._ear.heard(data)
            for sighting in framer.feed(data):
                if sighting.rejection is None:
                    take(decoder.decode(sighting.frame).reading)

        async with _opened(self._settings, HeardLine(hear)) as line:
            if self._ear is not None:
                self._ear.opened()
            line.begin()
            yield line


async def _until_lost(line: HeardLine, port: str) -> NoReturn:
    try:
        await line.ended()
    except OSError as error:
        raise DriverError(f"meter on {port}: lost, {_reason(error)}") from error
    raise DriverError(f"meter on {port}: the other end hung up")


@asynccontextmanager
async def _opened(settings: MeterSettings, line: HeardLine) -> AsyncGenerator[HeardLine, None]:
    """Open the port at 4800 8E1 and check that it took it; close it however this ends."""
    transport = await _open(settings, line)
    try:
        if isinstance(transport, serialx.BaseSerialTransport):
            _check_parity(transport, settings)
        yield line
    finally:
        transport.close()
        await line.closed()


async def _open(settings: MeterSettings, line: HeardLine) -> asyncio.BaseTransport:
    port = settings.port
    try:
        if port.startswith(SOCKET):
            return await _open_socket(port, line)
        return await _open_tty(settings, line)
    except OSError as error:
        # The C library refuses parity with EINVAL when it is all that would have changed.
        cannot_parity = error.errno == errno.EINVAL and settings.parity == "E"
        reason = _NO_PARITY if cannot_parity else _reason(error)
        raise DriverError(f"meter on {port}: {reason}") from error
    except (serialx.SerialException, ValueError) as error:
        raise DriverError(
            f"meter on {port}: {error}; name a tty, /dev/serial/by-id/…, or socket://host:port"
        ) from error


async def _open_tty(settings: MeterSettings, line: HeardLine) -> serialx.BaseSerialTransport:
    transport, _ = await serialx.create_serial_connection(
        asyncio.get_running_loop(),
        lambda: line,
        settings.port,
        BAUD,
        parity=serialx.Parity(settings.parity),
        stopbits=serialx.StopBits.ONE,
    )
    if isinstance(transport, DescriptorTransport):
        transport.max_size = READ_SIZE
    return transport


async def _open_socket(port: str, line: HeardLine) -> asyncio.BaseTransport:
    """Connect to a serial server; asyncio itself reads with less ado than a library around it."""
    place = urlsplit(port)
    if place.hostname is None or place.port is None:
        raise ValueError("host and port are needed")
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(CONNECT_S):
        transport, _ = await loop.create_connection(lambda: line, place.hostname, place.port)
    return transport


def _check_parity(transport: serialx.BaseSerialTransport, settings: MeterSettings) -> None:
    """Make sure that the kernel checks parity; a socket and a pty have none to check."""
    if settings.parity == "N" or not isinstance(transport.serial, PosixSerial):
        return
    descriptor = transport.serial.fileno()
    try:
        if os.ttyname(descriptor).startswith("/dev/pts/"):
            return
        attributes = termios.tcgetattr(descriptor)
        attributes[0] = with_parity_checked(attributes[0], attributes[2])
        termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    except (OSError, termios.error) as error:
        raise DriverError(f"meter on {settings.port}: {_NO_PARITY} ({error})") from error


def with_parity_checked(iflag: int, cflag: int) -> int:
    """Make the input flags check parity; raise `OSError` where the port did not take it.

    A byte with a parity error then arrives as 0x00, which is no header.
    """
    if not cflag & termios.PARENB:
        raise OSError(errno.EINVAL, "PARENB was not taken")
    return (iflag | termios.INPCK) & ~(termios.IGNPAR | termios.PARMRK)


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in 10 s; check the host's name and the network"
    known = _ADVICE.get(error.errno or 0)
    return known or error.strerror or str(error) or type(error).__name__
