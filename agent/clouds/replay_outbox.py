"""An outbox that is filled from a recording."""

from collections.abc import Callable
from dataclasses import replace

from agent.messages import InfoReport, Uplink
from agent.outbox import PAST_S, Ending, Keeping, Outbox, Row


class ReplayOutbox(Outbox):
    """An outbox whose ids are those of the recording, and whose time is the replay's."""

    def __init__(self, next_id: Callable[[], str], now: Callable[[], float]) -> None:
        super().__init__(first_id=1, keeping=Keeping(clock=now))
        self._next_id = next_id
        self._now = now
        self._heard: dict[str, Row] = {}

    def new_id(self) -> str:
        """Take the next recorded id."""
        return self._next_id()

    def hear(self, message: Uplink, *, is_past: bool) -> None:
        """Let a recorded message wait, as one of now or of the past."""
        if is_past and not isinstance(message, InfoReport):
            message = replace(message, at=self._now() - 2 * PAST_S)
        row = self.append(message)
        self._heard[row.message_id] = row

    def discard(self, message_id: str) -> None:
        """Take out what is not said any more."""
        row = self._heard.get(message_id)
        if row is not None:
            self.end(row, Ending.LOCAL)
