"""What falls due later, as values in a heap: the core's only notion of a timer."""

import heapq
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")


class Agenda(Generic[T]):
    """Items by the time they fall due; equal times keep their order."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, T]] = []
        self._order = count()

    @property
    def next_due(self) -> float | None:
        """Return when the earliest item falls due, or None when there is none."""
        return self._heap[0][0] if self._heap else None

    def add(self, due: float, item: T) -> None:
        """Put *item* down for *due*."""
        heapq.heappush(self._heap, (due, next(self._order), item))

    def take_due(self, now: float) -> T | None:
        """Remove and return the earliest item that is due, or None."""
        if self._heap and self._heap[0][0] <= now:
            return heapq.heappop(self._heap)[2]
        return None
