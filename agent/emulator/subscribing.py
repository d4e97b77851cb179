"""What a device may subscribe to, and what it is told when it does."""

from agent.emulator import packets, topics
from agent.emulator.connection import Connection
from agent.emulator.delivery import Delivery
from agent.emulator.output import Output
from agent.emulator.packets import Subscribe
from agent.emulator.platform import Platform
from agent.emulator.roster import Roster
from agent.emulator.values import Instant


class Subscribing:
    """Answers SUBSCRIBE as the platform does."""

    def __init__(
        self, platform: Platform, *, output: Output, delivery: Delivery, roster: Roster
    ) -> None:
        self._platform = platform
        self._rules = platform.rules
        self._output = output
        self._delivery = delivery
        self._roster = roster

    def take(self, connection: Connection, packet: Subscribe, at: Instant) -> None:
        """Grant what may be subscribed to, and send what is retained there."""
        limit = self._rules.max_filters
        if not all(topics.is_filter(topic_filter) for topic_filter, _ in packet.filters):
            self._roster.cut(connection, at, "a malformed topic filter")
            return
        if limit is not None and len(packet.filters) > limit:
            codes = tuple(packets.SUBACK_FAILURE for _ in packet.filters)
            self._roster.note(
                "subscribe.refused", connection, reason=f"more than {limit} filter(s)"
            )
        else:
            codes = tuple(self._grant(connection, *each, at) for each in packet.filters)
        self._output.write(connection, packets.suback(packet.packet_id, codes), at)
        for code, (topic_filter, _) in zip(codes, packet.filters, strict=True):
            if code != packets.SUBACK_FAILURE:
                self._delivery.send_retained(connection, topic_filter, at)

    def _grant(self, connection: Connection, topic_filter: str, qos: int, at: Instant) -> int:
        assert connection.device is not None
        assert connection.session is not None
        filters, limit = connection.session.filters, self._rules.max_subscriptions
        reason = None
        if not self._platform.may_subscribe(connection.device, topic_filter):
            reason = "no permission"
        elif limit is not None and len(filters) >= limit and topic_filter not in filters:
            reason = f"more than {limit} subscriptions"
        if reason is not None:
            self._roster.note("subscribe.refused", connection, topic=topic_filter, reason=reason)
            return packets.SUBACK_FAILURE
        granted = min(qos, self._rules.max_granted_qos)
        begins_at = at.now + self._rules.subscribe_takes_s
        connection.session.subscribe(topic_filter, granted, begins_at=begins_at)
        return granted
