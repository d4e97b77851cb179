"""Write a state file from nothing but what is known."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from agent.store.connection import connect, transaction
from agent.store.contents import UNKNOWN_RUN, Changes, Contents
from agent.store.history_table import copy_history
from agent.store.outbox_table import copy_outboxes
from agent.store.salvage import Rescued
from agent.store.schema import migrate
from agent.store.tables import (
    Pruning,
    write_entries,
    write_generation,
    write_requests,
    write_run,
)


def build(path: Path, contents: Contents, rescued: Rescued) -> None:
    """Make the file at *path*, closed and without a log of its own; sequences go on.

    Without a run, one is put there of which nobody knows how it ended.
    """
    requests = {
        (device, key): answer
        for device, known in contents.requests.items()
        for key, answer in known.items()
    }
    with closing(connect(path)) as database:
        database.execute("PRAGMA synchronous = FULL")
        migrate(database, path)
        with transaction(database):
            for device, kept in contents.devices.items():
                if kept.text is not None:
                    write_generation(database, device, None, replace(kept, slot=0))
            write_run(database, contents.run or UNKNOWN_RUN, None)
            write_entries(database, rescued.entries, Pruning())
            copy_outboxes(database, rescued.outboxes, rescued.tallies)
            copy_history(database, rescued.minutes, rescued.periods)
            write_requests(database, Changes(requests=requests, attempts=contents.attempts))
    path.chmod(0o600)
