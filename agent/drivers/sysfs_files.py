"""The kernel's sensor files: found by the device's name, read, and their errors in plain words."""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.drivers.sysfs_text import LONGEST, is_called, number
from agent.errors import DriverError

MOST_DEVICES: Final = 256
"""So many are looked at; no machine has more."""

_GONE: Final = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO})
_SILENT: Final = frozenset({errno.EIO, errno.ETIMEDOUT, errno.EREMOTEIO, errno.EAGAIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bus:
    """Where the kernel lists devices of one kind: *folder*/*pattern*, each with a `name`."""

    title: str
    folder: Path
    pattern: str
    advice: str
    """What to do where a device is not there."""


def find_device(bus: Bus, wanted: str) -> Path:
    """Find the folder of the device that the kernel calls *wanted*, or whose path it is.

    Its number changes with every start and plug; raise `DriverError` where it is not one.
    """
    folders = _below(Path(wanted), bus) if wanted.startswith("/") else _named(bus, wanted)
    if not folders:
        raise DriverError(_no_device(bus, wanted))
    if len(folders) > 1:
        paths = ", ".join(str(folder.resolve()) for folder in folders)
        raise DriverError(
            f"{wanted}: there are {len(folders)} of that name: write the path of the one that is"
            f" meant: {paths}"
        )
    return folders[0]


def read_bytes(path: Path, most: int = LONGEST + 1) -> bytes:
    """Read a file that the kernel makes up; raise `DriverError`."""
    try:
        with path.open("rb", buffering=0) as file:
            return file.read(most)
    except OSError as error:
        raise DriverError(f"{path}: {_words(error)}") from error


def is_there(path: Path) -> bool:
    """Tell whether a file is there for us."""
    try:
        path.stat()
    except OSError:
        return False
    return True


def read_number(path: Path) -> float:
    """Read the number that a file holds; raise `DriverError`."""
    return parsed(path, number)


def parsed(path: Path, parse: Callable[[bytes], float], most: int = LONGEST + 1) -> float:
    """Read a file by *parse*, which raises `ValueError`; raise `DriverError`."""
    text = read_bytes(path, most)
    try:
        return parse(text)
    except ValueError as error:
        raise DriverError(f"{path}: {error}") from error


def _named(bus: Bus, wanted: str) -> list[Path]:
    return [folder for folder in _listed(bus) if is_called(_name(folder), wanted)]


def _below(path: Path, bus: Bus) -> list[Path]:
    """Find the device at a path: this folder itself, or what it holds of the bus's devices."""
    if path.match(bus.pattern):
        return [path] if path.is_dir() else []
    inner = sorted({*path.glob(bus.pattern), *path.glob(f"*/{bus.pattern}")})
    return [folder for folder in inner if folder.is_dir()]


def _listed(bus: Bus) -> list[Path]:
    return sorted(bus.folder.glob(bus.pattern))[:MOST_DEVICES]


def _name(folder: Path) -> str:
    """Read what the kernel calls a device; a device that goes meanwhile has no name."""
    try:
        return read_bytes(folder / "name", 256).decode("ascii", "replace").strip()
    except DriverError:
        return ""


def _no_device(bus: Bus, wanted: str) -> str:
    names = sorted({name for folder in _listed(bus) if (name := _name(folder))})
    there = ", ".join(names) or "none"
    return f"{wanted}: no {bus.title} device of that name; there are: {there}. {bus.advice}"


def _words(error: OSError) -> str:
    if error.errno in _GONE:
        return "it is not there: is the sensor connected, and its driver loaded?"
    if error.errno in _SILENT:
        return f"the sensor does not answer as it should ({error.strerror}): look at its wiring"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "no permission to read it: give the agent's user the right, by a udev rule"
    return str(error.strerror or error)
