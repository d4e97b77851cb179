"""What of the outboxes waits to be written."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from agent.outbox.endings import Counters
from agent.outbox.file import Kept
from agent.outbox.row import Row

Key = tuple[str, int]
"""Whose outbox, and which number in it."""


class Put(NamedTuple):
    """A row to be written; `is_new`: it was never on disk, so that to forget it writes nothing."""

    row: Row
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxChanges:
    """What one commit writes of the outboxes."""

    puts: Mapping[Key, Row] = field(default_factory=dict[Key, Row])
    deletes: Collection[Key] = ()
    tallies: Mapping[str, Counters] = field(default_factory=dict[str, Counters])

    def __bool__(self) -> bool:
        return bool(self.puts or self.deletes or self.tallies)


@dataclass(slots=True, kw_only=True)
class PendingOutbox:
    """The next commit's share of the outboxes, which bound how much of it there is."""

    puts: dict[Key, Put] = field(default_factory=dict[Key, Put])
    deletes: dict[Key, None] = field(default_factory=dict[Key, None])
    tallies: dict[str, Counters] = field(default_factory=dict[str, Counters])
    listeners: dict[str, Kept] = field(default_factory=dict[str, Kept])

    def __bool__(self) -> bool:
        return bool(self.puts or self.deletes or self.tallies)

    def put(self, identity: str, row: Row, on_kept: Kept, *, is_new: bool) -> None:
        """Have a row written; one that waits already stays as new as it was."""
        key = (identity, row.number)
        known = self.puts.get(key)
        self.puts[key] = Put(row, is_new if known is None else known.is_new)
        self.listeners[identity] = on_kept

    def delete(self, identity: str, number: int) -> None:
        """Have a row forgotten, where it may be on disk."""
        key = (identity, number)
        waiting = self.puts.pop(key, None)
        if waiting is None or not waiting.is_new:
            self.deletes[key] = None

    def ended(self, identity: str) -> set[int]:
        """Give the rows of an outbox that have ended, and may be on disk still."""
        return {number for each, number in self.deletes if each == identity}

    def changes(self) -> OutboxChanges:
        """Write it down."""
        puts = {key: put.row for key, put in self.puts.items()}
        return OutboxChanges(puts=puts, deletes=tuple(self.deletes), tallies=dict(self.tallies))

    def put_back(self, older: "PendingOutbox") -> None:
        """Take in what could not be written, under what has come since."""
        for key, put in older.puts.items():
            if key in self.deletes:
                if put.is_new:
                    del self.deletes[key]
            else:
                newer = self.puts.get(key)
                self.puts[key] = put if newer is None else Put(newer.row, put.is_new)
        self.puts = dict(sorted(self.puts.items()))
        self.deletes = {**older.deletes, **self.deletes}
        self.tallies = {**older.tallies, **self.tallies}
        self.listeners = {**older.listeners, **self.listeners}

    def tell_kept(self, newer: "PendingOutbox") -> None:
        """Tell each outbox which of its rows are on disk, but for those that *newer* changes."""
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        for identity, number in self.puts.keys() - newer.puts.keys():
            numbers[identity].append(number)
        for identity, mine in numbers.items():
            self.listeners[identity](mine)
