"""States that are spoilt as cards spoil them."""

import shutil
import sqlite3
from contextlib import closing

from agent.memory import Attempt
from agent.store import Store
from agent.store.generation import scan

TRIPPED = {"trip": {"cause": "overcurrent"}, "energy": {"total_mj": 7_200_000_000}}


def events(logs):
    return [entry["event"] for entry in logs]


def write_header(path, data=b"\0" * 4_096):
    """Spoil the header page and the head of the log, as a card does that mixes up its sectors."""
    with path.open("r+b") as file:
        file.write(data)
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        with log.open("r+b") as file:
            file.write(data[:32])


async def kept_state(path, *, is_stopped):
    """Make a state file with a trip in it: closed, or as a power cut leaves it, with its log."""
    live = path.with_name("live.db")
    async with Store(live, boot_id="b1") as store:
        await store.begin_run("b1", "1")
        store.save("socket-1", {"trip": None})
        assert await store.flush()
        store.save("socket-1", TRIPPED)
        store.record("socket-1", "protection", "trip", {"value": 7.3})
        assert await store.remember("socket-1", "k", None)
        assert await store.note_attempt("tencent/a", Attempt(boot_id="b1", at=5.0))
        for suffix in () if is_stopped else ("", "-wal"):
            shutil.copyfile(f"{live}{suffix}", f"{path}{suffix}")
    if is_stopped:
        shutil.copyfile(live, path)


def spoil(path, wanted):
    """Change a byte of the JSON of the generations of these sequences, wherever SQLite put it."""
    with closing(sqlite3.connect(path)) as database, database:
        for number, saved in database.execute("SELECT number, saved FROM generation").fetchall():
            (found,) = scan(saved.encode())
            if found.sequence in wanted:
                worn = saved.encode()[:-2] + b"\xff}"
                database.execute(
                    "UPDATE generation SET saved = CAST(? AS TEXT) WHERE number = ?", (worn, number)
                )
