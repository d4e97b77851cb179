"""Listen to the meter's port for a moment, unless a running agent does."""

import errno
import fcntl
import os
import select
import socket
import termios
import time
import tty
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from typing import Final
from urllib.parse import urlsplit

from agent.doctor.facts import LineFacts, PortFacts, PortKind
from agent.drivers.hlw8032.framer import Framer

LISTEN_S: Final = 3.0
ENOUGH_FRAMES: Final = 3
LONGEST: Final = 1 << 16
CONNECT_S: Final = 5.0

_COMPLEMENT: Final = bytes(255 - byte for byte in range(256))


def line_facts(port: PortFacts, parity: str, seconds: float = LISTEN_S) -> LineFacts:
    """Hear what comes over the line, and look for frames in it, also for inverted ones."""
    try:
        with _opened(port, parity) as descriptor:
            received, elapsed = _hear(descriptor, seconds)
    except BlockingIOError:
        return LineFacts(port=port, is_busy=True)
    except (OSError, termios.error) as error:
        return LineFacts(
            port=port,
            is_busy=error.args[0] == errno.EBUSY,
            error=f"{port.port}: {_reason(error.args[0], str(error.args[-1]))}",
        )
    return LineFacts(
        port=port,
        seconds=elapsed,
        received=received,
        frames=_frames(received),
        inverted_frames=_frames(received.translate(_COMPLEMENT)),
    )


def _reason(number: object, text: str) -> str:
    if number == errno.EINVAL:
        return "it cannot do 4800 baud with even parity; use another port or a USB adapter"
    return text.lower()


def _frames(data: bytes) -> int:
    framer = Framer()
    framer.feed(data)
    return framer.frames


@contextmanager
def _opened(port: PortFacts, parity: str) -> Generator[int]:
    if port.kind is PortKind.NETWORK:
        address = urlsplit(port.port)
        where = (address.hostname or "", address.port or 0)
        with socket.create_connection(where, CONNECT_S) as connection:
            yield connection.fileno()
        return
    descriptor = os.open(port.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    with closing(os.fdopen(descriptor, "rb", buffering=0)):
        # The agent's serial driver holds this lock as long as the port is open.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        before = termios.tcgetattr(descriptor)
        try:
            # A pseudo-terminal has no parity to set, and refuses it.
            _set_line(descriptor, "N" if port.kind is PortKind.PSEUDO else parity)
            yield descriptor
        finally:
            termios.tcsetattr(descriptor, termios.TCSANOW, before)


def _set_line(descriptor: int, parity: str) -> None:
    """4800 baud, 8 bits, one stop bit; bytes with a wrong parity are heard as they are."""
    tty.setraw(descriptor, termios.TCSANOW)
    attributes = termios.tcgetattr(descriptor)
    cflag = attributes[2] & ~(termios.CSIZE | termios.PARENB | termios.PARODD | termios.CSTOPB)
    attributes[2] = cflag | termios.CS8 | termios.CREAD | termios.CLOCAL
    if parity == "E":
        attributes[2] |= termios.PARENB
    attributes[4] = attributes[5] = termios.B4800
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    termios.tcflush(descriptor, termios.TCIFLUSH)


def _hear(
    descriptor: int, seconds: float, now: Callable[[], float] = time.monotonic
) -> tuple[bytes, float]:
    """Read until there are frames enough, the time is over, or the other end hangs up."""
    framer = Framer()
    received = bytearray()
    begun = now()
    while framer.frames < ENOUGH_FRAMES and len(received) < LONGEST:
        left = begun + seconds - now()
        readable, _, _ = select.select([descriptor], [], [], max(left, 0))
        data = os.read(descriptor, 4096) if readable else b""
        if not data:
            break
        received += data
        framer.feed(data)
    return bytes(received), now() - begun
