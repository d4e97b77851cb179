"""The ways by which the guard opens a line that nobody supervises.

It imports as little as it can, because a relay waits for it.
"""

import errno
import os
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from agent import levels
from agent.errors import DriverError, LineBusyError

COMMAND_TIMEOUT_S: Final = 2


class Line(NamedTuple):
    """One driven line, as the agent wrote it."""

    device: str
    driver: str
    address: str
    active_high: bool
    on_stop: str
    on_crash: str
    kept_as: str = ""


def _write_state_file(line: Line) -> None:
    claim = levels.claim(line.address)
    try:
        levels.drive(claim, high=not line.active_high)
    finally:
        os.close(claim)


def _write_zero(line: Line) -> None:
    """Write a 0 to the kernel's file of an output, which must be there."""
    try:
        descriptor = os.open(line.address, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
        try:
            os.write(descriptor, b"0")
        finally:
            os.close(descriptor)
    except OSError as error:
        raise DriverError(f"{line.address}: {error.strerror}") from error


def _request(line: Line) -> None:
    """Drive the line of a chip with libgpiod's own package, where it is installed."""
    chip, _, offset = line.address.rpartition(":")
    try:
        import gpiod  # noqa: PLC0415 - only a gpiod line pays for it

        settings = gpiod.LineSettings(
            direction=gpiod.line.Direction.OUTPUT,
            output_value=gpiod.line.Value.INACTIVE,
            active_low=not line.active_high,
        )
        gpiod.request_lines(
            chip, config={int(offset): settings}, consumer="polycloud-guard"
        ).release()
    except (OSError, ValueError, ImportError, AttributeError) as error:
        is_busy = isinstance(error, OSError) and error.errno == errno.EBUSY
        raise (LineBusyError if is_busy else DriverError)(f"gpiod: {error}") from error


def _gpioset(line: Line) -> None:
    """Drive the line of a chip with the command of libgpiod 2."""
    chip, _, offset = line.address.rpartition(":")
    _execute("gpioset", "--toggle", "0", "--chip", chip, f"{offset}={_level(line)}")


def _gpioset_1(line: Line) -> None:
    """Drive the line of a chip with the command of libgpiod 1."""
    chip, _, offset = line.address.rpartition(":")
    _execute("gpioset", chip, f"{offset}={_level(line)}")


def _gpioset_by_name(line: Line) -> None:
    _execute("gpioset", "--toggle", "0", f"{line.address}={_level(line)}")


def _pinctrl(line: Line) -> None:
    _execute("pinctrl", "set", _pin_number(line), "op", _drive(line))


def _raspi_gpio(line: Line) -> None:
    _execute("raspi-gpio", "set", _pin_number(line), "op", _drive(line))


def _open_coil(line: Line) -> None:
    from agent.board_ways import open_coil  # noqa: PLC0415 - only a board pays for it

    open_coil(line.address, on=not line.active_high)


def _open_channel(line: Line) -> None:
    from agent.board_ways import open_channel  # noqa: PLC0415 - only a board pays for it

    open_channel(line.address, on=not line.active_high)


WAYS: Final[Mapping[str, tuple[Callable[[Line], None], ...]]] = {
    "simulated": (_write_state_file,),
    "gpiod": (_request, _gpioset, _gpioset_1),
    "gpiozero": (_pinctrl, _raspi_gpio, _gpioset_by_name),
    "sysfs": (_write_zero,),
    "modbus": (_open_coil,),
    "usb_serial": (_open_channel,),
}


def _level(line: Line) -> int:
    return 0 if line.active_high else 1


def _drive(line: Line) -> str:
    return "dl" if line.active_high else "dh"


def _pin_number(line: Line) -> str:
    number = line.address.removeprefix("GPIO")
    if not (number.isascii() and number.isdigit()):
        raise DriverError(f"{line.address} is not a pin like GPIO17")
    return number


def _execute(*command: str) -> None:
    import subprocess  # noqa: PLC0415 - most endings need no command

    try:
        subprocess.run(  # noqa: S603 - a fixed command; its arguments are the agent's own file
            command,
            check=True,
            timeout=COMMAND_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        is_busy = os.strerror(errno.EBUSY) in said
        raise (LineBusyError if is_busy else DriverError)(f"{command[0]}: {said}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DriverError(f"{command[0]}: {error}") from error
