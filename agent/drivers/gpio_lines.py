"""GPIO lines by name, whatever chip they sit on, and what goes wrong with them in plain words."""

import errno
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import gpiod

from agent.errors import ConfigError, DriverError, LineBusyError

CONSUMER: Final = "polycloud"
OpenChip = Callable[[str], gpiod.Chip]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A line: its name, the path of its chip, and its offset there."""

    name: str
    chip: str
    offset: int


def chip_paths(folder: Path = Path("/dev")) -> tuple[str, ...]:
    """List the GPIO chips of this machine, each once though it may have several names."""
    return tuple(sorted({str(path.resolve()) for path in folder.glob("gpiochip*")}))


def find_line(name: str, open_chip: OpenChip, paths: Iterable[str]) -> Found | None:
    """Find the line of that name; raise `DriverError` where two have it or a chip is closed to us.

    None: every chip was looked at and has no such line.
    """
    found: list[Found] = []
    forbidden: OSError | None = None
    for path in paths:
        try:
            with open_chip(path) as chip:
                found.append(Found(name=name, chip=path, offset=chip.line_offset_from_id(name)))
        except PermissionError as error:
            forbidden = error
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise fault(name, path, error) from error
    if len(found) > 1:
        chips = " and ".join(line.chip for line in found)
        raise DriverError(
            f"{name}: {chips} both have a line of that name, and the wrong one must not be driven:"
            " unplug or rename one of them"
        )
    if not found and forbidden is not None:
        raise fault(name, "/dev/gpiochip*", forbidden) from forbidden
    return found[0] if found else None


def needed_line(name: str, open_chip: OpenChip, paths: Iterable[str]) -> Found:
    """Find the line of that name; raise `DriverError` where there is none, too."""
    looked = tuple(paths)
    found = find_line(name, open_chip, looked)
    if found is None:
        raise _no_such_line(name, looked)
    return found


def request_line(
    found: Found,
    settings: gpiod.LineSettings,
    open_chip: OpenChip,
    *,
    event_buffer_size: int | None = None,
) -> gpiod.LineRequest:
    """Claim one line; raise `DriverError`. The kernel keeps up to *event_buffer_size* edges."""
    try:
        with open_chip(found.chip) as chip:
            try:
                if event_buffer_size is None:
                    return chip.request_lines({found.offset: settings}, consumer=CONSUMER)
                return chip.request_lines(
                    {found.offset: settings},
                    consumer=CONSUMER,
                    event_buffer_size=event_buffer_size,
                )
            except OSError as error:
                holder = chip.get_line_info(found.offset).consumer
                raise fault(found.name, found.chip, error, holder) from error
    except OSError as error:
        raise fault(found.name, found.chip, error) from error


def _no_such_line(name: str, paths: Iterable[str]) -> DriverError:
    """Say where *name* was looked for."""
    looked = ", ".join(paths)
    if not looked:
        return DriverError(
            f"{name}: this machine has no /dev/gpiochip*: it has no GPIO, or its kernel has no"
            ' driver for it; without hardware use driver = "simulated"'
        )
    return DriverError(
        f"{name}: no line of that name on {looked}: `gpioinfo` lists the names of this machine"
    )


def fault(name: str, chip: str, error: OSError, holder: str = "") -> DriverError:
    """Put an error of the kernel into a maker's words; *holder* is who has a busy line."""
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return DriverError(
                f"{name}: no permission for {chip}: add the agent's user to the group that owns it"
                " (`sudo usermod -aG gpio polycloud`, then restart the agent)"
            )
        case errno.EBUSY:
            by = f"by {holder!r}" if holder else "by another program or driver"
            return LineBusyError(
                f"{name}: the line is in use {by} ({chip}): stop that program, or choose"
                " another pin; `gpioinfo` shows who holds what"
            )
        case _:
            return DriverError(f"{name}: {chip}: {error.strerror or error}")


def checked_name(key: str, name: str) -> str:
    """Return *name* unless it is a bare number, whose meaning differs from chip to chip."""
    if name.isdigit():
        raise ConfigError(
            f"{key} = {name!r} is a number; lines are found by name, such as 'GPIO{name}':"
            " `gpioinfo` lists the names of this machine"
        )
    return name
