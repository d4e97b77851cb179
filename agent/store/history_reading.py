"""Reading the history of a device: periods that are made, and what is in none yet."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from agent.history.assembling import MIDDLE_S, Frame, Piece
from agent.history.periods import HOUR_S, MINUTE_S, Level, is_time
from agent.history.stats import Stats, ends
from agent.store.history_table import stats_of

MOST_PIECES: Final = 20_000
RECENT: Final = 20
"""The end of a count is looked for in so many of the newest minutes."""

MADE: Final = """
SELECT start, body FROM period WHERE device = ? AND level = ? AND start BETWEEN ? AND ?
ORDER BY start DESC LIMIT ?
"""
FREE_PERIODS: Final = """
SELECT start, body FROM period WHERE device = ? AND level = ? AND part_of IS NULL
ORDER BY start DESC LIMIT ?
"""
FREE_MINUTES: Final = f"""
SELECT wall_time + {MIDDLE_S}, body FROM minute
WHERE device = ? AND part_of IS NULL AND wall_time IS NOT NULL
ORDER BY number DESC LIMIT {MOST_PIECES}
"""  # noqa: S608 - constants
MINUTES: Final = f"""
SELECT wall_time + {MIDDLE_S}, body FROM minute
WHERE device = ? AND part_of BETWEEN ? AND ? ORDER BY part_of DESC, number DESC LIMIT {MOST_PIECES}
"""  # noqa: S608 - constants
NEWEST: Final = f"""
SELECT body FROM minute WHERE device = ? ORDER BY number DESC LIMIT {RECENT}
"""  # noqa: S608 - a constant
BEGINNING, END = -1e15, 1e15


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Rows as they stand in the file: a moment and a body each."""

    made: Sequence[tuple[Any, ...]] = ()
    free: Sequence[tuple[Any, ...]] = ()

    def periods(self) -> Mapping[int, Stats]:
        """Give the periods that are made, by their beginning."""
        return {int(at): stats for at, stats in _read(self.made)}

    def pieces(self, frame: Frame) -> list[Piece]:
        """Give what is part of none; of minutes only those that *frame* will hold."""
        rows = _newest(self.free, frame) if frame.level is Level.MINUTE else self.free
        return [Piece(wall_time=at, stats=stats) for at, stats in _read(rows)]


def read_history(database: sqlite3.Connection, device: str, frame: Frame) -> Raw:
    """Read what the periods of *frame* are put together from; it takes no longer than it must."""
    since = BEGINNING if frame.since is None else frame.since
    until = END if frame.until is None else frame.until
    free = database.execute(FREE_MINUTES, (device,)).fetchall()
    if frame.level is Level.MINUTE:
        around = (device, since - 2 * HOUR_S, until + 2 * HOUR_S)
        return Raw(free=[*free, *database.execute(MINUTES, around)])
    for level in range(Level.HOUR, frame.level):
        free += database.execute(FREE_PERIODS, (device, level, MOST_PIECES)).fetchall()
    where = (device, int(frame.level), since, until, frame.limit)
    return Raw(made=database.execute(MADE, where).fetchall(), free=free)


def read_ends(database: sqlite3.Connection, device: str) -> dict[str, int]:
    """Tell where each count stood when a minute was written last."""
    found: dict[str, int] = {}
    for (body,) in database.execute(NEWEST, (device,)):
        found = {**ends(stats_of(body)), **found}
    return found


def _newest(rows: Sequence[tuple[Any, ...]], frame: Frame) -> list[tuple[Any, ...]]:
    """Leave the minutes that are asked for: to read a body takes longer than all else."""
    timed = [(at, body) for at, body in rows if isinstance(at, int | float) and is_time(at)]
    found: list[tuple[Any, ...]] = []
    starts: set[int] = set()
    for at, body in sorted(timed, key=lambda each: each[0], reverse=True):
        start = int(at // MINUTE_S) * MINUTE_S
        if frame.has(start):
            starts.add(start)
            if len(starts) > frame.limit:
                break
            found.append((at, body))
    return found


def _read(rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[float, Stats]]:
    for at, body in rows:
        with suppress(ValueError, TypeError):  # worn bits make no time
            moment = float(at)
            if is_time(moment):
                yield moment, stats_of(body)
