"""What is told to a client that does not read at once: so much, and not more."""

from collections import deque
from typing import Final

MOST_LINES: Final = 256
MOST_BYTES: Final = 256 * 1024


class WaitingLines:
    """Lines in order, bounded by their number and their bytes."""

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque()
        self._bytes = 0

    def __bool__(self) -> bool:
        """Tell whether any wait."""
        return bool(self._lines)

    def add(self, line: bytes) -> bool:
        """Add a line; False where there is no room for it."""
        if len(self._lines) >= MOST_LINES or self._bytes + len(line) > MOST_BYTES:
            return False
        self._lines.append(line)
        self._bytes += len(line)
        return True

    def take(self) -> bytes:
        """Take the oldest."""
        line = self._lines.popleft()
        self._bytes -= len(line)
        return line
