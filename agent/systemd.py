"""What the service manager is told, and the descriptors that it keeps for us."""

import os
import socket
from array import array
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

import structlog

log = structlog.get_logger()

FIRST_DESCRIPTOR: Final = 3
"""Passed descriptors begin here (sd_listen_fds(3))."""

MAX_DESCRIPTORS: Final = 64
STATE_TIMEOUT_S: Final = 0.2
"""How long a change of state may wait for room in the manager's queue."""


class Notifier:
    """A datagram socket to the service manager; does nothing where there is none."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self._socket: socket.socket | None = None
        self._is_failing = False

    def __enter__(self) -> Self:
        if self._address is not None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ready(self, status: str = "") -> None:
        """Say that start-up, or a reload, has ended."""
        self._send(_fields("READY=1", status), timeout_s=STATE_TIMEOUT_S)

    def reloading(self, now: float, status: str = "") -> None:
        """Say that a reload begins at *now* (monotonic seconds); `ready` ends it."""
        fields = f"RELOADING=1\nMONOTONIC_USEC={int(now * 1_000_000)}"
        self._send(_fields(fields, status), timeout_s=STATE_TIMEOUT_S)

    def stopping(self, status: str = "") -> None:
        """Say that the shutdown begins."""
        self._send(_fields("STOPPING=1", status), timeout_s=STATE_TIMEOUT_S)

    def alive(self) -> None:
        """Feed the watchdog; never wait."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Show *text* in `systemctl status`; never wait."""
        self._send(_fields("", text))

    def keep(self, descriptor: int, name: str) -> None:
        """Have the manager hold a copy of *descriptor* under *name* through a restart."""
        message = f"FDSTORE=1\nFDNAME={_fd_name(name)}"
        self._send(message, descriptors=(descriptor,), timeout_s=STATE_TIMEOUT_S)

    def drop(self, name: str) -> None:
        """Have the manager close what it holds under *name*."""
        self._send(f"FDSTOREREMOVE=1\nFDNAME={_fd_name(name)}", timeout_s=STATE_TIMEOUT_S)

    def _send(
        self, message: str, descriptors: tuple[int, ...] = (), *, timeout_s: float = 0
    ) -> None:
        if self._socket is None or self._address is None:
            return
        rights = array("i", descriptors).tobytes()
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if descriptors else []
        self._socket.settimeout(timeout_s)
        try:
            self._socket.sendmsg([message.encode()], ancillary, 0, self._address)
        except OSError as error:
            tell = log.debug if self._is_failing else log.warning
            tell("systemd.unreachable", error=str(error))
            self._is_failing = True
        else:
            self._is_failing = False


def watchdog_interval_s(environ: Mapping[str, str], pid: int) -> float | None:
    """Tell within how many seconds *pid* must show life; None where nobody watches."""
    if environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    text = environ.get("WATCHDOG_USEC", "")
    interval_us = int(text) if _is_number(text) else 0
    return interval_us / 1_000_000 or None


def passed_descriptors(environ: Mapping[str, str], pid: int) -> tuple[tuple[str, int], ...]:
    """List (name, descriptor) for each that the manager passed to *pid*, closed on exec."""
    count = environ.get("LISTEN_FDS", "")
    if environ.get("LISTEN_PID") != str(pid) or not _is_number(count):
        return ()
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    passed: list[tuple[str, int]] = []
    for index in range(min(int(count), MAX_DESCRIPTORS)):
        descriptor = FIRST_DESCRIPTOR + index
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - the standard library's own form
        passed.append((names[index] if index < len(names) else "unknown", descriptor))
    return tuple(passed)


def _address(text: str) -> str | None:
    """Turn $NOTIFY_SOCKET into a socket address; '@' begins an abstract one."""
    if text.startswith("@"):
        return "\0" + text[1:]
    if text.startswith("/"):
        return text
    if text:
        log.warning("systemd.unsupported", notify_socket=text, allowed="a path, or @ and a name")
    return None


def _fields(first: str, status: str) -> str:
    line = f"STATUS={' '.join(status.split())}" if status else ""
    return "\n".join(part for part in (first, line) if part)


def _fd_name(name: str) -> str:
    """Make *name* fit FDNAME: printable ASCII, no colon, at most 255 characters."""
    fit = "".join(c if " " <= c <= "~" and c != ":" else "_" for c in name)
    return fit[:255]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
