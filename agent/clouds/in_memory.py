"""The Transport port to emulated clouds in the same process: real MQTT bytes, no sockets.

Everything happens on the loop's clock: on a loop whose time is virtual, a day takes seconds.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from agent.clouds import explain
from agent.clouds.inbox import Inbox, again
from agent.clouds.silence import Silence
from agent.emulator import client, packets
from agent.emulator.client import Heard, Login, ServerParser
from agent.emulator.packets import PacketError
from agent.emulator.server import Endpoint
from agent.errors import AuthRejectedError, LinkDeadError, TransportError
from agent.ports import ConnectParams, Message, Publish, Subscription

CONNACK_S: Final = 10.0
ANSWER_S: Final = 30.0


class MemorySession(asyncio.Transport):
    """One connection: to the emulator it is a socket's transport, to the link a session."""

    def __init__(self, endpoint: Endpoint, params: ConnectParams) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._endpoint = endpoint
        self._params = params
        self._parser = ServerParser()
        self._inbox = Inbox()
        self._silence = Silence(
            ping=lambda: self._send_if_open(client.PINGREQ),
            end=lambda why: self._end(why, LinkDeadError),
        )
        self._connack: asyncio.Future[int] = self._loop.create_future()
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._last_id = 0
        self._ping: asyncio.TimerHandle | None = None
        self._is_pinged = False
        self._is_open = True
        self._number = 0
        self._number = endpoint.opened(self, is_tls=params.tls is not None)

    # ── what the emulator does with a socket ────────────────────────────────────────────────

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Hear what the server says; what is not MQTT ends the connection."""
        self._silence.heard()
        try:
            for heard in self._parser.feed(bytes(data)):
                self._hear(heard)
        except PacketError:
            self._end(explain.ENDINGS["Protocol error"])

    def close(self) -> None:
        """Hear that the server closed."""
        self._end(explain.CLOSED)

    def abort(self) -> None:
        """Hear that the server aborted."""
        self._end(explain.CLOSED)

    def get_write_buffer_size(self) -> int:
        """Tell what was not read yet: nothing."""
        return 0

    # ── what a link does with a session ─────────────────────────────────────────────────────

    async def open(self) -> None:
        """Log in; raise `AuthRejectedError` or `TransportError`."""
        params = self._params
        login = Login(
            client_id=params.client_id,
            username=params.username,
            password=params.password,
            keepalive_s=params.keepalive_s,
            is_clean=params.clean_session,
            will=_will(params.will),
        )
        self._send(client.connect(login))
        try:
            async with asyncio.timeout(CONNACK_S):
                code = await self._connack
        except TimeoutError as error:
            raise TransportError(f"connected, but no CONNACK in {CONNACK_S:g} s") from error
        if code:
            raise explain.refused(code, params.advice)
        self._ping = self._loop.call_later(params.keepalive_s, self._keep_alive)

    async def subscribe(self, subscription: Subscription) -> None:
        """Subscribe and wait for the grant."""
        packet_id = self._next_id()
        codes = await self._ask(
            packet_id, client.subscribe(packet_id, subscription.topic, subscription.qos)
        )
        if any(code >= packets.SUBACK_FAILURE for code in codes):
            topic = subscription.topic
            raise AuthRejectedError(f"the platform refused the subscription to {topic}")

    async def publish(self, message: Publish) -> None:
        """Send; return when it has left (QoS 0) or is acknowledged (QoS 1)."""
        packet_id = self._next_id() if message.qos else 0
        packet = packets.Publish(
            topic=message.topic,
            payload=message.payload,
            qos=message.qos,
            packet_id=packet_id,
            is_retained=message.is_retained,
        )
        if message.qos:
            await self._ask(packet_id, packets.publish(packet))
        else:
            if message.is_answered:
                self._silence.asked()
            self._send(packets.publish(packet))

    def messages(self) -> AsyncIterator[Message]:
        """Yield messages until the connection ends; raise `TransportError` then."""
        return self._inbox

    async def heard(self) -> None:
        """Wait for a sign of life; raise `TransportError` when the session ends instead."""
        await self._silence.broken()
        if self._inbox.ended is not None:
            raise again(self._inbox.ended)

    def leave(self) -> None:
        """Say goodbye, unless a will is to be said."""
        if self._is_open and self._params.will is None:
            self._send(client.DISCONNECT)
        self._end("the connection was closed on this side")

    # ── inside ──────────────────────────────────────────────────────────────────────────────

    def _hear(self, heard: Heard) -> None:
        match heard.kind:
            case client.CONNACK if not self._connack.done():
                self._connack.set_result(heard.codes[0])
            case client.PUBLISH:
                if heard.packet_id:
                    self._loop.call_soon(self._send_if_open, client.puback(heard.packet_id))
                arrived = Message(
                    topic=heard.topic, payload=heard.payload, is_retained=heard.is_retained
                )
                self._inbox.put(arrived)
            case client.PINGRESP:
                self._is_pinged = False
            case _:
                waiting = self._waiting.get(heard.packet_id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(heard.codes)

    async def _ask(self, packet_id: int, data: bytes) -> bytes:
        answer: asyncio.Future[bytes] = self._loop.create_future()
        self._waiting[packet_id] = answer
        self._silence.asked()
        try:
            self._send(data)
            async with asyncio.timeout(ANSWER_S):
                return await answer
        except TimeoutError as error:
            raise TransportError(f"no acknowledgement in {ANSWER_S:g} s") from error
        finally:
            del self._waiting[packet_id]

    def _send_if_open(self, data: bytes) -> None:
        if self._is_open:
            self._send(data)

    def _send(self, data: bytes) -> None:
        if self._inbox.ended is not None:
            raise again(self._inbox.ended)
        self._endpoint.received(self._number, data)

    def _keep_alive(self) -> None:
        if self._is_pinged:
            self._end(explain.ENDINGS["Keep alive timeout"])
            return
        self._is_pinged = True
        self._silence.asked()
        self._ping = self._loop.call_later(self._params.keepalive_s, self._keep_alive)
        self._send_if_open(client.PINGREQ)

    def _next_id(self) -> int:
        self._last_id = self._last_id % 0xFFFF + 1
        return self._last_id

    def _end(self, why: str, kind: type[TransportError] = TransportError) -> None:
        if not self._is_open:
            return
        self._is_open = False
        self._silence.close()
        if self._ping is not None:
            self._ping.cancel()
        self._loop.call_soon(lambda: self._endpoint.lost(self._number))
        self._inbox.end(kind(why))
        waiters: list[asyncio.Future[Any]] = [self._connack, *self._waiting.values()]
        for waiting in waiters:
            if not waiting.done():
                waiting.set_exception(kind(why))
                waiting.exception()  # seen: whoever waits gets it; perhaps nobody does


def _will(will: Publish | None) -> tuple[str, bytes, int, bool] | None:
    return None if will is None else (will.topic, will.payload, will.qos, will.is_retained)


class MemoryTransport:
    """Opens connections to emulated clouds, each by the host name that it goes by."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self._endpoints = endpoints

    @asynccontextmanager
    async def connect(self, params: ConnectParams) -> AsyncGenerator[MemorySession]:
        """Connect; raise `AuthRejectedError` or `TransportError`."""
        endpoint = self._endpoints.get(params.host)
        if endpoint is None:
            raise TransportError(f"{params.host}:{params.port}: the host name cannot be resolved")
        session = MemorySession(endpoint, params)
        try:
            await session.open()
            yield session
        finally:
            session.leave()
