"""How much happens in a span of time."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Window:
    """A count that begins anew when its span is over."""

    span_s: float
    start: float = 0.0
    count: int = 0

    def is_exceeded(self, limit: int | None, now: float) -> bool:
        """Count one more; tell whether that is above *limit* in this span."""
        if now - self.start >= self.span_s:
            self.start, self.count = now, 0
        self.count += 1
        return limit is not None and self.count > limit
