"""Watches the file of a simulated contact: no movement is missed, however short."""

import asyncio
import ctypes
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MODIFY: Final = 0x2
READ: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """The contact moved: when it was seen (monotonic), and to where."""

    at: float
    on: bool


class Contact:
    """The contact's level, and every movement; *moved* is called with each.

    Each change of level appends one character to the file (`agent.levels`), so that the file is
    the history of the contact.
    """

    def __init__(self, path: Path, moved: Callable[[bool, float], None]) -> None:
        self._path = path
        self._moved = moved
        self._known = 0
        self.is_closed = False
        self.movements: list[Movement] = []

    def look(self) -> None:
        """Take note of what has been appended."""
        levels = self._path.read_text(encoding="ascii") if self._path.exists() else ""
        for level in levels[self._known :]:
            self._note(on=level == "1", at=time.monotonic())
        self._known = len(levels)

    def _note(self, *, on: bool, at: float) -> None:
        if on == self.is_closed:  # the first level of all may be where it stands
            return
        self.is_closed = on
        self.movements.append(Movement(at=at, on=on))
        self._moved(on, at)


@contextmanager
def watching(contact: Contact, folder: Path) -> Iterator[None]:
    """Let *contact* look whenever something is written in *folder*, while the `with` lasts."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if descriptor < 0 or libc.inotify_add_watch(descriptor, bytes(folder), MODIFY) < 0:
        raise OSError(ctypes.get_errno(), "inotify does not watch the contact")
    loop = asyncio.get_running_loop()

    def read() -> None:
        os.read(descriptor, READ)
        contact.look()

    loop.add_reader(descriptor, read)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
