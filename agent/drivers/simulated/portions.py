"""Cut what flows into equal portions, and tell when each was full."""


class Portions:
    """Gathers a rate over time: energy from power, a pulse from a frequency."""

    def __init__(self, size: float) -> None:
        self._size = size
        self._gathered = 0.0

    def add(self, rate: float, start: float, span_s: float) -> list[float]:
        """Gather at *rate* a second from *start* on; tell the moments at which one was full."""
        moments: list[float] = []
        if rate <= 0:
            return moments
        at, left = start, rate * span_s
        while self._gathered + left >= self._size:
            needed = self._size - self._gathered
            left -= needed
            at += needed / rate
            self._gathered = 0.0
            moments.append(at)
        self._gathered += left
        return moments
