"""A meter's serial line: open it as its chip speaks, read it, and say what is wrong with it."""

import asyncio
import errno
import os
import termios
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, Literal, NoReturn
from urllib.parse import urlsplit

import serialx
from serialx.descriptor_transport import DescriptorTransport
from serialx.platforms.serial_posix import PosixSerial

from agent.drivers.heard_line import READ_SIZE, HeardLine
from agent.errors import DriverError

SOCKET: Final = "socket://"
CONNECT_S: Final = 10.0

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialLine:
    """Where a meter is, and how its UART speaks (8 data bits, one stop bit)."""

    port: str
    baud: int
    parity: Literal["E", "N"]


class OpenLine:
    """The two ends of an open line."""

    def __init__(
        self,
        line: SerialLine,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._line = line
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes:
        """Read what has come, at least one byte; nothing: the other end hung up."""
        try:
            return await self._reader.read(READ_SIZE)
        except OSError as error:
            raise self._lost(error) from error

    def write(self, data: bytes) -> None:
        """Send *data*, unless what was sent before has not left yet."""
        try:
            if not self._writer.transport.get_write_buffer_size():
                self._writer.write(data)
        except OSError as error:
            raise self._lost(error) from error

    def _lost(self, error: OSError) -> DriverError:
        return DriverError(f"meter on {self._line.port}: lost, {reason(error)}")


@asynccontextmanager
async def opened(line: SerialLine) -> AsyncGenerator[OpenLine, None]:
    """Open the port and check that it took its parity; close it however this ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    writer = asyncio.StreamWriter(await _open(line, protocol), protocol, reader, loop)
    try:
        _check_parity(writer.transport, line)
        yield OpenLine(line, reader, writer)
    finally:
        writer.close()
        with suppress(OSError):  # why a lost port was lost has been said
            await writer.wait_closed()


@asynccontextmanager
async def listened_to(
    line: SerialLine, hear: Callable[[bytes], None]
) -> AsyncGenerator[HeardLine, None]:
    """Open the port as `opened` does; *hear* gets its bytes once the line was told to begin."""
    heard = HeardLine(hear)
    transport = await _open(line, heard)
    try:
        _check_parity(transport, line)
        yield heard
    finally:
        transport.close()
        await heard.closed()


async def until_lost(line: SerialLine, heard: HeardLine) -> NoReturn:
    """Wait until a line has ended, and say how."""
    try:
        await heard.ended()
    except OSError as error:
        raise DriverError(f"meter on {line.port}: lost, {reason(error)}") from error
    raise DriverError(f"meter on {line.port}: the other end hung up")


async def _open(line: SerialLine, protocol: asyncio.Protocol) -> asyncio.WriteTransport:
    try:
        if line.port.startswith(SOCKET):
            return await _open_socket(line, protocol)
        return await _open_tty(line, protocol)
    except OSError as error:
        # The C library refuses parity with EINVAL when it is all that would have changed.
        cannot_parity = error.errno == errno.EINVAL and line.parity == "E"
        why = _NO_PARITY if cannot_parity else reason(error)
        raise DriverError(f"meter on {line.port}: {why}") from error
    except (serialx.SerialException, ValueError) as error:
        raise DriverError(
            f"meter on {line.port}: {error}; name a tty, /dev/serial/by-id/…, or socket://host:port"
        ) from error


async def _open_tty(line: SerialLine, protocol: asyncio.Protocol) -> asyncio.WriteTransport:
    transport, _ = await serialx.create_serial_connection(
        asyncio.get_running_loop(),
        lambda: protocol,
        line.port,
        line.baud,
        parity=serialx.Parity(line.parity),
        stopbits=serialx.StopBits.ONE,
    )
    if isinstance(transport, DescriptorTransport):
        transport.max_size = READ_SIZE
    return transport


async def _open_socket(line: SerialLine, protocol: asyncio.Protocol) -> asyncio.WriteTransport:
    """Connect to a serial server; the loop's own transport reads with less ado than another."""
    place = urlsplit(line.port)
    if place.hostname is None or place.port is None:
        raise ValueError("host and port are needed")
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(CONNECT_S):
        transport, _ = await loop.create_connection(lambda: protocol, place.hostname, place.port)
    return transport


def _check_parity(transport: asyncio.WriteTransport, line: SerialLine) -> None:
    """Make sure that the kernel checks parity; a socket and a pty have none to check."""
    serial = transport.get_extra_info("serial")
    if line.parity == "N" or not isinstance(serial, PosixSerial):
        return
    descriptor = serial.fileno()
    try:
        if os.ttyname(descriptor).startswith("/dev/pts/"):
            return
        attributes = termios.tcgetattr(descriptor)
        attributes[0] = with_parity_checked(attributes[0], attributes[2])
        termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    except (OSError, termios.error) as error:
        raise DriverError(f"meter on {line.port}: {_NO_PARITY} ({error})") from error


def with_parity_checked(iflag: int, cflag: int) -> int:
    """Make the input flags check parity; raise `OSError` where the port did not take it.

    A byte with a parity error then arrives as 0x00, which is no header.
    """
    if not cflag & termios.PARENB:
        raise OSError(errno.EINVAL, "PARENB was not taken")
    return (iflag | termios.INPCK) & ~(termios.IGNPAR | termios.PARMRK)


def reason(error: OSError) -> str:
    """Put an error of the kernel into a maker's words."""
    if isinstance(error, TimeoutError):
        return "no answer in 10 s; check the host's name and the network"
    known = _ADVICE.get(error.errno or 0)
    return known or error.strerror or str(error) or type(error).__name__
