"""One client's session: its subscriptions, and QoS 1 messages until they are acknowledged."""

from collections import deque
from dataclasses import dataclass, replace

from agent.emulator import topics


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A QoS 1 message that is kept; `packet_id` is 0 until it was sent once."""

    topic: str
    payload: bytes
    stored_at: float
    packet_id: int = 0
    is_retained: bool = False


class Session:
    """What survives a connection when the client asked for it."""

    def __init__(
        self, *, is_persistent: bool, max_unacknowledged: int, max_kept: int | None = None
    ) -> None:
        self.is_persistent = is_persistent
        self.filters: dict[str, int] = {}
        self.lost_messages = 0
        self._max_unacknowledged = max_unacknowledged
        self._max_kept = max_kept
        self._begins_at: dict[str, float] = {}
        self._wildcards: list[str] = []
        self._in_flight: dict[int, Stored] = {}
        self._backlog: deque[Stored] = deque()
        self._last_packet_id = 0

    @property
    def has_backlog(self) -> bool:
        """Tell whether stored messages wait to be sent (again)."""
        return bool(self._backlog)

    def subscribe(self, topic_filter: str, qos: int, *, begins_at: float) -> None:
        """Take a subscription that works from *begins_at* on, or change the QoS of an old one."""
        if topic_filter not in self.filters:
            self._begins_at[topic_filter] = begins_at
            if topics.has_wildcard(topic_filter):
                self._wildcards.append(topic_filter)
        self.filters[topic_filter] = qos

    def unsubscribe(self, topic_filter: str) -> None:
        """Drop a subscription, if there is one."""
        if self.filters.pop(topic_filter, None) is not None:
            del self._begins_at[topic_filter]
            if topic_filter in self._wildcards:
                self._wildcards.remove(topic_filter)

    def granted(self, topic: str, now: float) -> int | None:
        """Return the QoS at which *topic* is subscribed to, or None."""
        found = [each for each in self._wildcards if topics.matches(each, topic)]
        if topic in self.filters:
            found.append(topic)
        working = [self.filters[each] for each in found if self._begins_at[each] <= now]
        return max(working, default=None)

    def keep(self, message: Stored) -> bool:
        """Store a message for later, instead of an older one at need; tell if there was room."""
        if self._max_kept is not None and len(self._backlog) >= self._max_kept:
            self._backlog.popleft()
            self.lost_messages += 1
        if len(self._in_flight) + len(self._backlog) >= self._max_unacknowledged:
            self.lost_messages += 1
            return False
        self._backlog.append(message)
        return True

    def send(self, message: Stored) -> Stored | None:
        """Give a message a packet id and hold it until its PUBACK; None when there is no room."""
        if len(self._in_flight) + len(self._backlog) >= self._max_unacknowledged:
            self.lost_messages += 1
            return None
        return self._fly(message)

    def next_stored(self) -> tuple[Stored, bool] | None:
        """Take the next stored message to send, and whether it had been sent before."""
        if not self._backlog:
            return None
        message = self._backlog.popleft()
        if message.packet_id == 0:
            return self._fly(message), False
        self._in_flight[message.packet_id] = message
        return message, True

    def acknowledge(self, packet_id: int) -> None:
        """Forget a message that the client acknowledged."""
        if self._in_flight.pop(packet_id, None) is None:
            self._backlog = deque(each for each in self._backlog if each.packet_id != packet_id)

    def resume(self, *, oldest: float) -> None:
        """Line up what the last connection left behind, without what was stored before *oldest*."""
        waiting = [*self._in_flight.values(), *self._backlog]
        self._in_flight.clear()
        self._backlog = deque(each for each in waiting if each.stored_at >= oldest)

    def _fly(self, message: Stored) -> Stored:
        flying = replace(message, packet_id=self._free_packet_id())
        self._in_flight[flying.packet_id] = flying
        return flying

    def _free_packet_id(self) -> int:
        taken = {each.packet_id for each in self._backlog}
        while True:
            self._last_packet_id = self._last_packet_id % 0xFFFF + 1
            if self._last_packet_id not in self._in_flight and self._last_packet_id not in taken:
                return self._last_packet_id
