"""The outboxes in the state file: their rows, and what became of the others."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from agent.messages import InfoReport
from agent.model import Stamp, Trust
from agent.outbox.endings import Counters, kept, read
from agent.outbox.file import Found, LaneFound, Loaded
from agent.outbox.row import OVERHEAD, Lane, Row, body_of, message_of, moment_of
from agent.outbox.shrinking import Plan, Span, planned
from agent.store.generation import to_json
from agent.store.pending_outbox import OutboxChanges

LAST_S: Final = 253_402_300_800.0
"""The end of the year 9999, the last that a date can be of."""

COLUMNS: Final = (
    "identity, number, lane, message_id, boot_id, at, wall_time, trust, stands_for, body"
)
PUT: Final = f"INSERT OR REPLACE INTO outbox ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
DELETE: Final = "DELETE FROM outbox WHERE identity = ? AND number = ?"
TALLY: Final = "INSERT OR REPLACE INTO tally (identity, counts) VALUES (?, ?)"
COUNT: Final = f"""
SELECT identity, lane, count(*), sum({OVERHEAD} + length(boot_id) + length(body)), max(number)
FROM outbox GROUP BY identity, lane
"""  # noqa: S608 - a constant
READ_ALL: Final = f"SELECT {COLUMNS} FROM outbox ORDER BY identity, number"  # noqa: S608 - constants
READ_TALLIES: Final = "SELECT identity, counts FROM tally"
READ: Final = """
SELECT number, message_id, boot_id, at, wall_time, trust, stands_for, body FROM outbox
WHERE identity = ? AND lane = ? AND number > ? AND number <= ? ORDER BY number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some rows of an outbox; those with a number among `ended` are about to be deleted."""

    identity: str
    lane: Lane
    span: Span
    ended: Collection[int] = ()


def write_outboxes(database: sqlite3.Connection, changes: OutboxChanges) -> None:
    """Write rows and counts, and forget what has ended."""
    for (identity, _), row in changes.puts.items():
        database.execute(PUT, _columns(identity, row))
    for key in changes.deletes:
        database.execute(DELETE, key)
    for identity, counters in changes.tallies.items():
        database.execute(TALLY, (identity, to_json(dict(kept(counters)))))


def read_found(database: sqlite3.Connection) -> Mapping[str, Found]:
    """Tell how much each outbox holds, and what became of the rest."""
    lanes: defaultdict[str, dict[Lane, LaneFound]] = defaultdict(dict)
    for identity, lane, count, size, last in database.execute(COUNT):
        with suppress(ValueError, TypeError):  # worn bits make no lane
            lanes[str(identity)][Lane(lane)] = LaneFound(
                count=int(count), size=int(size), last=int(last)
            )
    tallies: dict[str, Counters] = {}
    for identity, counts in database.execute(READ_TALLIES):
        with suppress(ValueError, TypeError, AttributeError):  # worn bits make no JSON
            tallies[str(identity)] = read(json.loads(counts))
    return {
        identity: Found(lanes=lanes.get(identity, {}), counters=tallies.get(identity, Counters()))
        for identity in {*lanes, *tallies}
    }


def read_rows(database: sqlite3.Connection, part: Part, most: int | None = None) -> Loaded:
    """Read the oldest *most* rows of a part (None: all); one that is damaged is left out."""
    where = (part.identity, int(part.lane), part.span.after, part.span.up_to)
    every = (row for row in database.execute(READ, where) if row[0] not in part.ended)
    found = list(islice(every, most))
    rows = list(_rows(part.lane, found))
    last = int(found[-1][0]) if found else 0
    return Loaded(rows=rows, unreadable=len(found) - len(rows), last=last)


def shrink(database: sqlite3.Connection, part: Part, goal: int, totals: Collection[str]) -> Plan:
    """Make room for *goal* rows among those of a part."""
    plan = planned(part.lane, read_rows(database, part).rows, goal, totals)
    for number in plan.removed:
        database.execute(DELETE, (part.identity, number))
    for row in plan.changed:
        database.execute(PUT, _columns(part.identity, row))
    return plan


def copy_outboxes(
    database: sqlite3.Connection,
    rows: Iterable[tuple[Any, ...]],
    tallies: Iterable[tuple[Any, ...]],
) -> None:
    """Write what `READ_ALL` and `READ_TALLIES` gave; what the schema does not take is left out."""
    for write, found in ((PUT, rows), (TALLY, tallies)):
        for row in found:
            with suppress(sqlite3.IntegrityError):
                database.execute(write, row)


def _columns(identity: str, row: Row) -> tuple[object, ...]:
    at, wall_time = moment_of(row.message)
    where = (identity, row.number, int(row.lane), row.message_id, row.boot_id)
    trust = 0 if isinstance(row.message, InfoReport) else int(row.message.trust)
    return (*where, at or 0.0, wall_time, trust, row.stands_for, body_of(row.message))


def _rows(lane: Lane, found: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    for number, message_id, boot_id, at, wall_time, trust, stands_for, body in found:
        with suppress(ValueError, TypeError, KeyError, AttributeError):  # worn bits make no row
            yield Row(
                number=int(number),
                lane=lane,
                message_id=str(message_id),
                boot_id=str(boot_id),
                message=message_of(lane, str(body), _stamp(at, wall_time, trust)),
                stands_for=int(stands_for),
            )


def _stamp(at: Any, wall_time: Any, trust: Any) -> Stamp:  # noqa: ANN401 - whatever the table holds
    told = None if wall_time is None else float(wall_time)
    moment = float(at)
    if not all(-LAST_S < each < LAST_S for each in (moment, told or 0.0)):
        raise ValueError("a time that no clock shows")
    return Stamp(at=moment, wall_time=told, trust=Trust(trust))
