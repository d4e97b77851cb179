"""What the platform asked a device and waits to be answered."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

MAX_PENDING: Final = 200


class Match(Enum):
    """What a reply turns out to be."""

    EXPECTED = auto()
    LATE = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One request: the topic that its reply comes on, and the time (monotonic) it is due by."""

    reply_on: str
    due: float


class Waiting:
    """The requests to one device by their ids; the oldest give way when there are too many."""

    def __init__(self) -> None:
        self._pending: dict[str, Pending] = {}

    def add(self, request_id: str, pending: Pending) -> None:
        """Wait for the reply to a request."""
        if len(self._pending) >= MAX_PENDING:
            del self._pending[next(iter(self._pending))]
        self._pending[request_id] = pending

    def settle(self, request_id: str, topic: str, now: float) -> Match:
        """Take a reply, once: whatever comes again for the same request is unknown."""
        pending = self._pending.get(request_id)
        if pending is None or pending.reply_on != topic:
            return Match.UNKNOWN
        del self._pending[request_id]
        return Match.EXPECTED if now <= pending.due else Match.LATE
