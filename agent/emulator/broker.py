"""The MQTT core: bytes and time in, actions out; no sockets, no clock, no tasks."""

from dataclasses import replace
from typing import assert_never

from agent.emulator import packets
from agent.emulator.agenda import Agenda
from agent.emulator.connection import Connection, SessionFacts, facts
from agent.emulator.delivery import Delivery
from agent.emulator.faults import Fault, FaultKind, Faults
from agent.emulator.garbage import garbage
from agent.emulator.journal import Journal
from agent.emulator.output import (
    ConnectDue,
    CredentialsDue,
    Due,
    ExpireDue,
    FlushDue,
    KeepaliveDue,
    Output,
    ResendDue,
    UplinkDue,
)
from agent.emulator.packets import Connect, Packet, PacketError, Publish, Subscribe
from agent.emulator.parser import PacketParser
from agent.emulator.platform import Admitted, Platform, Reaction, Refused
from agent.emulator.roster import Roster
from agent.emulator.subscribing import Subscribing
from agent.emulator.uplinks import Uplinks
from agent.emulator.values import Action, DeviceKey, Instant, Publication


class Broker:
    """MQTT 3.1 and 3.1.1 at QoS 0 and 1 for one platform."""

    def __init__(self, platform: Platform, *, faults: Faults, journal: Journal) -> None:
        self._platform = platform
        self._rules = platform.rules
        self._faults = faults
        self._journal = journal
        self._agenda: Agenda[Due] = Agenda()
        self._output = Output(faults, self._agenda)
        self._delivery = Delivery(
            self._rules, output=self._output, agenda=self._agenda, journal=journal
        )
        self._roster = Roster(output=self._output, delivery=self._delivery)
        self._subscribing = Subscribing(
            platform, output=self._output, delivery=self._delivery, roster=self._roster
        )
        self._uplinks = Uplinks(
            platform,
            faults=faults,
            journal=journal,
            agenda=self._agenda,
            output=self._output,
            delivery=self._delivery,
            roster=self._roster,
        )

    @property
    def next_due(self) -> float | None:
        """Return when `tick` has something to do (monotonic), or None."""
        return self._agenda.next_due

    def open(self, number: int, at: Instant, *, is_tls: bool = False) -> list[Action]:
        """Take a new connection; *number* is its name from now on."""
        parser = PacketParser(max_packet=self._rules.max_packet)
        connection = Connection(number=number, parser=parser, is_tls=is_tls)
        self._roster.add(connection)
        if self._faults and self._faults.strike(FaultKind.DROP, None, at.now):
            self._roster.close(connection, at)
        else:
            due = at.now + self._rules.connect_within_s
            self._agenda.add(due, ConnectDue(connection=connection))
        return self._output.take()

    def receive(self, number: int, data: bytes, at: Instant) -> list[Action]:
        """Take bytes from a connection."""
        connection = self._roster.find(number)
        if connection is None or connection.is_half_open:
            return []
        connection.heard_at = at.now
        try:
            for packet in connection.parser.feed(data):
                self._handle(connection, packet, at)
                if connection.is_closed:
                    break
        except PacketError as error:
            self._roster.cut(connection, at, str(error))
        return self._output.take()

    def lost(self, number: int, at: Instant) -> list[Action]:
        """Take note that the peer closed a connection."""
        connection = self._roster.find(number)
        if connection is not None:
            if connection.session is not None:
                self._roster.note("session.lost", connection)
            self._roster.forget(connection, at)
            connection.is_closed = True
        return self._output.take()

    def tick(self, at: Instant) -> list[Action]:
        """Do everything that is due."""
        while (due := self._agenda.take_due(at.now)) is not None:
            match due:
                case ConnectDue(connection=connection):
                    if connection.session is None:
                        self._roster.cut(connection, at, "no CONNECT came")
                case KeepaliveDue(connection=connection):
                    self._check_keepalive(connection, at)
                case CredentialsDue(connection=connection):
                    self._roster.cut(connection, at, "its credentials have ended")
                case FlushDue(connection=connection):
                    self._output.flush(connection, at)
                case ResendDue(connection=connection):
                    self._delivery.resend(connection, at)
                case ExpireDue(client_id=client_id, left_at=left_at):
                    self._delivery.expire(client_id, left_at)
                case UplinkDue(connection=connection):
                    self._uplinks.take_delayed(connection, at)
                case _:
                    assert_never(due)
        return self._output.take()

    def publish(self, publication: Publication, at: Instant) -> tuple[bool, list[Action]]:
        """Send a message down; tell whether a subscriber is online."""
        was_sent = self._delivery.publish(publication, at)
        return was_sent, self._output.take()

    def strike(self, fault: Fault, at: Instant) -> tuple[int, list[Action]]:
        """Let a fault act on the connections that are open; return how many were struck."""
        struck = 0
        for connection in self._roster.of_target(fault.target):
            match fault.kind:
                case FaultKind.KICK | FaultKind.DROP | FaultKind.HALF_OPEN:
                    device = connection.device
                    if fault.is_lasting and not self._faults.strike(fault.kind, device, at.now):
                        break
                    self._roster.end(connection, fault.kind, at)
                case FaultKind.GARBAGE:
                    self._send_garbage(connection, fault, at)
                case FaultKind.REFUSE | FaultKind.SILENCE | FaultKind.DELAY | FaultKind.REJECT:
                    continue
                case _:
                    assert_never(fault.kind)
            struck += 1
        return struck, self._output.take()

    def session(self, device: DeviceKey) -> SessionFacts | None:
        """Return the facts of a device's session, or None while it is offline."""
        connection = self._roster.of_device(device)
        return None if connection is None else facts(connection)

    # ── packets ─────────────────────────────────────────────────────────────────────────────

    def _handle(self, connection: Connection, packet: Packet, at: Instant) -> None:
        if connection.session is None:
            self._handle_first(connection, packet, at)
            return
        match packet:
            case Publish():
                self._uplinks.take(connection, packet, at)
            case packets.Puback(packet_id=packet_id):
                connection.session.acknowledge(packet_id)
            case Subscribe():
                self._subscribing.take(connection, packet, at)
            case packets.Unsubscribe(packet_id=packet_id, filters=filters):
                for topic_filter in filters:
                    connection.session.unsubscribe(topic_filter)
                self._output.write(connection, packets.unsuback(packet_id), at)
            case packets.Pingreq():
                self._output.write(connection, packets.PINGRESP, at)
            case packets.Disconnect():
                self._roster.note("session.ended", connection)
                self._roster.close(connection, at)
            case Connect() | packets.ForeignConnect():
                self._roster.cut(connection, at, "a second CONNECT")
            case _:
                assert_never(packet)

    def _handle_first(self, connection: Connection, packet: Packet, at: Instant) -> None:
        match packet:
            case Connect():
                self._take_connect(connection, packet, at)
            case packets.ForeignConnect(protocol_name=name, protocol_level=level):
                self._roster.refuse(connection, self._bad_protocol(name, level), at)
            case _:
                self._roster.cut(connection, at, "the first packet is not CONNECT")

    def _take_connect(self, connection: Connection, connect: Connect, at: Instant) -> None:
        if connect.has_will and self._rules.on_will is Reaction.CLOSE:
            self._roster.cut(connection, at, "a will is not supported")
            return
        connect = replace(connect, is_tls=connection.is_tls)
        verdict = self._judge(connect, at)
        if isinstance(verdict, Refused):
            self._roster.refuse(connection, verdict, at)
            return
        connection.device = verdict.device
        if self._faults and self._is_struck_at_connect(connection, at):
            return
        connection.client_id = (
            verdict.client_id or connect.client_id or f"anonymous-{connection.number}"
        )
        if verdict.keepalive_s is not None:
            connect = replace(connect, keepalive_s=verdict.keepalive_s)
        self._admit(connection, connect, at)
        if verdict.until is not None:
            ends_at = at.now + max(0.0, verdict.until - at.wall_time)
            self._agenda.add(ends_at, CredentialsDue(connection=connection))
        if verdict.warning:
            self._roster.note("session.warned", connection, reason=verdict.warning)

    def _judge(self, connect: Connect, at: Instant) -> Admitted | Refused:
        level = connect.protocol_level
        if level not in self._rules.protocol_levels:
            return self._bad_protocol("MQTT", level)
        if not connect.client_id and not connect.is_clean:
            reason = "an empty client id needs a clean session"
            return Refused(code=packets.BAD_CLIENT_ID, reason=reason)
        return self._platform.authenticate(connect, at)

    def _bad_protocol(self, name: str, level: int) -> Refused:
        code = packets.BAD_PROTOCOL if self._rules.answers_other_protocols else None
        return Refused(code=code, reason=f"protocol {name} level {level}")

    def _is_struck_at_connect(self, connection: Connection, at: Instant) -> bool:
        if self._faults.strike(FaultKind.DROP, connection.device, at.now):
            self._roster.close(connection, at)
            return True
        fault = self._faults.strike(FaultKind.REFUSE, connection.device, at.now)
        if fault is not None:
            verdict = Refused(code=fault.code, reason="fault", device=connection.device)
            self._roster.refuse(connection, verdict, at)
        return fault is not None

    def _admit(self, connection: Connection, connect: Connect, at: Instant) -> None:
        assert connection.device is not None
        connection.protocol_level = connect.protocol_level
        connection.keepalive_s = connect.keepalive_s
        connection.since = at.wall_time
        is_present = self._roster.admit(connection, is_clean=connect.is_clean, at=at)
        if connection.dies_at is not None:
            self._agenda.add(connection.dies_at, KeepaliveDue(connection=connection))
        self._roster.note("session.opened", connection, keepalive_s=connect.keepalive_s)
        code = packets.connack(packets.ACCEPTED, session_present=is_present)
        self._output.write(connection, code, at)
        self._delivery.resume(connection, at)
        for kind in (FaultKind.KICK, FaultKind.HALF_OPEN):
            if self._faults and self._faults.strike(kind, connection.device, at.now):
                self._roster.end(connection, kind, at)
                return

    def _check_keepalive(self, connection: Connection, at: Instant) -> None:
        dies_at = connection.dies_at
        if connection.is_closed or dies_at is None:
            return
        if dies_at <= at.now:
            self._roster.cut(connection, at, f"silent for 1.5 × {connection.keepalive_s} s")
        else:
            self._agenda.add(dies_at, KeepaliveDue(connection=connection))

    def _send_garbage(self, connection: Connection, fault: Fault, at: Instant) -> None:
        if fault.raw is not None:
            self._output.write(connection, fault.raw, at)
            return
        if connection.device is None:
            return
        for packet in garbage(fault, self._platform.garbage(connection.device)):
            self._delivery.send(connection, packet, at)
