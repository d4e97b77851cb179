"""The way up: what becomes of each PUBLISH of a client."""

from typing import Final, assert_never

from agent.emulator import packets
from agent.emulator.agenda import Agenda
from agent.emulator.connection import Connection
from agent.emulator.delivery import Delivery
from agent.emulator.faults import Fault, FaultKind, Faults, Part
from agent.emulator.journal import Journal
from agent.emulator.limits import find_breach, pace_of
from agent.emulator.output import Due, Output, UplinkDue
from agent.emulator.packets import Publish
from agent.emulator.platform import Excess, Platform
from agent.emulator.roster import Roster
from agent.emulator.values import Instant

MAX_DELAYED: Final = 1000


class Uplinks:
    """Judge messages, acknowledge them, and pass them to the platform."""

    def __init__(  # noqa: PLR0913 - the parts that one message touches
        self,
        platform: Platform,
        *,
        faults: Faults,
        journal: Journal,
        agenda: Agenda[Due],
        output: Output,
        delivery: Delivery,
        roster: Roster,
    ) -> None:
        self._platform = platform
        self._rules = platform.rules
        self._faults = faults
        self._journal = journal
        self._agenda = agenda
        self._output = output
        self._delivery = delivery
        self._roster = roster

    def take(self, connection: Connection, packet: Publish, at: Instant) -> None:
        """Take one message: accept, delay or drop it, or close the connection."""
        device = connection.device
        assert device is not None
        self._journal.record(device, "up", (packet.topic, packet.qos, packet.payload), at.wall_time)
        is_permitted = self._platform.may_publish(device, packet.topic)
        breach = find_breach(connection, packet, self._rules, at.now, is_permitted=is_permitted)
        if breach is None:
            self._accept(connection, packet, at)
            return
        match breach.excess:
            case Excess.CLOSE:
                self._roster.cut(connection, at, breach.reason)
            case Excess.DROP:
                self._note(connection, "uplink.dropped", packet, breach.reason)
            case Excess.DELAY:
                self._note(connection, "uplink.delayed", packet, breach.reason)
                self._delay(connection, packet, at)
            case _:
                assert_never(breach.excess)

    def take_delayed(self, connection: Connection, at: Instant) -> None:
        """Accept the messages whose second has come."""
        while connection.delayed and not connection.is_closed:
            pace, limit_per_s = pace_of(connection, connection.delayed[0], self._rules)
            if not pace.allows(limit_per_s, at.now):
                self._agenda.add(pace.next_start, UplinkDue(connection=connection))
                return
            self._accept(connection, connection.delayed.popleft(), at)

    def _delay(self, connection: Connection, packet: Publish, at: Instant) -> None:
        if len(connection.delayed) >= MAX_DELAYED:
            self._roster.cut(connection, at, f"more than {MAX_DELAYED} messages are delayed")
            return
        connection.delayed.append(packet)
        if len(connection.delayed) == 1:
            pace, _ = pace_of(connection, packet, self._rules)
            self._agenda.add(pace.next_start, UplinkDue(connection=connection))

    def _accept(self, connection: Connection, packet: Publish, at: Instant) -> None:
        device = connection.device
        assert device is not None
        silence = self._silence(connection, at)
        if packet.qos and (silence is None or silence.part is not Part.ACKS):
            self._output.write(connection, packets.puback(packet.packet_id), at)
        is_rejected = self._faults and self._faults.strike(FaultKind.REJECT, device, at.now)
        take = self._platform.refuse if is_rejected else self._platform.receive
        receipt = take(device, packet, at)
        for answer in receipt.answers:
            self._output.add(answer)
        if receipt.note is not None:
            self._output.add(receipt.note)
        if silence is not None and silence.part is not Part.ACKS:
            self._faults.strike(FaultKind.SILENCE, device, at.now)
        else:
            for publication in receipt.publications:
                self._delivery.publish(publication, at)
        if receipt.cut is not None:
            self._roster.cut(connection, at, receipt.cut)

    def _silence(self, connection: Connection, at: Instant) -> Fault | None:
        if not self._faults:
            return None
        return self._faults.find(FaultKind.SILENCE, connection.device, at.now)

    def _note(self, connection: Connection, event: str, packet: Publish, reason: str) -> None:
        self._roster.note(event, connection, topic=packet.topic, reason=reason)
