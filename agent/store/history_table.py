"""The history in the state file: minutes, and the hours, days and months made of them.

A minute is part of at most one hour, an hour of one day, a day of one month: `part_of` says of
which, and is NULL while it is of none. So whatever comes late, or again, is counted once.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from agent.automation.local_time import zone
from agent.history.assembling import MIDDLE_S
from agent.history.periods import Level, end_of, is_time, start_of
from agent.history.stats import Stats, merged
from agent.history.text import from_text, to_text
from agent.store.pending_history import HistoryChanges, Keep, MinuteRow

MOST_AT_ONCE: Final = 1_500
"""So many minutes are made into hours by one commit at most; the others by the next."""

MOST_PARTS: Final = 1 << 32
"""A period is never made of so many rows: what says so is worn."""

MINUTE_COLUMNS: Final = "device, boot_id, at, wall_time, trust, part_of, body"
PERIOD_COLUMNS: Final = "device, level, start, part_of, parts, body"
ADD_MINUTE: Final = f"INSERT INTO minute ({MINUTE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - a constant
PUT_PERIOD: Final = f"INSERT OR REPLACE INTO period ({PERIOD_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608 - a constant
FREE_MINUTES: Final = f"""
SELECT number, wall_time + {MIDDLE_S}, body FROM minute
WHERE device = ? AND part_of IS NULL AND wall_time < ? ORDER BY wall_time LIMIT ?
"""  # noqa: S608 - a constant
FREE_PERIODS: Final = """
SELECT start, start, body FROM period
WHERE device = ? AND level = ? AND part_of IS NULL AND start < ? ORDER BY start LIMIT ?
"""
MOVED: Final = """
SELECT DISTINCT device, part_of FROM minute
WHERE typeof(part_of) = 'integer' AND boot_id = :boot_id AND trust <= :trust
    AND abs(wall_time - at - :offset) > :close
"""
PRUNE_MINUTES: Final = """
DELETE FROM minute WHERE device = ?1 AND part_of < (
    SELECT part_of FROM minute WHERE device = ?1 AND part_of IS NOT NULL
    ORDER BY part_of DESC LIMIT 1 OFFSET ?2)
"""
PRUNE_FREE: Final = """
DELETE FROM minute WHERE device = ?1 AND part_of IS NULL AND number <= (
    SELECT number FROM minute WHERE device = ?1 AND part_of IS NULL
    ORDER BY number DESC LIMIT 1 OFFSET ?2)
"""
PRUNE_PERIODS: Final = """
DELETE FROM period WHERE device = ?1 AND level = ?2 AND start <= (
    SELECT start FROM period WHERE device = ?1 AND level = ?2
    ORDER BY start DESC LIMIT 1 OFFSET ?3)
"""

PART_OF: Final = (
    "UPDATE minute SET part_of = ? WHERE device = ? AND number = ?",
    "UPDATE period SET part_of = ? WHERE device = ? AND level = ? AND start = ?",
)
FREE: Final = (
    "UPDATE minute SET part_of = NULL WHERE device = ? AND part_of = ?",
    "UPDATE period SET part_of = NULL WHERE device = ? AND part_of = ? AND level = ?",
)
COUNT: Final = (
    "SELECT count(*) FROM minute WHERE device = ? AND part_of = ?",
    "SELECT count(*) FROM period WHERE device = ? AND part_of = ? AND level = ?",
)
"""Each of what an hour is made of, and of what a longer period is."""


def write_minutes(database: sqlite3.Connection, changes: HistoryChanges) -> None:
    """Forget devices, and add minutes."""
    for device in changes.forgotten:
        database.execute("DELETE FROM minute WHERE device = ?", (device,))
        database.execute("DELETE FROM period WHERE device = ?", (device,))
    database.executemany(ADD_MINUTE, map(_columns, changes.minutes))


def make_periods(database: sqlite3.Connection, changes: HistoryChanges) -> None:
    """Make what is over, and leave of each level as much as is kept."""
    for device, keep in changes.kept.items():
        if changes.now is not None:
            for level in (Level.HOUR, Level.DAY, Level.MONTH):
                _make(database, device, level, keep.zone, changes.now)
        _prune(database, device, keep)


def unmake(database: sqlite3.Connection, repair: Mapping[str, object]) -> None:
    """Take apart what holds minutes that a repair is about to move, where it can be made again.

    An hour some of whose minutes are kept no longer stays as it is.
    """
    moved = database.execute(MOVED, repair).fetchall()
    for device, hour in moved:
        _take_apart(database, str(device), int(hour))


def copy_history(
    database: sqlite3.Connection,
    minutes: Iterable[tuple[Any, ...]],
    periods: Iterable[tuple[Any, ...]],
) -> None:
    """Write rows of `MINUTE_COLUMNS` and `PERIOD_COLUMNS`; what does not fit is left out."""
    for write, rows in ((ADD_MINUTE, minutes), (PUT_PERIOD, periods)):
        for row in rows:
            with suppress(sqlite3.IntegrityError):
                database.execute(write, row)


def stats_of(body: object) -> Stats:
    """Read what was kept; nothing where the disk has worn it."""
    try:
        return from_text(str(body))
    except ValueError:
        return {}


def _columns(row: MinuteRow) -> tuple[object, ...]:
    stamp = row.minute.stamp
    when = (row.boot_id, stamp.at, stamp.wall_time, int(stamp.trust))
    return (row.device_id, *when, None, to_text(row.minute.stats))


# ── making ──────────────────────────────────────────────────────────────────────────────────


def _make(
    database: sqlite3.Connection, device: str, level: Level, zone_name: str, now: float
) -> None:
    place = zone(zone_name)
    free: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for key, wall_time, body in _free(database, device, level, now):
        if is_time(wall_time):
            free[start_of(level, wall_time, place)].append((key, body))
    for start, parts in free.items():
        if end_of(level, start, place) <= now:
            keys = [(start, device, *_below(level), key) for key, _ in parts]
            database.executemany(PART_OF[level > Level.HOUR], keys)
            together: Stats = {}
            for _, body in parts:
                together = merged(together, stats_of(body))
            _add(database, (device, level, start), together, len(parts))


def _below(level: Level) -> tuple[int, ...]:
    return () if level is Level.HOUR else (level - 1,)


def _free(
    database: sqlite3.Connection, device: str, level: Level, now: float
) -> Iterator[tuple[int, float, str]]:
    if level is Level.HOUR:
        rows = database.execute(FREE_MINUTES, (device, now, MOST_AT_ONCE))
    else:
        rows = database.execute(FREE_PERIODS, (device, level - 1, now, MOST_AT_ONCE))
    for key, wall_time, body in rows.fetchall():
        with suppress(ValueError, TypeError):  # worn bits make no time
            yield int(key), float(wall_time), str(body)


def _add(
    database: sqlite3.Connection, where: tuple[str, Level, int], stats: Stats, parts: int
) -> None:
    """Add to a period, and to whatever that is part of already."""
    device, level, start = where
    row = database.execute(
        "SELECT part_of, parts, body FROM period WHERE device = ? AND level = ? AND start = ?",
        (device, int(level), start),
    ).fetchone()
    part_of, known, body = (None, 0, "{}") if row is None else row
    text = to_text(merged(stats_of(body), stats))
    count = parts + (known if isinstance(known, int) and 0 <= known < MOST_PARTS else 0)
    database.execute(PUT_PERIOD, (device, int(level), start, part_of, count, text))
    if level < Level.MONTH and isinstance(part_of, int):
        _add(database, (device, Level(level + 1), part_of), stats, 0)


# ── taking apart ────────────────────────────────────────────────────────────────────────────


def _take_apart(database: sqlite3.Connection, device: str, hour: int) -> None:
    chain: list[tuple[Level, int]] = []
    start: int | None = hour
    for level in (Level.HOUR, Level.DAY, Level.MONTH):
        if start is None:
            break
        found = _whole(database, device, level, start)
        if found is None:
            return
        chain.append((level, start))
        (start,) = found
    for level, each in chain:
        database.execute(FREE[level > Level.HOUR], (device, each, *_below(level)))
        database.execute(
            "DELETE FROM period WHERE device = ? AND level = ? AND start = ?",
            (device, int(level), each),
        )


def _whole(
    database: sqlite3.Connection, device: str, level: Level, start: int
) -> tuple[int | None] | None:
    """Tell what a period is part of, where all that it was made of is kept; None otherwise."""
    row = database.execute(
        "SELECT part_of, parts FROM period WHERE device = ? AND level = ? AND start = ?",
        (device, int(level), start),
    ).fetchone()
    count = COUNT[level > Level.HOUR]
    (parts,) = database.execute(count, (device, start, *_below(level))).fetchone()
    return None if row is None or row[1] != parts else (row[0],)


def _prune(database: sqlite3.Connection, device: str, keep: Keep) -> None:
    database.execute(PRUNE_MINUTES, (device, keep.minutes))
    database.execute(PRUNE_FREE, (device, keep.minutes))
    most = {Level.HOUR: keep.hours, Level.DAY: keep.days, Level.MONTH: keep.months}
    for level, count in most.items():
        database.execute(PRUNE_PERIODS, (device, int(level), count))
