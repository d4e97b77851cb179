"""Where the core's decisions leave it: collected as actions, held back or lost by faults."""

from dataclasses import dataclass
from typing import Final

from agent.emulator.agenda import Agenda
from agent.emulator.connection import Connection
from agent.emulator.faults import FaultKind, Faults, Part
from agent.emulator.values import Action, Answered, Close, Instant, Noted, Send

MAX_HELD: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectDue:
    """A connection must have sent CONNECT by now."""

    connection: Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepaliveDue:
    """A connection must have been heard lately."""

    connection: Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class FlushDue:
    """Delayed bytes are to be sent."""

    connection: Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendDue:
    """The next stored message is to be sent."""

    connection: Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireDue:
    """A session whose client left at `left_at` expires."""

    client_id: str
    left_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkDue:
    """Delayed uplinks are to be taken."""

    connection: Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsDue:
    """The credentials of a connection end."""

    connection: Connection


Due = CredentialsDue | ConnectDue | KeepaliveDue | FlushDue | ResendDue | ExpireDue | UplinkDue


class Output:
    """Actions in the making: what one input writes to one connection leaves in one piece."""

    def __init__(self, faults: Faults, agenda: Agenda[Due]) -> None:
        self._faults = faults
        self._agenda = agenda
        self._touched: list[Connection] = []
        self._others: list[Action] = []

    def write(self, connection: Connection, data: bytes, at: Instant) -> None:
        """Write to a connection, as far as the faults let it through."""
        if connection.is_closed or connection.is_half_open:
            return
        if self._faults or connection.held:
            self._write_through_faults(connection, data, at)
        else:
            self._append(connection, data)

    def flush(self, connection: Connection, at: Instant) -> None:
        """Let go of held bytes that are due."""
        held = connection.held
        while held and held[0][0] <= at.now and not connection.is_closed:
            self._append(connection, held.popleft()[1])

    def close(self, connection: Connection) -> None:
        """Close a connection after what was written to it."""
        if not connection.is_closed:
            connection.is_closed = True
            connection.held.clear()
            if not connection.is_half_open:
                self._others.append(Close(connection=connection.number))

    def add(self, action: Answered | Noted) -> None:
        """Pass on an answer or a note."""
        self._others.append(action)

    def take(self) -> list[Action]:
        """Return the actions since the last call: bytes first, then everything else."""
        actions: list[Action] = []
        for connection in self._touched:
            data = connection.outgoing
            actions.append(Send(connection=connection.number, data=b"".join(data)))
            data.clear()
        actions += self._others
        self._touched.clear()
        self._others.clear()
        return actions

    def _append(self, connection: Connection, data: bytes) -> None:
        if not connection.outgoing:
            self._touched.append(connection)
        connection.outgoing.append(data)

    def _write_through_faults(self, connection: Connection, data: bytes, at: Instant) -> None:
        device = connection.device
        silence = self._faults.find(FaultKind.SILENCE, device, at.now)
        if silence is not None and silence.part is Part.ALL:
            self._faults.strike(FaultKind.SILENCE, device, at.now)
            return
        delay = self._faults.strike(FaultKind.DELAY, device, at.now)
        due = at.now if delay is None else at.now + delay.delay_s
        if delay is None and not connection.held:
            self._append(connection, data)
        elif len(connection.held) >= MAX_HELD:
            self.close(connection)
        else:
            # Bytes of one connection keep their order, also when the delay has ended meanwhile.
            due = max(due, connection.held[-1][0]) if connection.held else due
            connection.held.append((due, data))
            self._agenda.add(due, FlushDue(connection=connection))
