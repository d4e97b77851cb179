"""Time stamps of `$dp`: texts in Beijing time, six bytes in UTC."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8))


def read_text(text: str) -> float:
    """Read `YYYY-MM-DD HH:MM:SS`, or ISO 8601 as `onmqtt` writes it; raise ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=BEIJING)
    return found.timestamp()


def read_bytes(data: bytes) -> float:
    """Read year - 2000, month, day, hour, minute, second; raise ValueError."""
    year, month, day, hour, minute, second = data
    return datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
