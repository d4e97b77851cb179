"""The sockets of one broker: MQTT over TCP and TLS, on loopback only."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Self, assert_never

import structlog

from agent.emulator.broker import Broker
from agent.emulator.values import Action, Answered, Close, Instant, Noted, Send
from agent.errors import AgentError

HOST: Final = "127.0.0.1"
MAX_UNSENT: Final = 1 << 20
MAX_CONNECTIONS: Final = 4096
CLOSE_WITHIN_S: Final = 5.0

log = structlog.get_logger()


class PortError(AgentError):
    """A port cannot be listened on."""


class Endpoint:
    """Do what the broker decides: write, close, log, pass answers on; wake it when it is due."""

    def __init__(
        self,
        broker: Broker,
        *,
        clock: Callable[[], Instant],
        on_answer: Callable[[Answered], None],
        on_change: Callable[[], None],
    ) -> None:
        self._broker = broker
        self._clock = clock
        self._on_answer = on_answer
        self._on_change = on_change
        self._transports: dict[int, asyncio.Transport] = {}
        self._last_number = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    @asynccontextmanager
    async def listen(
        self, port: int, *, tls: ssl.SSLContext | None = None
    ) -> AsyncGenerator[int, None]:
        """Listen on *port* (0: any free one) and yield the one in use."""
        loop = asyncio.get_running_loop()
        is_tls = tls is not None
        try:
            server = await loop.create_server(
                lambda: _Client(self, is_tls=is_tls), HOST, port, ssl=tls
            )
        except OSError as error:
            raise PortError(port_reason(port, error)) from error
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        for transport in list(self._transports.values()):
            transport.abort()
        await self._is_empty.wait()

    def opened(self, transport: asyncio.Transport, *, is_tls: bool) -> int:
        """Take a new connection and return its number."""
        self._last_number += 1
        number = self._last_number
        self._transports[number] = transport
        self._is_empty.clear()
        if self._is_closed or len(self._transports) > MAX_CONNECTIONS:
            transport.abort()
        self.perform(self._broker.open(number, self._clock(), is_tls=is_tls))
        return number

    def received(self, number: int, data: bytes) -> None:
        """Take bytes of a connection."""
        self.perform(self._broker.receive(number, data, self._clock()))

    def lost(self, number: int) -> None:
        """Take note that a connection is gone."""
        self._transports.pop(number, None)
        self.perform(self._broker.lost(number, self._clock()))
        if not self._transports:
            self._is_empty.set()

    def perform(self, actions: list[Action]) -> None:
        """Do what the broker decided."""
        for action in actions:
            match action:
                case Send(connection=number, data=data):
                    self._write(number, data)
                case Close(connection=number):
                    self._close(number)
                case Answered():
                    self._on_answer(action)
                case Noted():
                    _log(action)
                case _:
                    assert_never(action)
        self._arm()
        self._on_change()

    def _write(self, number: int, data: bytes) -> None:
        transport = self._transports.get(number)
        if transport is None:
            return
        transport.write(data)
        if transport.get_write_buffer_size() > MAX_UNSENT:
            transport.abort()

    def _close(self, number: int) -> None:
        transport = self._transports.get(number)
        if transport is not None:
            transport.close()
            # A peer that does not read would keep a closing socket, and what it owes, for ever.
            asyncio.get_running_loop().call_later(CLOSE_WITHIN_S, transport.abort)

    def _arm(self) -> None:
        due = self._broker.next_due
        if (
            due is None
            or self._is_closed
            or (self._timer is not None and self._timer.when() <= due)
        ):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.perform(self._broker.tick(self._clock()))


class _Client(asyncio.Protocol):
    """One connection; asyncio sets TCP_NODELAY on it."""

    def __init__(self, endpoint: Endpoint, *, is_tls: bool) -> None:
        self._endpoint = endpoint
        self._is_tls = is_tls
        self._number = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._number = self._endpoint.opened(transport, is_tls=self._is_tls)

    def data_received(self, data: bytes) -> None:
        self._endpoint.received(self._number, data)

    def pause_writing(self) -> None:
        """Hear no more from a client that does not read its answers."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._endpoint.lost(self._number)


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Make the TLS context of a server that asks for no client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def port_reason(port: int, error: OSError) -> str:
    """Tell why *port* cannot be had, and what to do."""
    reason = error.strerror or str(error)
    return f"port {port} on {HOST}: {reason}; name another port, or 0 for any free one"


def _log(noted: Noted) -> None:
    facts = dict(noted.facts)
    if noted.device is not None:
        facts["device"] = str(noted.device)
    match noted.level:
        case "debug":
            log.debug(noted.event, **facts)
        case "info":
            log.info(noted.event, **facts)
        case "warning":
            log.warning(noted.event, **facts)
