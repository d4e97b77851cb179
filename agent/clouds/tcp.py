"""What is asked of a connection's socket, and what it tells that MQTT does not."""

import socket
import ssl
from dataclasses import dataclass
from typing import Final

from agent.clouds import silence

PROBE_AFTER_S: Final = 30
"""Without traffic for so long TCP asks whether the peer is there: once between two pings of
MQTT's usual 60 s, so that an address translation on the way does not forget the connection."""
PROBE_EVERY_S: Final = 5
PROBES: Final = 4

_HEAD: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long to wait for the broker's packets, and how many may wait for it.

    `answer_s` is for a SUBACK or PUBACK; whoever wants to know earlier sets a limit of its own.
    `patience_s` and `ping_s`: see `Silence`. `unheard_ms` is for TCP's own confirmation: as long
    as both, so that a dead network is found as fast while nothing is awaited; what it swallowed
    is then not given up, as a delivery has more patience.
    """

    connack_s: float = 10.0
    answer_s: float = 30.0
    patience_s: float = silence.PATIENCE_S
    ping_s: float = silence.PING_S
    unheard_ms: int = 20_000
    unacknowledged: int = 100


def tune(opened: socket.socket, bounds: Bounds) -> None:
    """Send at once, and let a connection end whose bytes nobody confirms."""
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, bounds.unheard_ms)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, PROBE_AFTER_S)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, PROBE_EVERY_S)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, PROBES)


def fault_of(opened: socket.socket) -> int:
    """Take the error that the kernel has for a connection; 0 where there is none."""
    return opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def head_of(opened: socket.socket) -> bytes:
    """Look at the first bytes that have come and leave them there; none through TLS."""
    if isinstance(opened, ssl.SSLSocket):
        return b""
    try:
        return opened.recv(_HEAD, socket.MSG_PEEK)
    except OSError:  # nothing, or an end that the reader will find
        return b""
