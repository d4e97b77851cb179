"""The machine's own addresses: Linux tells when they change, and not whom it concerns."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Final

import structlog

from agent.clouds import explain

log: Final = structlog.get_logger()

IPV4_ADDRESSES: Final = 0x10
IPV6_ADDRESSES: Final = 0x100
"""The kernel's multicast groups of NETLINK_ROUTE about them (RTMGRP_…_IFADDR)."""
_CHUNK: Final = 65_536


@dataclass(eq=False, slots=True)
class _Watcher:
    address: str
    lose: Callable[[str], None] = field(repr=False)


class Addresses:
    """Tells a connection that its address is gone: TCP would wait for answers to nowhere.

    Open while anybody watches. Where the kernel does not tell, nothing is told.
    """

    def __init__(
        self,
        is_mine: Callable[[str], bool] | None = None,
        subscribe: Callable[[], socket.socket] | None = None,
    ) -> None:
        self._is_mine = is_mine or is_here
        self._subscribe = subscribe or subscribed
        self._watchers: list[_Watcher] = []
        self._news: socket.socket | None = None

    @contextlib.contextmanager
    def watched(self, address: str, lose: Callable[[str], None]) -> Generator[None]:
        """Call *lose* with the reason when *address* is no longer this machine's."""
        watcher = _Watcher(address, lose)
        self._watchers.append(watcher)
        if self._news is None:
            self._open()
        try:
            yield
        finally:
            self._watchers.remove(watcher)
            if not self._watchers:
                self._close()

    def look(self) -> None:
        """Find who has lost an address."""
        for watcher in list(self._watchers):
            if watcher.address and not self._is_mine(watcher.address):
                watcher.lose(explain.gone(watcher.address))

    def _open(self) -> None:
        try:
            news = self._subscribe()
        except OSError as error:
            log.debug("addresses.unwatched", error=error.strerror)
            return
        self._news = news
        asyncio.get_running_loop().add_reader(news.fileno(), self._hear)

    def _close(self) -> None:
        if self._news is not None:
            asyncio.get_running_loop().remove_reader(self._news.fileno())
            self._news.close()
            self._news = None

    def _hear(self) -> None:
        """Take the news as a reason to look, whatever they are: some may have been lost."""
        if self._news is None:
            return
        with contextlib.suppress(OSError):
            while True:
                self._news.recv(_CHUNK)
        self.look()


_ROUTE: Final = 0
"""NETLINK_ROUTE."""


def subscribed() -> socket.socket:
    """Open a socket on which the kernel tells of addresses; raise `OSError` where it may not."""
    with contextlib.ExitStack() as undo:
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK
        news = undo.enter_context(socket.socket(socket.AF_NETLINK, kind, _ROUTE))
        news.bind((0, IPV4_ADDRESSES | IPV6_ADDRESSES))
        undo.pop_all()
    return news


def is_here(address: str) -> bool:
    """Tell whether an address is this machine's, by asking for a port of it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        where = socket.getaddrinfo(address, 0, family, flags=socket.AI_NUMERICHOST)[0][4]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind(where)
    except socket.gaierror:  # its interface is gone
        return False
    except OSError as error:
        return error.errno not in {errno.EADDRNOTAVAIL, errno.ENODEV}
    return True
