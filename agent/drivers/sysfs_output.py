"""Writing to the kernel's files of outputs, and its errors in plain words."""

import errno
import os
from pathlib import Path

from agent.errors import DriverError


def write_text(path: Path, text: str) -> None:
    """Write *text* to a file that is there; raise `DriverError`."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
        try:
            os.write(descriptor, text.encode("ascii"))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise DriverError(f"{path}: {_words(error)}") from error


def read_text(path: Path) -> str:
    """Read a short file; raise `DriverError`."""
    try:
        with path.open("rb", buffering=0) as file:
            return file.read(4096).decode("ascii", "replace").strip()
    except OSError as error:
        raise DriverError(f"{path}: {_words(error)}") from error


def read_whole(path: Path) -> int:
    """Read a whole number of 0 or more; raise `DriverError`."""
    text = read_text(path)
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise DriverError(f"{path}: {text[:64]!r} is no whole number")
    return int(text)


def _words(error: OSError) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENODEV:
            return "it is not there: is the output connected, and its driver loaded?"
        case errno.EACCES | errno.EPERM:
            return "no permission to write it: give the agent's user the right, by a udev rule"
        case errno.EROFS:
            return (
                "the service may not write there: `sudo systemctl edit polycloud-agent`, and under"
                " [Service] ProtectKernelTunables=no"
            )
        case _:
            return str(error.strerror or error)
