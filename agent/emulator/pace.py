"""How much passes in one second."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Pace:
    """A count that begins anew a second after its first."""

    start: float = 0.0
    count: int = 0

    def allows(self, limit_per_s: int | None, now: float) -> bool:
        """Tell whether one more is within the limit of this second, and count it then."""
        if limit_per_s is None:
            return True
        if now >= self.next_start:
            self.start, self.count = now, 0
        if self.count >= limit_per_s:
            return False
        self.count += 1
        return True

    @property
    def next_start(self) -> float:
        """Return when the next second begins."""
        return self.start + 1.0
