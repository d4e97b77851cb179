"""A service manager's end of the notify protocol, for tests: real datagrams, real descriptors."""

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One datagram: its fields, and the descriptors that came with it."""

    fields: dict[str, str]
    descriptors: list[int] = field(default_factory=list)


class FakeManager:
    """Receives what a service tells; `environ` is what the service must be started with."""

    def __init__(self, address: str, watchdog_s: float | None = None) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        shown = f"@{address[1:]}" if address.startswith("\0") else address
        self.environ = {"NOTIFY_SOCKET": shown}
        if watchdog_s is not None:
            self.environ["WATCHDOG_USEC"] = str(int(watchdog_s * 1_000_000))
        self.seen: list[Notification] = []

    def next(self, timeout_s: float = 10.0) -> Notification:
        """Wait for the next datagram; TimeoutError when none comes."""
        self._socket.settimeout(timeout_s)
        data, descriptors, _, _ = socket.recv_fds(self._socket, 8192, 8)
        fields = dict(line.partition("=")[::2] for line in data.decode().split("\n"))
        notification = Notification(fields=fields, descriptors=descriptors)
        self.seen.append(notification)
        return notification

    def wait_for(self, key: str, timeout_s: float = 10.0) -> Notification:
        """Wait for a datagram that has *key*, such as READY; others are kept in `seen`."""
        for _ in range(10_000):
            notification = self.next(timeout_s)
            if key in notification.fields:
                return notification
        raise TimeoutError(key)

    def fileno(self) -> int:
        """The socket, for a loop that waits; `next(0)` then takes what is there."""
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()
        for notification in self.seen:
            for descriptor in notification.descriptors:
                with contextlib.suppress(OSError):
                    os.close(descriptor)


@contextlib.contextmanager
def fake_manager(folder: Path, watchdog_s: float | None = None) -> Iterator[FakeManager]:
    """Listen in *folder* for the length of a `with`."""
    manager = FakeManager(str(folder / "notify"), watchdog_s)
    try:
        yield manager
    finally:
        manager.close()
