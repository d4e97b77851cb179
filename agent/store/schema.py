"""The schema of the state file, and the way to it from every earlier one."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from agent.errors import StoreError
from agent.store.connection import transaction
from agent.store.generation import crc_of, written

Migration = Callable[[sqlite3.Connection], None]


def _run(statements: Sequence[str]) -> Migration:
    def migrate(database: sqlite3.Connection) -> None:
        for statement in statements:
            database.execute(statement)

    return migrate


_TO_1: Final = (
    """CREATE TABLE device (
        id TEXT PRIMARY KEY,
        saved TEXT NOT NULL,
        saved_at INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE run (
        number INTEGER PRIMARY KEY,
        boot_id TEXT NOT NULL,
        version TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        is_clean_stop INTEGER NOT NULL
    )""",
)

# `generation` keeps its row number, and `saved` comes last: a row up to a page long then stands
# in one piece, where it can be found in a file that is damaged elsewhere.
_TO_2: Final = (
    """CREATE TABLE generation (
        number INTEGER PRIMARY KEY,
        device TEXT NOT NULL,
        slot INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        crc INTEGER NOT NULL,
        saved_at INTEGER NOT NULL,
        saved TEXT NOT NULL,
        UNIQUE (device, slot)
    )""",
    """CREATE TABLE record (
        number INTEGER PRIMARY KEY,
        device TEXT NOT NULL,
        topic TEXT NOT NULL,
        name TEXT NOT NULL,
        wall_time REAL,
        boot_id TEXT NOT NULL,
        at REAL NOT NULL,
        details TEXT NOT NULL
    )""",
    "CREATE INDEX record_of ON record (device, topic, number)",
    """CREATE TABLE request (
        number INTEGER PRIMARY KEY,
        device TEXT NOT NULL,
        key TEXT NOT NULL,
        answer TEXT,
        UNIQUE (device, key)
    )""",
    """CREATE TABLE attempt (
        number INTEGER PRIMARY KEY,
        identity TEXT NOT NULL UNIQUE,
        boot_id TEXT NOT NULL,
        at REAL NOT NULL
    )""",
    "CREATE TABLE backup (made_at INTEGER NOT NULL, host TEXT NOT NULL, source TEXT NOT NULL)",
)


def _to_2(database: sqlite3.Connection) -> None:
    _run(_TO_2)(database)
    for device, text, saved_at in database.execute("SELECT id, saved, saved_at FROM device"):
        row = (device, crc_of(device, 1, text), saved_at, written(device, 1, text))
        database.execute(
            "INSERT INTO generation (device, slot, sequence, crc, saved_at, saved)"
            " VALUES (?, 0, 1, ?, ?, ?)",
            row,
        )
    database.execute("DROP TABLE device")


# `streak`: what went wrong in a row, as JSON. `trust`: how far a row's wall time was trusted.
_TO_3: Final = (
    "ALTER TABLE attempt ADD COLUMN streak TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE record ADD COLUMN trust INTEGER NOT NULL DEFAULT 0",
    """CREATE TABLE outbox (
        identity TEXT NOT NULL,
        number INTEGER NOT NULL,
        lane INTEGER NOT NULL,
        message_id TEXT NOT NULL,
        boot_id TEXT NOT NULL,
        at REAL NOT NULL,
        wall_time REAL,
        trust INTEGER NOT NULL,
        stands_for INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (identity, number)
    ) WITHOUT ROWID""",
    "CREATE INDEX outbox_lane ON outbox (identity, lane, number)",
    "CREATE TABLE tally (identity TEXT PRIMARY KEY, counts TEXT NOT NULL) WITHOUT ROWID",
)

# `part_of`: the beginning of the longer period that a row is counted in; NULL while in none.
# `parts`: of how many rows a period is made. `level`: 1 hour, 2 day, 3 month.
_TO_4: Final = (
    """CREATE TABLE minute (
        number INTEGER PRIMARY KEY,
        device TEXT NOT NULL,
        boot_id TEXT NOT NULL,
        at REAL NOT NULL,
        wall_time REAL,
        trust INTEGER NOT NULL,
        part_of INTEGER,
        body TEXT NOT NULL
    )""",
    "CREATE INDEX minute_of ON minute (device, part_of)",
    """CREATE TABLE period (
        device TEXT NOT NULL,
        level INTEGER NOT NULL,
        start INTEGER NOT NULL,
        part_of INTEGER,
        parts INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (device, level, start)
    ) WITHOUT ROWID""",
)

MIGRATIONS: Final[Mapping[int, Migration]] = {
    1: _run(_TO_1),
    2: _to_2,
    3: _run(_TO_3),
    4: _run(_TO_4),
}
"""By the version that it leads to, from the one before; a new file goes all the way."""

SCHEMA_VERSION: Final = max(MIGRATIONS)

LAST_SCHEMA: Final = 1_000
"""No version will ever write more: such a number is damage."""


def migrate(database: sqlite3.Connection, path: Path) -> int:
    """Bring the file to `SCHEMA_VERSION`, one transaction a step; tell what it had (0: new).

    Raise `StoreError` for a newer file, which is left alone, and `sqlite3.DatabaseError` for a
    number that no version writes.
    """
    found = version_of(database)
    if not 0 <= found <= LAST_SCHEMA:
        raise sqlite3.DatabaseError(f"schema {found}: the header is damaged")
    if found > SCHEMA_VERSION:
        raise StoreError(
            f"{path} has schema {found} and this version knows up to {SCHEMA_VERSION}:"
            " install the version that wrote it, or move the file away"
        )
    for version in range(found + 1, SCHEMA_VERSION + 1):
        _step(database, version)
    return found


def version_of(database: sqlite3.Connection) -> int:
    """Tell the schema of a file."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    return int(version)


def _step(database: sqlite3.Connection, version: int) -> None:
    with transaction(database):
        MIGRATIONS[version](database)
        database.execute(f"PRAGMA user_version = {version}")
