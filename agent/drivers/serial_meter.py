"""The HLW8032 on a serial port: a tty, /dev/serial/by-id/…, or socket://host:port."""

import asyncio
import errno
import os
import termios
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

import serialx
from serialx.platforms.serial_posix import PosixSerial

from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.framer import Framer, Rejection
from agent.drivers.hlw8032.hearing import Ear, Hearing
from agent.errors import DriverError
from agent.model import Factors, Reading
from agent.settings.device import MeterSettings

BAUD: Final = 4800
READ_SIZE: Final = 4096

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

    async def readings(self) -> AsyncGenerator[Reading, None]:
        """Open the port and yield a reading a frame; raise `DriverError` when it is lost."""
        settings = self._settings
        self._framer = framer = Framer()
        self._decoder = decoder = Decoder(self._configured.scaled(self._factors))
        async with _opened(settings) as reader:
            if self._ear is not None:
                self._ear.opened()
            while data := await _read(reader, settings.port):
                if self._ear is not None:
                    self._ear.heard(data)
                for sighting in framer.feed(data):
                    if sighting.rejection is None:
                        yield decoder.decode(sighting.frame).reading
        raise DriverError(f"meter on {settings.port}: the other end hung up")


async def _read(reader: asyncio.StreamReader, port: str) -> bytes:
    try:
        return await reader.read(READ_SIZE)
    except OSError as error:
        raise DriverError(f"meter on {port}: lost, {_reason(error)}") from error


@asynccontextmanager
async def _opened(settings: MeterSettings) -> AsyncGenerator[asyncio.StreamReader, None]:
    """Open the port at 4800 8E1 and check that it took it; close it however this ends."""
    reader, writer = await _open(settings)
    try:
        _check_parity(writer.transport, settings)
        yield reader
    finally:
        writer.close()
        with suppress(OSError):  # why a lost port was lost has been said
            await writer.wait_closed()


async def _open(
    settings: MeterSettings,
) -> tuple[asyncio.StreamReader, serialx.SerialStreamWriter[serialx.BaseSerialTransport]]:
    port = settings.port
    try:
        return await serialx.open_serial_connection(
            port,
            BAUD,
            parity=serialx.Parity(settings.parity),
            stopbits=serialx.StopBits.ONE,
        )
    except OSError as error:
        # The C library refuses parity with EINVAL when it is all that would have changed.
        cannot_parity = error.errno == errno.EINVAL and settings.parity == "E"
        reason = _NO_PARITY if cannot_parity else _reason(error)
        raise DriverError(f"meter on {port}: {reason}") from error
    except (serialx.SerialException, ValueError) as error:
        raise DriverError(
            f"meter on {port}: {error}; name a tty, /dev/serial/by-id/…, or socket://host:port"
        ) from error


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
