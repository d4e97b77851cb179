"""One TCP connection as the core sees it."""

from collections import deque
from dataclasses import dataclass, field

from agent.emulator.pace import Pace
from agent.emulator.packets import Publish
from agent.emulator.parser import PacketParser
from agent.emulator.session import Session
from agent.emulator.values import DeviceKey


@dataclass(slots=True, kw_only=True, eq=False)
class Connection:
    """A connection from its first byte on; `device` and `session` come with CONNECT."""

    number: int
    parser: PacketParser
    is_tls: bool
    device: DeviceKey | None = None
    client_id: str = ""
    session: Session | None = None
    protocol_level: int = 0
    keepalive_s: int = 0
    since: float = 0.0
    """Wall time of CONNECT."""
    heard_at: float = 0.0
    is_closed: bool = False
    is_half_open: bool = False
    """Dead, and nobody was told: what either side sends is gone."""
    outgoing: list[bytes] = field(default_factory=list[bytes])
    held: deque[tuple[float, bytes]] = field(default_factory=deque[tuple[float, bytes]])
    """Bytes that the fault `delay` holds back, with the time they are due."""
    pace: Pace = field(default_factory=Pace)
    qos1_pace: Pace = field(default_factory=Pace)
    delayed: deque[Publish] = field(default_factory=deque[Publish])
    """Uplinks above the pace of this second, for the next."""

    @property
    def dies_at(self) -> float | None:
        """Return when the connection dies unless something is heard (1.5 × keepalive), or None."""
        return self.heard_at + 1.5 * self.keepalive_s if self.keepalive_s else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What the control API tells about a session."""

    client_id: str
    keepalive_s: int
    tls: bool
    since: float
    protocol_level: int
    clean: bool
    subscriptions: tuple[str, ...]


def facts(connection: Connection) -> SessionFacts:
    """Collect the facts of a connection that has a session."""
    session = connection.session
    return SessionFacts(
        client_id=connection.client_id,
        keepalive_s=connection.keepalive_s,
        tls=connection.is_tls,
        since=connection.since,
        protocol_level=connection.protocol_level,
        clean=session is None or not session.is_persistent,
        subscriptions=tuple(session.filters) if session is not None else (),
    )
