"""The state file: one SQLite file, used by one thread, that outlives power cuts and damage."""

import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog

from agent.errors import StoreError

log = structlog.get_logger()

SCHEMA_VERSION: Final = 1
BUSY_TIMEOUT_S: Final = 2.0
RUNS_KEPT: Final = 100

SCHEMA: Final = """
CREATE TABLE device (
    id TEXT PRIMARY KEY,
    saved TEXT NOT NULL,
    saved_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    boot_id TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    is_clean_stop INTEGER NOT NULL
);
"""
WALL_TIME: Final = "CAST(strftime('%s', 'now') AS INTEGER)"
SAVE_DEVICE: Final = f"""
INSERT INTO device (id, saved, saved_at) VALUES (?, ?, {WALL_TIME})
ON CONFLICT (id) DO UPDATE SET saved = excluded.saved, saved_at = excluded.saved_at
"""  # noqa: S608 - a constant of this module
SAVE_RUN: Final = f"""
INSERT INTO run (number, boot_id, version, started_at, is_clean_stop)
VALUES (?, ?, ?, {WALL_TIME}, ?)
ON CONFLICT (number) DO UPDATE SET is_clean_stop = excluded.is_clean_stop
"""  # noqa: S608 - a constant of this module

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One life of the process: where, which version, and whether it stopped on purpose."""

    boot_id: str
    version: str
    is_clean_stop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the file holds: saved JSON by device, and the last run."""

    saved: Mapping[str, str] = field(default_factory=dict[str, str])
    run: Run | None = None

    def merged(self, newer: "Contents") -> "Contents":
        """Lay *newer* over this."""
        return Contents(saved={**self.saved, **newer.saved}, run=newer.run or self.run)

    def __bool__(self) -> bool:
        return bool(self.saved) or self.run is not None


class StateFile:
    """The file at *path*; every method blocks, and raises `StoreError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._known = Contents()
        self._run_number: int | None = None
        self.is_begun_anew = False
        """Whether a damaged file had to be set aside."""

    def open(self) -> Contents:
        """Read all; a damaged file is set aside, never deleted, and a new one begun."""
        try:
            self._known = self._connect()
        except sqlite3.Error as error:
            self._disconnect()
            if not _is_damage(error, self._path):
                raise self._failed(error) from error
            self._begin_anew(error)
        return self._known

    def read_copy(self) -> Contents | None:
        """Read a copy of a file that cannot be opened in its place, such as on a read-only disk.

        A trip that was latched must be known even then. None: nothing can be read.
        """
        try:
            if not self._path.exists():
                return Contents()
            with TemporaryDirectory(prefix="polycloud-") as folder:
                copy = Path(folder) / "copy"
                shutil.copyfile(self._path, copy)
                with suppress(FileNotFoundError):
                    shutil.copyfile(f"{self._path}-wal", f"{copy}-wal")
                with closing(sqlite3.connect(copy)) as database:
                    return _read(database)
        except (OSError, sqlite3.Error) as error:
            log.warning("store.unreadable", file=str(self._path), error=str(error))
            return None

    def write(self, changes: Contents) -> None:
        """Write *changes* in one transaction that is on the disk when this returns."""
        if self._database is None:
            self._known = self.open().merged(self._known)
        wanted = self._known.merged(changes)
        try:
            self._commit(changes)
        except sqlite3.Error as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
                raise self._failed(error) from error
            self._disconnect()
            if not _is_damage(error, self._path):
                raise self._failed(error) from error
            self._begin_anew(error)
            self._commit_or_fail(wanted)
        self._known = wanted

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._disconnect()

    def _connect(self) -> Contents:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._failed(error) from error
        database = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        self._database = database
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise _damage(str(verdict))
        self._migrate(database)
        return _read(database)

    def _migrate(self, database: sqlite3.Connection) -> None:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version == 0:
            database.executescript(f"BEGIN;{SCHEMA}PRAGMA user_version = {SCHEMA_VERSION};COMMIT;")
        elif version != SCHEMA_VERSION:
            self._disconnect()
            raise StoreError(
                f"{self._path} has schema {version} and this version knows {SCHEMA_VERSION}:"
                " install the version that wrote it, or move the file away"
            )

    def _commit(self, changes: Contents) -> None:
        database = self._database
        assert database is not None
        number = self._run_number
        database.execute("BEGIN IMMEDIATE")
        try:
            database.executemany(SAVE_DEVICE, changes.saved.items())
            if changes.run is not None:
                number = number or _next_number(database)
                run = changes.run
                row = (number, run.boot_id, run.version, run.is_clean_stop)
                database.execute(SAVE_RUN, row)
                database.execute("DELETE FROM run WHERE number <= ?", (number - RUNS_KEPT,))
            database.execute("COMMIT")
        except sqlite3.Error:
            with suppress(sqlite3.Error):  # a full disk may have rolled back by itself
                database.execute("ROLLBACK")
            raise
        self._run_number = number

    def _commit_or_fail(self, changes: Contents) -> None:
        try:
            self._commit(changes)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _begin_anew(self, damage: sqlite3.Error) -> None:
        aside = self._set_aside()
        self.is_begun_anew = True
        self._run_number = None
        log.warning("store.damaged", file=str(self._path), kept_as=str(aside), error=str(damage))
        try:
            self._known = self._connect()
        except sqlite3.Error as error:
            self._disconnect()
            raise self._failed(error) from error

    def _set_aside(self) -> Path:
        numbers = (n for n in range(1, 10_000) if not self._aside(n).exists())
        aside = self._aside(next(numbers, 10_000))
        try:
            self._path.rename(aside)
            for suffix in ("-wal", "-shm"):
                with suppress(FileNotFoundError):
                    Path(f"{self._path}{suffix}").rename(f"{aside}{suffix}")
        except OSError as error:
            raise self._failed(error) from error
        return aside

    def _aside(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.damaged-{number}")

    def _disconnect(self) -> None:
        if self._database is not None:
            with suppress(sqlite3.Error):  # closing cannot lose what was committed
                self._database.close()
            self._database = None

    def _failed(self, error: sqlite3.Error | OSError) -> StoreError:
        return StoreError(
            f"{self._path}: {error}: the state cannot be kept; look at free space (df) and at"
            f" whether the agent's user may write to {self._path.parent}"
        )


def _read(database: sqlite3.Connection) -> Contents:
    saved = dict(database.execute("SELECT id, saved FROM device"))
    columns = "boot_id, version, is_clean_stop"
    row = database.execute(f"SELECT {columns} FROM run ORDER BY number DESC LIMIT 1").fetchone()  # noqa: S608 - a constant
    if row is None:
        return Contents(saved=saved)
    boot_id, version, is_clean_stop = row
    run = Run(boot_id=boot_id, version=version, is_clean_stop=bool(is_clean_stop))
    return Contents(saved=saved, run=run)


def _next_number(database: sqlite3.Connection) -> int:
    (number,) = database.execute("SELECT coalesce(max(number), 0) + 1 FROM run").fetchone()
    return int(number)


def _is_damage(error: sqlite3.Error, path: Path) -> bool:
    """Tell a bad file from a bad disk; a bad header may also read as 'read-only'."""
    code = error.sqlite_errorcode & 0xFF
    if code == sqlite3.SQLITE_READONLY:
        return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return code not in SURROUNDINGS


def _damage(verdict: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(verdict)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error
