"""What is wrong with a state file, and what only with the disk around it."""

import os
import sqlite3
from pathlib import Path
from typing import Final

SURROUNDINGS: Final = frozenset(
    [
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    ]
)
"""What goes wrong around a file; anything else is wrong with the file itself."""


def size_of(path: Path, suffix: str = "") -> int:
    """Tell how large the file is, or one beside it; 0 where there is none."""
    try:
        return Path(f"{path}{suffix}").stat().st_size
    except OSError:
        return 0


def code_of(error: sqlite3.Error) -> int:
    """Give SQLite's own code; a complaint of Python's module has none."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def is_damage(error: sqlite3.Error, path: Path) -> bool:
    """Tell a bad file from a bad disk; a bad header may also read as 'read-only'."""
    code = code_of(error)
    if code == sqlite3.SQLITE_READONLY:
        return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return code not in SURROUNDINGS


def damage(verdict: str) -> sqlite3.DatabaseError:
    """Make the error of a file that is damaged."""
    error = sqlite3.DatabaseError(verdict)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error
