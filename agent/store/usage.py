"""How much the store writes, and for whose sake."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

THREAD_IO: Final = Path("/proc/thread-self/io")
HOUR_S: Final = 3_600.0
DAY_S: Final = 86_400.0


def bytes_written(path: Path = THREAD_IO) -> int | None:
    """Tell how many bytes this thread has handed to write(2); None where nobody counts."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    counts = dict(line.split(": ", 1) for line in lines)
    return int(counts["wchar"]) if "wchar" in counts else None


class Usage:
    """Bytes by cause since *began_at*."""

    def __init__(self, began_at: float) -> None:
        self._began_at = began_at
        self._bytes: dict[str, int] = {}

    def add(self, causes: Collection[str], count: int) -> None:
        """Share *count* bytes evenly among *causes*."""
        share, rest = divmod(count, len(causes))
        for number, cause in enumerate(causes):
            self._bytes[cause] = self._bytes.get(cause, 0) + share + (number < rest)

    @property
    def by_cause(self) -> Mapping[str, int]:
        """All of it."""
        return dict(self._bytes)

    def per_day(self, now: float) -> Mapping[str, int]:
        """Tell what a day comes to at this pace; one hour is the least that is judged by."""
        days = max(now - self._began_at, HOUR_S) / DAY_S
        return {cause: round(count / days) for cause, count in self._bytes.items()}
