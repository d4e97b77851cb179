"""Minutes that a test writes, and what the state file has made of them."""

import sqlite3
from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.history.minutes import Minute
from agent.history.stats import Numbers, Used
from agent.history.text import from_text
from agent.model import Stamp, Trust
from agent.store.contents import Changes
from agent.store.pending_history import HistoryChanges, Keep, MinuteRow

DEVICE = "socket-1"
BOOT = "b1"
KEEP = Keep(zone="Europe/Berlin", minutes=7 * 1_440)
MIDNIGHT = int(datetime(2026, 10, 31, tzinfo=ZoneInfo(KEEP.zone)).timestamp())
"""The last day of October in Berlin; an hour later it is midnight in UTC."""


def row(at, count=1, *, wall=0.0, trust=Trust.SYNCHRONISED, device=DEVICE, boot=BOOT):
    """A minute *at* seconds since boot; the clock stood at *wall* then (None: not known)."""
    stamp = Stamp(
        at=at,
        wall_time=None if wall is None else wall + at,
        trust=Trust.UNKNOWN if wall is None else trust,
    )
    stats = {
        "energy": Used(known_s=60, count=count, end=count),
        "active_power": Numbers(known_s=60, mean=count, minimum=count, maximum=count),
    }
    return MinuteRow(device_id=device, boot_id=boot, minute=Minute(stamp=stamp, stats=stats))


def changes(rows=(), now=None, keep=KEEP, **more):
    history = HistoryChanges(minutes=rows, kept={DEVICE: keep}, now=now, **more)
    return Changes(history=history)


def counted(stats):
    return stats["energy"].count if "energy" in stats else 0


def made(database, level, device=DEVICE):
    """Give the periods of a level: what was used, by the beginning."""
    rows = database.execute(
        "SELECT start, body FROM period WHERE device = ? AND level = ? ORDER BY start",
        (device, int(level)),
    )
    return {start: counted(from_text(body)) for start, body in rows}


def free(database, level, device=DEVICE):
    """Give what was used in the minutes (level 0) or periods that are part of nothing."""
    where = "device = ? AND part_of IS NULL"
    if level:
        found = database.execute(
            f"SELECT body FROM period WHERE {where} AND level = ?",  # noqa: S608 - a constant
            (device, int(level)),
        )
    else:
        found = database.execute(f"SELECT body FROM minute WHERE {where}", (device,))  # noqa: S608
    return sum(counted(from_text(body)) for (body,) in found)


def opened(path):
    return closing(sqlite3.connect(path))
