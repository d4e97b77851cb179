"""The way down: sessions, their subscriptions, and messages to whoever subscribed."""

from typing import Final

from agent.emulator import packets, topics
from agent.emulator.agenda import Agenda
from agent.emulator.connection import Connection
from agent.emulator.journal import Journal
from agent.emulator.output import Due, ExpireDue, Output, ResendDue
from agent.emulator.packets import Publish
from agent.emulator.platform import Rules
from agent.emulator.session import Session, Stored
from agent.emulator.values import Instant, Publication

MAX_RETAINED: Final = 1000


class Delivery:
    """Who is connected, which sessions exist, and what each is sent."""

    def __init__(
        self, rules: Rules, *, output: Output, agenda: Agenda[Due], journal: Journal
    ) -> None:
        self._rules = rules
        self._output = output
        self._agenda = agenda
        self._journal = journal
        self._sessions: dict[str, Session] = {}
        self._connected: dict[str, Connection] = {}
        self._left_at: dict[str, float] = {}
        self._retained: dict[tuple[str, str | None], Publication] = {}

    def connection(self, client_id: str) -> Connection | None:
        """Return the connection of a client, or None while it is offline."""
        return self._connected.get(client_id)

    def attach(self, connection: Connection, *, is_clean: bool) -> bool:
        """Give a connection its session; tell whether the session existed before."""
        client_id = connection.client_id
        session = None if is_clean else self._sessions.get(client_id)
        is_present = session is not None
        if session is None:
            session = Session(
                is_persistent=not is_clean,
                max_unacknowledged=self._rules.max_unacknowledged,
                max_kept=self._rules.keeps_messages,
            )
            self._sessions[client_id] = session
        connection.session = session
        self._connected[client_id] = connection
        self._left_at.pop(client_id, None)
        return is_present

    def detach(self, connection: Connection, at: Instant) -> None:
        """Take note that a connection is gone; a clean session goes with it."""
        client_id, session = connection.client_id, connection.session
        if session is None or self._connected.get(client_id) is not connection:
            return
        del self._connected[client_id]
        if session.is_persistent:
            self._left_at[client_id] = at.now
            due = at.now + self._rules.stored_for_s
            self._agenda.add(due, ExpireDue(client_id=client_id, left_at=at.now))
        else:
            self._sessions.pop(client_id, None)

    def expire(self, client_id: str, left_at: float) -> None:
        """End a session whose client has been away since *left_at*."""
        if self._left_at.get(client_id) == left_at:
            del self._left_at[client_id]
            self._sessions.pop(client_id, None)

    def publish(self, publication: Publication, at: Instant) -> bool:
        """Send a message to whom it is for; tell whether one of them is online."""
        if publication.is_retained and self._rules.keeps_retained:
            self._retain(publication)
        if publication.client_id is not None:
            return self._deliver(publication.client_id, publication, at)
        was_sent = False
        for client_id in self._sessions:
            was_sent |= self._deliver(client_id, publication, at)
        return was_sent

    def send_retained(self, connection: Connection, topic_filter: str, at: Instant) -> None:
        """Send what is retained for a filter that was just granted."""
        session, client_id = connection.session, connection.client_id
        for (topic, _), publication in self._retained.items():
            if session is None or publication.client_id not in {None, client_id}:
                continue
            if topics.matches(topic_filter, topic):
                qos = min(publication.qos, session.filters[topic_filter])
                self._send_or_store(connection, session, publication, (qos, True), at)

    def resume(self, connection: Connection, at: Instant) -> None:
        """Begin to send what a session has stored."""
        if connection.session is not None:
            connection.session.resume(oldest=at.now - self._rules.stored_for_s)
            self.resend(connection, at)

    def resend(self, connection: Connection, at: Instant) -> None:
        """Send the next stored message, or all of them where the platform does not space them."""
        session = connection.session
        if session is None or connection.is_closed:
            return
        while (found := session.next_stored()) is not None:
            message, was_sent = found
            self._send_stored(connection, message, at, was_sent=was_sent)
            if self._rules.resend_interval_s and session.has_backlog:
                due = at.now + self._rules.resend_interval_s
                self._agenda.add(due, ResendDue(connection=connection))
                return

    def send(self, connection: Connection, packet: Publish, at: Instant) -> None:
        """Write a PUBLISH, whatever the subscriptions say."""
        if connection.device is not None:
            message = (packet.topic, packet.qos, packet.payload)
            self._journal.record(connection.device, "down", message, at.wall_time)
        self._output.write(connection, packets.publish(packet), at)

    def _deliver(self, client_id: str, publication: Publication, at: Instant) -> bool:
        session = self._sessions.get(client_id)
        qos = None if session is None else self._qos(session, publication, at)
        if session is None or qos is None:
            return False
        connection = self._connected.get(client_id)
        self._send_or_store(connection, session, publication, (qos, False), at)
        return connection is not None

    def _qos(self, session: Session, publication: Publication, at: Instant) -> int | None:
        """Return the QoS at which a session gets a message, or None."""
        qos = min(publication.qos, self._rules.max_granted_qos)
        if publication.client_id is not None and not publication.needs_subscription:
            return qos
        granted = session.granted(publication.topic, at.now)
        if granted is None or self._rules.uses_publisher_qos:
            return None if granted is None else qos
        return min(qos, granted)

    def _send_or_store(
        self,
        connection: Connection | None,
        session: Session,
        publication: Publication,
        how: tuple[int, bool],
        at: Instant,
    ) -> None:
        """Send a message at a QoS and with a retain flag, or keep it for a client that is away."""
        (qos, is_retained), topic, payload = how, publication.topic, publication.payload
        if qos == 0:
            if connection is not None:
                packet = Publish(topic=topic, payload=payload, is_retained=is_retained)
                self.send(connection, packet, at)
            return
        message = Stored(topic=topic, payload=payload, stored_at=at.now, is_retained=is_retained)
        if connection is None or session.has_backlog:
            if connection is not None or session.is_persistent:
                session.keep(message)
            return
        flying = session.send(message)
        if flying is not None:
            self._send_stored(connection, flying, at)

    def _send_stored(
        self, connection: Connection, message: Stored, at: Instant, *, was_sent: bool = False
    ) -> None:
        packet = Publish(
            topic=message.topic,
            payload=message.payload,
            qos=1,
            packet_id=message.packet_id,
            is_repeat=was_sent,
            is_retained=message.is_retained,
        )
        self.send(connection, packet, at)

    def _retain(self, publication: Publication) -> None:
        """Keep the last retained message of a topic to one client; an empty one ends that."""
        key = publication.topic, publication.client_id
        self._retained.pop(key, None)
        if publication.payload and len(self._retained) < MAX_RETAINED:
            self._retained[key] = publication
