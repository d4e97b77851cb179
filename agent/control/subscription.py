"""One subscription of one client: what it is told, in order, and how much it has missed."""

from collections.abc import Callable, Mapping
from typing import Final

from agent.control.methods import Channel
from agent.control.protocol import told_line

METHOD: Final = "told"
"""The method of every notification that a client gets."""


class Subscription:
    """Tells one client about *devices*.

    A client that does not read misses what is new. When it reads again it is told how much that
    was, and `on_caught_up` are called, which may tell it how everything stands.
    """

    def __init__(
        self, number: int, channel: Channel, devices: frozenset[str], min_interval_s: float
    ) -> None:
        self.number = number
        self.channel = channel
        self.devices = devices
        self.min_interval_s = min_interval_s
        self.on_caught_up: list[Callable[[], None]] = []
        self.missed = 0

    def tell(self, topic: str, about: Mapping[str, object]) -> bool:
        """Tell it; False where it misses that."""
        if not self.missed and self._send({"topic": topic, **about}):
            return True
        self.missed += 1
        return False

    def _send(self, about: Mapping[str, object]) -> bool:
        line = told_line(METHOD, {"subscription": self.number, **about})
        return self.channel.tell(line, self._catch_up)

    def _catch_up(self) -> None:
        if self._send({"missed": self.missed}):
            self.missed = 0
            for call in self.on_caught_up:
                call()
