"""How the guard opens a contact of a relay board on a serial line or a network.

It imports as little as it can, because a relay waits for it.
"""

import errno
import fcntl
import os
import select
import termios
import time
from collections.abc import Callable

from agent.drivers.board_bytes import QUERY, lcus, lcus_status, write_coil_rtu, write_coil_tcp
from agent.errors import DriverError, LineBusyError

TRIES = 3
ANSWER_S = 0.25
"""So long an answer is waited for, each time: an answer to a poll of the dead agent may come first,
and a frame of ours may have met it on the wire."""

CONNECT_S = 1.0
MOST_HEARD = 1024
BETWEEN_S = 0.1
"""A USB board takes one command at a time."""

_PARITIES = {
    "N": 0,
    "E": termios.PARENB,
    "O": termios.PARENB | termios.PARODD,
}


def modbus_address(port: str, how: str, address: int, coil: int) -> str:
    """Write what `open_coil` needs: the port comes last, whatever is in it."""
    return f"{address} {coil} {how} {port}"


def lcus_address(port: str, protocol: str, channel: int) -> str:
    """Write what `open_channel` needs."""
    return f"{channel} {protocol} {port}"


def open_coil(address: str, *, on: bool) -> None:
    """Write a coil until the board says that it did; raise `DriverError`."""
    unit, coil, how, port = _parts(address, 4)
    line = _open(port, how)
    try:
        is_tcp = not port.startswith(("/", "socket://"))
        write = write_coil_tcp if is_tcp else write_coil_rtu
        frame = write(_number(unit, 247), _number(coil, 65535), on=on)
        for _ in range(TRIES):
            if frame in _asked(line, frame, lambda heard: frame in heard):
                return
        raise DriverError(f"{port}: no answer of address {unit} to {TRIES} commands")
    finally:
        os.close(line)


def open_channel(address: str, *, on: bool) -> None:
    """Command a channel of an LCUS board, and ask whether it obeyed where it can tell."""
    channel, protocol, port = _parts(address, 3)
    number = _number(channel, 255)
    line = _open(port, "9600N")
    try:
        for _ in range(TRIES):
            _write(line, lcus(number, on=on))
            time.sleep(BETWEEN_S)
            if protocol != "lcus_status":
                continue
            heard = _asked(line, QUERY, lambda heard: number in lcus_status(heard))
            if lcus_status(heard).get(number) is on:
                return
        if protocol == "lcus_status":
            raise DriverError(f"{port}: channel {number} does not say that it obeyed")
    finally:
        os.close(line)


def _asked(line: int, request: bytes, is_enough: Callable[[bytes], bool]) -> bytes:
    """Send *request*, and hear what comes until it is enough or the time is over."""
    _write(line, request)
    heard = b""
    give_up_at = time.monotonic() + ANSWER_S
    while not is_enough(heard):
        left_s = give_up_at - time.monotonic()
        if left_s <= 0 or not select.select([line], [], [], left_s)[0]:
            break
        try:
            data = os.read(line, MOST_HEARD)
        except BlockingIOError:
            continue
        except OSError as error:
            raise DriverError(f"the line is lost: {error.strerror}") from error
        if not data or len(heard) > MOST_HEARD:
            break
        heard += data
    return heard


def _write(line: int, data: bytes) -> None:
    try:
        os.write(line, data)
    except OSError as error:
        raise DriverError(f"the line cannot be written: {error.strerror}") from error


def _open(port: str, how: str) -> int:
    """Open the line as it was used; raise `LineBusyError` where another process has it."""
    if not port.startswith("/"):
        return _connect(port)
    try:
        line = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _failed(port, error) from error
    try:
        fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _configure(line, how)
    except (OSError, termios.error) as error:
        os.close(line)
        raise _failed(port, error) from error
    return line


def _configure(line: int, how: str) -> None:
    """Make it raw, with the speed and parity of *how* ('9600N'), and drop what has come."""
    speed = getattr(termios, f"B{how[:-1]}", termios.B9600)
    control = termios.CS8 | termios.CREAD | termios.CLOCAL | _PARITIES.get(how[-1:], 0)
    attributes = termios.tcgetattr(line)
    attributes[:6] = [0, 0, control, 0, speed, speed]
    termios.tcsetattr(line, termios.TCSANOW, attributes)
    termios.tcflush(line, termios.TCIOFLUSH)


def _connect(port: str) -> int:
    import socket  # noqa: PLC0415 - only a line on the network pays for it

    host, _, number = port.removeprefix("socket://").rpartition(":")
    address = (host.strip("[]"), _number(number, 65535))
    try:
        with socket.create_connection(address, CONNECT_S) as connection:
            connection.setblocking(False)  # noqa: FBT003 - the library's own
            return connection.detach()
    except OSError as error:
        raise DriverError(f"{port}: {error.strerror or error}") from error


def _failed(port: str, error: Exception) -> DriverError:
    number = error.args[0] if error.args else 0
    is_busy = number in (errno.EBUSY, errno.EAGAIN)
    return (LineBusyError if is_busy else DriverError)(f"{port}: {error.args[-1]}")


def _parts(address: str, count: int) -> list[str]:
    parts = address.split(" ", count - 1)
    if len(parts) != count:
        raise DriverError(f"{address!r} is no contact of a relay board")
    return parts


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        raise DriverError(f"{text!r} is no number up to {most}")
    return int(text)
