"""How much an outbox may hold, and where it keeps that."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from agent.outbox.file import NO_FILE, OutboxFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much waits at most: rows, and about how many bytes of them."""

    rows: int = 10_000
    bytes: int = 8 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How an outbox keeps its rows: where, by which clock (seconds since boot), of which boot.

    `totals` names the quantities that only rise.
    """

    file: OutboxFile = NO_FILE
    clock: Callable[[], float] = lambda: 0.0
    boot_id: str = ""
    bounds: Bounds = Bounds()
    totals: Collection[str] = ()
