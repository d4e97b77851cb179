"""Connections to a state file, and transactions on them."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

BUSY_TIMEOUT_S: Final = 2.0


def connect(path: Path, mode: Literal["rwc", "rw", "ro"] = "rwc") -> sqlite3.Connection:
    """Open the file; a text that is no text any more is read as one that proves nothing."""
    address = f"{path.absolute().as_uri()}?mode={mode}"
    database = sqlite3.connect(address, timeout=BUSY_TIMEOUT_S, isolation_level=None, uri=True)
    database.text_factory = _text
    return database


def connect_alone(path: Path) -> sqlite3.Connection:
    """Open a file that nobody writes to for reading; nothing is made beside it."""
    if Path(f"{path}-wal").exists():
        return connect(path, "ro")
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    database = sqlite3.connect(address, isolation_level=None, uri=True)
    database.text_factory = _text
    return database


@contextmanager
def transaction(database: sqlite3.Connection) -> Generator[None]:
    """Do everything within, or nothing."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:  # a full disk may have rolled back by itself
            with suppress(sqlite3.Error):
                database.execute("ROLLBACK")


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
