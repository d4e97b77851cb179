"""The connections that are open, and every way in which one ends."""

from collections.abc import Sequence

from agent.emulator import packets
from agent.emulator.connection import Connection
from agent.emulator.delivery import Delivery
from agent.emulator.faults import EVERYONE, FaultKind, Target
from agent.emulator.output import Output
from agent.emulator.platform import Refused
from agent.emulator.values import DeviceKey, Instant, Noted


class Roster:
    """Connections by number and by device."""

    def __init__(self, *, output: Output, delivery: Delivery) -> None:
        self._output = output
        self._delivery = delivery
        self._by_number: dict[int, Connection] = {}
        self._by_device: dict[DeviceKey, Connection] = {}

    def add(self, connection: Connection) -> None:
        """Take in a new connection."""
        self._by_number[connection.number] = connection

    def admit(self, connection: Connection, *, is_clean: bool, at: Instant) -> bool:
        """Give a connection its session, in the place of an older one; tell if that existed."""
        assert connection.device is not None
        found = (
            self._by_device.get(connection.device),
            self._delivery.connection(connection.client_id),
        )
        for other in found:
            if other is not None and not other.is_closed:
                self.note("session.kicked", other, reason="the same identity connected again")
                self.close(other, at)
        self._by_device[connection.device] = connection
        return self._delivery.attach(connection, is_clean=is_clean)

    def find(self, number: int) -> Connection | None:
        """Find a connection by its number."""
        return self._by_number.get(number)

    def of_device(self, device: DeviceKey) -> Connection | None:
        """Find the connection that a device has now."""
        return self._by_device.get(device)

    def of_target(self, target: Target) -> Sequence[Connection]:
        """Find the connections that a fault with *target* strikes."""
        return [
            each
            for each in self._by_number.values()
            if target == EVERYONE or (each.device is not None and target.includes(each.device))
        ]

    def refuse(self, connection: Connection, verdict: Refused, at: Instant) -> None:
        """Answer CONNECT with a refusal, if there is one, and close."""
        code = "none" if verdict.code is None else verdict.code
        noted = Noted(
            event="session.refused",
            level="warning",
            device=verdict.device,
            facts={"code": code, "reason": verdict.reason},
        )
        self._output.add(noted)
        if verdict.code is not None:
            self._output.write(connection, packets.connack(verdict.code), at)
        self.close(connection, at)
        older = None if verdict.device is None else self._by_device.get(verdict.device)
        if verdict.ends_session and older is not None:
            self.cut(older, at, verdict.reason)

    def cut(self, connection: Connection, at: Instant, reason: str) -> None:
        """Close a connection that did what it must not, unless it is closed already."""
        if connection.is_closed:
            return
        self.note("session.cut", connection, reason=reason)
        self.close(connection, at)

    def end(self, connection: Connection, kind: FaultKind, at: Instant) -> None:
        """End a connection as a fault says: closed, or dead without a word."""
        if kind is FaultKind.HALF_OPEN:
            connection.is_half_open = True
            connection.held.clear()
            return
        self.note("session.kicked", connection, reason=f"fault {kind}")
        self.close(connection, at)

    def close(self, connection: Connection, at: Instant) -> None:
        """Close a connection without a packet."""
        self._output.close(connection)
        self.forget(connection, at)

    def forget(self, connection: Connection, at: Instant) -> None:
        """Take note that a connection is gone."""
        self._by_number.pop(connection.number, None)
        device = connection.device
        if device is not None and self._by_device.get(device) is connection:
            del self._by_device[device]
        self._delivery.detach(connection, at)

    def note(self, event: str, connection: Connection, **facts: str | float) -> None:
        """Tell whoever watches what became of a connection."""
        self._output.add(Noted(event=event, device=connection.device, facts=facts))
