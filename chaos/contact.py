"""Watches the file of a simulated contact: no movement is missed, however short."""

import asyncio
import ctypes
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CLOSE_WRITE: Final = 0x8
MOVED_TO: Final = 0x80
HEADER: Final = struct.Struct("iIII")


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """The contact moved: when (monotonic), and to where."""

    at: float
    on: bool


class Contact:
    """The contact's level, and every movement; *moved* is called at once."""

    def __init__(self, path: Path, moved: Callable[[bool, float], None]) -> None:
        self._path = path
        self._moved = moved
        self.is_closed = False
        self.movements: list[Movement] = []
        self.drives = 0
        self.unseen = 0
        """Drives that another one followed before the file was read: to where, nobody knows."""

    def look(self, drives: int) -> None:
        """Read the file, which has been written *drives* times since the last look."""
        self.drives += drives
        self.unseen += max(0, drives - 1)
        text = self._path.read_text(encoding="ascii").strip() if self._path.exists() else ""
        if text not in {"0", "1"}:  # a writer was killed in the middle: a line keeps its level
            return
        on, now = text == "1", time.monotonic()
        if on != self.is_closed:
            self.is_closed = on
            self.movements.append(Movement(at=now, on=on))
            self._moved(on, now)


@contextmanager
def watching(contact: Contact, path: Path) -> Iterator[None]:
    """Tell *contact* of every write to *path*, while the `with` lasts."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    mask = CLOSE_WRITE | MOVED_TO
    if descriptor < 0 or libc.inotify_add_watch(descriptor, bytes(path.parent), mask) < 0:
        raise OSError(ctypes.get_errno(), "inotify does not watch the contact")
    loop = asyncio.get_running_loop()

    def read() -> None:
        names = list(_names(os.read(descriptor, 65_536)))
        drives = names.count(path.name)
        if drives:
            contact.look(drives)

    loop.add_reader(descriptor, read)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _names(data: bytes) -> Iterator[str]:
    at = 0
    while at < len(data):
        *_, length = HEADER.unpack_from(data, at)
        at += HEADER.size
        yield data[at : at + length].rstrip(b"\0").decode()
        at += length
