"""What waits to be written."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from agent.devices.effects import Saved
from agent.store.contents import Attempt, Changes, Entry, Run
from agent.store.generation import to_json

K = TypeVar("K")
V = TypeVar("V")

MAX_ENTRIES: Final = 1_000
"""So many journal entries wait at most; the oldest makes room."""


@dataclass(slots=True, kw_only=True)
class Pending:
    """The next commit: the latest save of each device, everything else in order.

    `causes` says for whose sake it is written, `callbacks` who is told when it is on the disk,
    and `waiters` who is told either way.
    """

    saved: dict[str, Saved] = field(default_factory=dict[str, Saved])
    run: Run | None = None
    entries: deque[Entry] = field(default_factory=deque[Entry])
    requests: dict[tuple[str, str], str | None] = field(
        default_factory=dict[tuple[str, str], str | None]
    )
    attempts: dict[str, Attempt] = field(default_factory=dict[str, Attempt])
    causes: dict[str, None] = field(default_factory=dict[str, None])
    callbacks: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    waiters: list[asyncio.Future[bool]] = field(default_factory=list[asyncio.Future[bool]])

    def __bool__(self) -> bool:
        return bool(self.saved or self.run or self.entries or self.requests or self.attempts)

    def add(self, entry: Entry) -> int:
        """Let *entry* wait too; tell how many had to make room."""
        self.entries.append(entry)
        return self._shorten()

    def changes(self) -> Changes:
        """Write it down; this may take a while, and belongs in the store's thread."""
        return Changes(
            saved={device: to_json(value) for device, value in self.saved.items()},
            run=self.run,
            entries=tuple(self.entries),
            requests=self.requests,
            attempts=self.attempts,
        )

    def put_back(self, older: "Pending") -> int:
        """Take in what could not be written, under what has come since; tell what was dropped."""
        self.saved = {**older.saved, **self.saved}
        self.run = self.run or older.run
        self.entries.extendleft(reversed(older.entries))
        self.requests = _under(older.requests, self.requests)
        self.attempts = _under(older.attempts, self.attempts)
        self.causes = {**older.causes, **self.causes}
        self.callbacks = [*older.callbacks, *self.callbacks]
        return self._shorten()

    def tell(self, *, is_kept: bool) -> None:
        """Tell those who wait for the outcome."""
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(is_kept)

    def _shorten(self) -> int:
        dropped = max(0, len(self.entries) - MAX_ENTRIES)
        for _ in range(dropped):
            self.entries.popleft()
        return dropped


def _under(older: dict[K, V], newer: dict[K, V]) -> dict[K, V]:
    """Lay *newer* over *older*; the newest stay last."""
    return {key: value for key, value in older.items() if key not in newer} | newer
