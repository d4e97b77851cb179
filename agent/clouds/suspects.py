"""Messages upon which the platform closes: one of them must not keep all others away for ever."""

from collections import Counter
from collections.abc import Callable
from typing import Final

SOON_S: Final = 5.0
"""A platform that closes because of a message does so at once."""

NAMED_FROM: Final = 2
MOST_ENDS: Final = 5
"""So many sessions, in a row for this message, end with it; then it is given up."""

MOST_KNOWN: Final = 64


class Suspects:
    """Counts, for each message, the sessions that the platform closed right after it was sent.

    Only a session in which something else was answered counts: else it lies not in the message.
    So a doubtful message waits until something was.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._ends: Counter[str] = Counter()
        self._under_way: dict[str, float] = {}
        self._doubtful: set[str] = set()
        self.is_heard = False
        """Whether anything was answered in this session."""

    def begin(self) -> None:
        """Begin a session."""
        self._under_way.clear()
        self.is_heard = False

    def sent(self, message_id: str) -> None:
        """Note that a message leaves now."""
        self._under_way[message_id] = self._now()

    def answered(self, message_id: str) -> None:
        """Note that a message was answered: it closes nothing."""
        self._under_way.pop(message_id, None)
        self._ends.pop(message_id, None)
        self._doubtful.discard(message_id)
        self.is_heard = True

    def is_doubtful(self, message_id: str) -> bool:
        """Tell whether the platform has closed right after a message before."""
        return message_id in self._doubtful

    def closed(self) -> bool:
        """Note that the platform closed; tell whether it did so upon one message before."""
        now = self._now()
        soon = [each for each, at in self._under_way.items() if now - at <= SOON_S]
        self._doubtful = set(soon)
        if self.is_heard:
            self._ends.update(soon)
            for message_id, _ in self._ends.most_common()[MOST_KNOWN:]:
                del self._ends[message_id]
        return any(self._ends[message_id] >= NAMED_FROM for message_id in soon)

    def is_given_up(self, message_id: str) -> bool:
        """Tell whether a message has ended so many sessions that it is sent no more."""
        return self._ends[message_id] >= MOST_ENDS
