"""The tables of the state file, read and written in one place."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from agent.memory import Attempt
from agent.model import Trust
from agent.store.contents import (
    ATTEMPTS_KEPT,
    REQUESTS_KEPT,
    Changes,
    Contents,
    Entry,
    Kept,
    Repair,
    Requests,
    Row,
    Run,
    remembered,
)
from agent.store.generation import Slot, choose, crc_of, to_json, written
from agent.store.history_table import unmake
from agent.store.outbox_table import read_found
from agent.timeline import STEP_S

RUNS_KEPT: Final = 100
ROWS_KEPT: Final = 2_000
ROWS_KEPT_OF: Final[Mapping[str, int]] = {"energy": 10_000}
"""By topic; the others keep `ROWS_KEPT`, each of each device."""

NOW: Final = "CAST(strftime('%s', 'now') AS INTEGER)"
SAVE: Final = f"""
INSERT INTO generation (device, slot, sequence, crc, saved_at, saved) VALUES (?, ?, ?, ?, {NOW}, ?)
ON CONFLICT (device, slot) DO UPDATE SET sequence = excluded.sequence, crc = excluded.crc,
    saved_at = excluded.saved_at, saved = excluded.saved
"""  # noqa: S608 - a constant of this module
SAVE_RUN: Final = f"""
INSERT INTO run (number, boot_id, version, started_at, is_clean_stop) VALUES (?, ?, ?, {NOW}, ?)
ON CONFLICT (number) DO UPDATE SET is_clean_stop = excluded.is_clean_stop
"""  # noqa: S608 - a constant of this module
COLUMNS: Final = "device, topic, name, wall_time, boot_id, at, details, trust"
COLUMNS_OF_SCHEMA_2: Final = "device, topic, name, wall_time, boot_id, at, details, 0"
ADD_RECORD: Final = f"INSERT INTO record ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - a constant
# Schema 2 knew no trust: a row of it that has a wall time had a trusted one.
MEND: Final = """
UPDATE {table} SET wall_time = at + :offset, trust = :trust
WHERE boot_id = :boot_id AND trust <= :trust AND (wall_time IS NULL
    OR trust > 0 AND (trust < :trust OR abs(wall_time - at - :offset) > :close))
"""
PRUNE_RECORDS: Final = """
DELETE FROM record WHERE device = ?1 AND topic = ?2 AND number <= (
    SELECT number FROM record WHERE device = ?1 AND topic = ?2
    ORDER BY number DESC LIMIT 1 OFFSET ?3)
"""
ADD_REQUEST: Final = "INSERT OR REPLACE INTO request (device, key, answer) VALUES (?, ?, ?)"
PRUNE_REQUESTS: Final = """
DELETE FROM request WHERE device = ?1 AND number <= (
    SELECT number FROM request WHERE device = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)
"""
ADD_ATTEMPT: Final = (
    "INSERT OR REPLACE INTO attempt (identity, boot_id, at, streak) VALUES (?, ?, ?, ?)"
)
PRUNE_ATTEMPTS: Final = """
DELETE FROM attempt WHERE number <= (
    SELECT number FROM attempt ORDER BY number DESC LIMIT 1 OFFSET ?)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which rows of the journal: the newest *limit* of a device that fit."""

    device_id: str
    topics: Collection[str] = ()
    limit: int = 100
    since: float | None = None
    until: float | None = None

    def fits(self, entry: Entry) -> bool:
        """Tell whether an entry that waits to be written belongs to the answer."""
        if entry.device_id != self.device_id or (self.topics and entry.topic not in self.topics):
            return False
        if self.since is None and self.until is None:
            return True
        at = entry.wall_time
        return at is not None and (self.since or at) <= at <= (
            at if self.until is None else self.until
        )


class Pruning:
    """Tells when a topic of a device is due to be pruned: at first, then every 5 % more."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, str], int] = {}

    def due(self, entries: Collection[Entry]) -> Iterator[tuple[str, str, int]]:
        """Count *entries*; give device, topic and how many stay, where it is time."""
        for entry in entries:
            key = (entry.device_id, entry.topic)
            stay = ROWS_KEPT_OF.get(entry.topic, ROWS_KEPT)
            left = self._left.get(key, 1) - 1
            self._left[key] = left or stay // 20
            if not left:
                yield (*key, stay)


# ── reading ─────────────────────────────────────────────────────────────────────────────────


def read_contents(database: sqlite3.Connection) -> Contents:
    """Read all but the journal."""
    return Contents(
        devices=_devices(database),
        run=_last_run(database),
        requests=read_requests(database),
        attempts=read_attempts(database),
        outboxes=read_found(database),
    )


def read_attempts(database: sqlite3.Connection) -> dict[str, Attempt]:
    """Read the last attempt of each identity, the newest last."""
    attempts: dict[str, Attempt] = {}
    for identity, boot_id, at, streak in database.execute(
        "SELECT identity, boot_id, at, streak FROM attempt ORDER BY number"
    ):
        with suppress(ValueError, TypeError):  # worn bits make no number
            attempts[str(identity)] = Attempt(
                boot_id=str(boot_id), at=float(at), streak=str(streak)
            )
    return attempts


def read_records(database: sqlite3.Connection, query: Query) -> list[Row]:
    """Read the newest rows that fit, the oldest first."""
    marks = ", ".join("?" * len(query.topics))
    where = ["device = ?", *([f"topic IN ({marks})"] if query.topics else [])]
    values: list[object] = [query.device_id, *query.topics]
    for bound, sign in ((query.since, ">="), (query.until, "<=")):
        if bound is not None:
            where.append(f"wall_time {sign} ?")
            values.append(bound)
    rows = database.execute(
        f"SELECT number, {COLUMNS} FROM record WHERE {' AND '.join(where)}"  # noqa: S608 - values are bound
        " ORDER BY number DESC LIMIT ?",
        [*values, query.limit],
    )
    found: list[Row] = []
    for number, *columns in rows:
        with suppress(ValueError, TypeError):  # worn bits make no row
            found.append(entry_of(*columns).row(number))
    return found[::-1]


def entry_of(*columns: Any) -> Entry:  # noqa: ANN401 - columns of SQLite
    """Make an entry of the columns `COLUMNS`."""
    device_id, topic, name, wall_time, boot_id, at, details, trust = columns
    return Entry(
        device_id=str(device_id),
        topic=str(topic),
        name=str(name),
        wall_time=None if wall_time is None else float(wall_time),
        boot_id=str(boot_id),
        at=float(at),
        details=str(details),
        trust=Trust(int(trust)),
    )


def _devices(database: sqlite3.Connection) -> dict[str, Kept]:
    rows = database.execute(
        "SELECT device, slot, sequence, crc, saved FROM generation ORDER BY device, slot"
    )
    return {
        device: choose(
            device,
            [
                Slot(slot=slot, sequence=sequence, crc=crc, saved=str(saved))
                for _, slot, sequence, crc, saved in group
            ],
        )
        for device, group in groupby(rows, key=lambda row: str(row[0]))
    }


def _last_run(database: sqlite3.Connection) -> Run | None:
    row = database.execute(
        "SELECT boot_id, version, is_clean_stop FROM run ORDER BY number DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    boot_id, version, is_clean_stop = row
    return Run(boot_id=str(boot_id), version=str(version), is_clean_stop=bool(is_clean_stop))


def read_requests(database: sqlite3.Connection) -> Requests:
    """Read the remembered requests, the newest last."""
    known: Requests = {}
    rows = database.execute("SELECT device, key, answer FROM request ORDER BY number")
    for device, key, answer in rows:
        with suppress(ValueError, TypeError):  # worn bits make no JSON
            said = None if answer is None else str(json.loads(answer))
            known = remembered(known, str(device), str(json.loads(key)), said)
    return known


# ── writing ─────────────────────────────────────────────────────────────────────────────────


def write_generation(
    database: sqlite3.Connection, device: str, before: Kept | None, now: Kept
) -> None:
    """Write what a device has *now*; nothing that was damaged *before* stays beside it."""
    assert now.text is not None
    if before is None or before.slot is None:
        remove(database, device)
    text = written(device, now.sequence, now.text)
    crc = crc_of(device, now.sequence, now.text)
    database.execute(SAVE, (device, now.slot, now.sequence, crc, text))


def remove(database: sqlite3.Connection, device: str) -> None:
    """Forget both generations of a device."""
    database.execute("DELETE FROM generation WHERE device = ?", (device,))


def write_run(database: sqlite3.Connection, run: Run, number: int | None) -> int:
    """Write how a run stands; tell its number, which is a new one for None."""
    if number is None:
        (number,) = database.execute("SELECT coalesce(max(number), 0) + 1 FROM run").fetchone()
        assert number is not None
    database.execute(SAVE_RUN, (number, run.boot_id, run.version, run.is_clean_stop))
    database.execute("DELETE FROM run WHERE number <= ?", (number - RUNS_KEPT,))
    return number


def write_entries(
    database: sqlite3.Connection, entries: Collection[Entry], pruning: Pruning
) -> None:
    """Add to the journal, and shorten what has become too long."""
    for entry in entries:
        where = (entry.device_id, entry.topic, entry.name)
        when = (entry.wall_time, entry.boot_id, entry.at)
        database.execute(ADD_RECORD, (*where, *when, entry.details, int(entry.trust)))
    for due in list(pruning.due(entries)):
        database.execute(PRUNE_RECORDS, due)


def write_repair(database: sqlite3.Connection, repair: Repair) -> None:
    """Stamp anew what the repair holds for; what has the right stamp is left alone."""
    values: dict[str, object] = {
        "boot_id": repair.boot_id,
        "offset": repair.offset,
        "trust": int(repair.trust),
        "close": STEP_S,
    }
    unmake(database, values)
    for table in ("record", "outbox", "minute"):
        database.execute(MEND.format(table=table), values)


def write_requests(database: sqlite3.Connection, changes: Changes) -> None:
    """Remember requests and attempts, as many as are kept."""
    for (device, key), answer in changes.requests.items():
        said = None if answer is None else to_json(answer)
        database.execute(ADD_REQUEST, (device, to_json(key), said))
    for device in {device for device, _ in changes.requests}:
        database.execute(PRUNE_REQUESTS, (device, REQUESTS_KEPT))
    for identity, attempt in changes.attempts.items():
        database.execute(ADD_ATTEMPT, (identity, attempt.boot_id, attempt.at, attempt.streak))
    if changes.attempts:
        database.execute(PRUNE_ATTEMPTS, (ATTEMPTS_KEPT,))
