"""What waits to be written."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from agent.devices.effects import Saved
from agent.memory import Attempt
from agent.store.contents import (
    ATTEMPTS_KEPT,
    REQUESTS_KEPT,
    Changes,
    Entry,
    Repair,
    Run,
)
from agent.store.generation import to_json
from agent.store.pending_history import PendingHistory
from agent.store.pending_outbox import PendingOutbox

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MAX_ENTRIES: Final = 1_000
"""So many journal entries wait at most; the oldest makes room."""


@dataclass(slots=True, kw_only=True)
class Pending:
    """The next commit: the latest save of each device, everything else in order.

    `causes` says for whose sake it is written, `callbacks` who of each device is told when it is
    on the disk, and `waiters` who is told either way. All of it is bounded: no more waits than
    would be kept, and of the callbacks of a device only the newest.
    """

    saved: dict[str, Saved] = field(default_factory=dict[str, Saved])
    run: Run | None = None
    entries: deque[Entry] = field(default_factory=deque[Entry])
    requests: dict[tuple[str, str], str | None] = field(
        default_factory=dict[tuple[str, str], str | None]
    )
    attempts: dict[str, Attempt] = field(default_factory=dict[str, Attempt])
    outbox: PendingOutbox = field(default_factory=PendingOutbox)
    history: PendingHistory = field(default_factory=PendingHistory)
    repair: Repair | None = None
    causes: dict[str, None] = field(default_factory=dict[str, None])
    callbacks: dict[str, Callable[[], None]] = field(default_factory=dict[str, Callable[[], None]])
    waiters: list[asyncio.Future[bool]] = field(default_factory=list[asyncio.Future[bool]])

    def __bool__(self) -> bool:
        kept = (self.saved, self.run, self.entries, self.requests, self.attempts)
        return any(map(bool, (*kept, self.outbox, self.history, self.repair)))

    def add(self, entry: Entry) -> Counter[str]:
        """Let *entry* wait too; tell how many of which device had to make room."""
        self.entries.append(entry)
        return self._shorten()

    def mend(self, repair: Repair) -> None:
        """Let a repair wait, in place of an earlier one; what waits is mended at once."""
        self.repair = repair
        self.entries = deque(map(repair.mended, self.entries))
        self.history.mend(repair.boot_id, repair.offset, repair.trust)

    def remember(self, device: str, key: str, answer: str | None) -> None:
        """Let a request wait as the newest of its device; the oldest makes room."""
        self.requests = _newest_requests(_under(self.requests, {(device, key): answer}))

    def attempt(self, identity: str, attempt: Attempt) -> None:
        """Let an attempt wait as the newest; the oldest makes room."""
        self.attempts = _newest(_under(self.attempts, {identity: attempt}), ATTEMPTS_KEPT)

    def wait(self, waiter: asyncio.Future[bool]) -> None:
        """Tell *waiter* of the outcome; those who have given up make room."""
        self.waiters = [*(each for each in self.waiters if not each.done()), waiter]

    def changes(self) -> Changes:
        """Write it down; this may take a while, and belongs in the store's thread."""
        return Changes(
            saved={device: to_json(value) for device, value in self.saved.items()},
            run=self.run,
            entries=tuple(self.entries),
            requests=self.requests,
            attempts=self.attempts,
            outbox=self.outbox.changes(),
            history=self.history.changes(),
            repair=self.repair,
        )

    def put_back(self, older: "Pending") -> Counter[str]:
        """Take in what could not be written, under what has come since; tell as `add` does."""
        self.saved = {**older.saved, **self.saved}
        self.run = self.run or older.run
        entries = older.entries
        if self.repair is not None:
            entries = deque(map(self.repair.mended, entries))
        self.entries.extendleft(reversed(entries))
        self.history.put_back(older.history)
        if self.repair is not None:
            repair = self.repair
            self.history.mend(repair.boot_id, repair.offset, repair.trust)
        self.repair = self.repair or older.repair
        self.requests = _newest_requests(_under(older.requests, self.requests))
        self.attempts = _newest(_under(older.attempts, self.attempts), ATTEMPTS_KEPT)
        self.outbox.put_back(older.outbox)
        self.causes = {**older.causes, **self.causes}
        self.callbacks = {**older.callbacks, **self.callbacks}
        return self._shorten()

    def tell(self, *, is_kept: bool) -> None:
        """Tell those who wait for the outcome."""
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(is_kept)

    def _shorten(self) -> Counter[str]:
        """Let the oldest rows go of whoever has most waiting: a flood is its device's alone."""
        lost: Counter[str] = Counter()
        if len(self.entries) <= MAX_ENTRIES:
            return lost
        waiting = Counter(entry.device_id for entry in self.entries)
        while len(self.entries) - lost.total() > MAX_ENTRIES:
            device, _ = waiting.most_common(1)[0]
            waiting[device] -= 1
            lost[device] += 1
        owed = lost.copy()
        kept: deque[Entry] = deque()
        for entry in self.entries:
            if owed[entry.device_id] > 0:
                owed[entry.device_id] -= 1
            else:
                kept.append(entry)
        self.entries = kept
        return lost


def _under(older: dict[K, V], newer: dict[K, V]) -> dict[K, V]:
    """Lay *newer* over *older*; the newest stay last."""
    return {key: value for key, value in older.items() if key not in newer} | newer


def _newest(waiting: dict[K, V], kept: int) -> dict[K, V]:
    return dict(list(waiting.items())[-kept:])


def _newest_requests(waiting: dict[tuple[str, str], V]) -> dict[tuple[str, str], V]:
    """Leave of each device as many as are kept."""
    counts = Counter(device for device, _ in waiting)
    kept: dict[tuple[str, str], V] = {}
    for (device, key), answer in waiting.items():
        if counts[device] <= REQUESTS_KEPT:
            kept[device, key] = answer
        counts[device] -= 1
    return kept
