"""Copy a state file with its log, from wherever it stands."""

import errno
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from agent.store.connection import connect

TRIES: Final = 5
FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def copy_of(source: Path, draft: Path) -> None:
    """Copy a database into *draft* through SQLite, and leave that without a log."""
    with closing(connect(source, "ro")) as live, closing(connect(draft)) as database:
        live.backup(database)
        database.execute("PRAGMA journal_mode = DELETE")


def copied(source: Path, folder: Path) -> Path:
    """Copy the file and its log byte by byte into *folder*, as they stood at one moment.

    Raise `OSError` where somebody writes to them all the time.
    """
    copy = folder / "copy"
    for _ in range(TRIES):
        before = _stood(source)
        shutil.copyfile(source, copy)
        Path(f"{copy}-wal").unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{source}-wal", f"{copy}-wal")
        if _stood(source) == before:
            return copy
    raise BlockingIOError(errno.EBUSY, os.strerror(errno.EBUSY), str(source))


def is_full(error: OSError | sqlite3.Error) -> bool:
    """Tell a disk without room from other trouble."""
    if isinstance(error, OSError):
        return error.errno in FULL
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL


def _stood(source: Path) -> list[tuple[int, int, int] | None]:
    return [_stat(source), _stat(Path(f"{source}-wal"))]


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
