"""Read what can be read out of a state file that is damaged."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import structlog

from agent.memory import Attempt
from agent.model import Condition
from agent.store.contents import Contents, Entry, Kept, Requests
from agent.store.generation import Generation, newest, parse, scan
from agent.store.history_table import MINUTE_COLUMNS, PERIOD_COLUMNS
from agent.store.outbox_table import READ_ALL, READ_TALLIES
from agent.store.pieces import in_pieces
from agent.store.tables import COLUMNS, COLUMNS_OF_SCHEMA_2, entry_of, read_attempts, read_requests

log = structlog.get_logger()

STEP: Final = 1 << 18
OVERLAP: Final = 1 << 16
"""A generation longer than this may be missed where it crosses two steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescued:
    """What SQLite can still read of a damaged file."""

    generations: Sequence[Generation] = ()
    entries: Sequence[Entry] = ()
    requests: Requests = field(default_factory=dict[str, Mapping[str, str | None]])
    attempts: Mapping[str, Attempt] = field(default_factory=dict[str, Attempt])
    outboxes: Sequence[tuple[Any, ...]] = ()
    tallies: Sequence[tuple[Any, ...]] = ()
    minutes: Sequence[tuple[Any, ...]] = ()
    periods: Sequence[tuple[Any, ...]] = ()


def salvage(path: Path, rescued: Rescued | None = None) -> Contents:
    """Find the newest valid generation of each device in the bytes of the file and its log.

    *rescued* is what SQLite could still read: generations too long to stand in one piece, or
    of a schema in which they do not prove themselves.
    """
    rescued = rescued or Rescued()
    windows = (window for name in (path, Path(f"{path}-wal")) for window in _windows(name))
    scanned = (each for window in windows for each in scan(window))
    found = newest([*rescued.generations, *scanned, *in_pieces(path)])
    devices = {
        device: Kept(text=each.text, sequence=each.sequence, condition=Condition.SALVAGED)
        for device, each in found.items()
    }
    return Contents(
        devices=devices,
        requests=rescued.requests,
        attempts=rescued.attempts,
        is_damaged=True,
    )


def looked_through(contents: Contents, path: Path) -> Contents:
    """Find older generations of the devices of which the table holds no valid one."""
    if all(kept.text is not None for kept in contents.devices.values()):
        return contents
    found = salvage(path).devices
    devices = {
        # Above whatever the damaged ones were numbered.
        id_: replace(found[id_], sequence=found[id_].sequence + 2)
        if kept.text is None and id_ in found
        else kept
        for id_, kept in contents.devices.items()
    }
    return replace(contents, devices=devices)


def rescue(database: sqlite3.Connection) -> Rescued:
    """Read each table as far as SQLite can."""
    requests: Requests = {}
    attempts: Mapping[str, Attempt] = {}
    with suppress(sqlite3.Error, ValueError, TypeError):
        requests = read_requests(database)
    with suppress(sqlite3.Error, ValueError, TypeError):
        attempts = read_attempts(database)
    generations = [
        found
        for (saved,) in _rows(database, "SELECT saved FROM generation")
        if (found := parse(str(saved).encode())) is not None
    ]
    of_schema_1 = [
        Generation(device=str(device), sequence=1, text=str(saved))
        for device, saved in _rows(database, "SELECT id, saved FROM device")
    ]
    return Rescued(
        generations=[*generations, *of_schema_1],
        entries=list(_entries(database)),
        requests=requests,
        attempts=attempts,
        outboxes=list(_rows(database, READ_ALL)),
        tallies=list(_rows(database, READ_TALLIES)),
        minutes=_in_order(_columns(database, "minute", MINUTE_COLUMNS)),
        periods=_periods(database),
    )


def _entries(database: sqlite3.Connection) -> Iterator[Entry]:
    """Read the journal as far as it can be read."""
    found = _columns(database, "record", COLUMNS) or _columns(
        database, "record", COLUMNS_OF_SCHEMA_2
    )
    for _, row in sorted(found.items()):
        with suppress(ValueError, TypeError):
            entry = entry_of(*row)
            entry.row()
            yield entry


def _periods(database: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """Read the periods of the history from both ends to the damage."""
    select = f"SELECT {PERIOD_COLUMNS} FROM period ORDER BY device {{0}}, level {{0}}, start {{0}}"  # noqa: S608 - constants
    ends = (select.format(order) for order in ("ASC", "DESC"))
    found = {row[:3]: row for each in ends for row in _rows(database, each)}
    return list(found.values())


def _in_order(rows: Mapping[Any, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [row for _, row in sorted(rows.items())]


def _columns(database: sqlite3.Connection, table: str, columns: str) -> dict[Any, tuple[Any, ...]]:
    """Read a table from its end to the damage, and from its beginning to the damage."""
    select = f"SELECT number, {columns} FROM {table} ORDER BY number"  # noqa: S608 - constants
    rows = {row[0]: row[1:] for row in _rows(database, f"{select} DESC")}
    for row in _rows(database, select):
        if row[0] in rows:
            break
        rows[row[0]] = row[1:]
    return rows


def _rows(database: sqlite3.Connection, select: str) -> Iterator[tuple[Any, ...]]:
    with suppress(sqlite3.Error):
        yield from database.execute(select)


def _windows(path: Path) -> Iterator[bytes]:
    """Read *path* in pieces that overlap; a piece that the disk does not give is left out."""
    try:
        with path.open("rb", buffering=0) as file:
            size = path.stat().st_size
            for at in range(0, size, STEP):
                file.seek(at)
                try:
                    yield file.read(STEP + OVERLAP)
                except OSError as error:
                    log.warning("store.unreadable", file=str(path), at=at, error=str(error))
    except FileNotFoundError:
        return
    except OSError as error:
        log.warning("store.unreadable", file=str(path), error=str(error))
