"""Ask chronyd whether it has synchronised the clock: one datagram on loopback.

The kernel's flag does not tell: chronyd clears it only with `rtcsync`, and a sandboxed service
may not read it. The format is chrony's command protocol, version 6 (candm.h).
"""

import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PORT: Final = 323
PID_FILES: Final = (Path("run/chrony/chronyd.pid"), Path("run/chronyd.pid"))
ANSWER_S: Final = 0.02
"""It comes in well under a millisecond, and the caller stands still for it."""

_VERSION: Final = 6
_REQUEST: Final = 1
_REPLY: Final = 2
_TRACKING: Final = 33
_TRACKING_REPLY: Final = 5
_HEADER: Final = struct.Struct("!BBxxH14x")
_REPLY_HEADER: Final = struct.Struct("!BBxxHHH18x")
_STATUS: Final = struct.Struct("!24xHHIII")
"""After the reference id and its address: stratum, leap status, the time of the last update."""
_REPLY_SIZE: Final = 104
"""A request is padded to the length of its reply, so that nobody can amplify with it."""
_UNSYNCHRONISED: Final = 3


def tracking_request() -> bytes:
    """Make the request for the state of synchronisation."""
    header = _HEADER.pack(_VERSION, _REQUEST, _TRACKING)
    return header.ljust(_REPLY_SIZE, b"\0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """Whether the clock is synchronised, and when it was set right last, by that clock."""

    is_synchronised: bool
    set_at: float


def tracking(reply: bytes) -> Tracking | None:
    """Read a reply to the tracking request; None for anything else."""
    if len(reply) < _REPLY_HEADER.size + _STATUS.size:
        return None
    version, kind, command, number, status = _REPLY_HEADER.unpack_from(reply)
    if (version, kind, command, number, status) != (
        _VERSION,
        _REPLY,
        _TRACKING,
        _TRACKING_REPLY,
        0,
    ):
        return None
    stratum, leap, high, low, nanoseconds = _STATUS.unpack_from(reply, _REPLY_HEADER.size)
    return Tracking(
        is_synchronised=bool(stratum) and leap != _UNSYNCHRONISED,
        set_at=(high << 32 | low) + nanoseconds / 1e9,
    )


class ChronyQuery:
    """A question that is asked again and again, and that waits a moment at the most."""

    def __init__(
        self, root: Path = Path("/"), port: int = PORT, *, answer_s: float = ANSWER_S
    ) -> None:
        self._pid_files = [root / path for path in PID_FILES]
        self._port = port
        self._answer_s = answer_s

    def ask(self) -> Tracking | None:
        """Give chronyd's answer; None where it does not run or does not answer."""
        if not any(path.exists() for path in self._pid_files):
            return None
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as question:
                question.settimeout(self._answer_s)
                question.connect(("127.0.0.1", self._port))
                question.send(tracking_request())
                return tracking(question.recv(1024))
        except OSError:
            return None
