"""MQTT 3.1.1 over aiomqtt: connections that end at once, in words, and leave nothing behind.

aiomqtt 2.5.1 is used below its context manager, because that one (a) goes on connecting in its
thread after it was cancelled, (b) lets a publish wait out its time limit when the link is cut,
(c) makes a task for each message, (d) needs two turns of the loop for each publish.
"""

import asyncio
import logging
import math
from typing import Any, Final

import aiomqtt
import structlog
from paho.mqtt import client as paho
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from agent.clouds import explain
from agent.clouds.inbox import Inbox, again
from agent.clouds.tcp import Bounds
from agent.clouds.thread import in_thread
from agent.clouds.tls import context_for, load_trust
from agent.clouds.wire import Wire
from agent.errors import AuthRejectedError, TransportError
from agent.ports import ConnectParams, Message, Publish, Subscription

log: Final = structlog.get_logger()

MAX_PAYLOAD: Final = 65_536
CLOSED_HERE: Final = "the connection was closed on this side"
MISC_S: Final = 5.0
"""How often keep-alive is looked after; the platform waits half a keep-alive longer than that."""

_CODES: Final = {132: 1, 133: 2, 136: 3, 134: 4, 135: 5}
"""MQTT 5 reason code, into which paho turns it → return code of MQTT 3.1.1."""

_QUIET: Final = logging.getLogger("agent.clouds.mqtt.library")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False
_QUIET.setLevel(logging.CRITICAL)


class Client(aiomqtt.Client):
    """One connection, used once: aiomqtt would send old messages again on a second use."""

    def __init__(self, params: ConnectParams, bounds: Bounds) -> None:
        self._context = None if params.tls is None else context_for(params.tls)
        super().__init__(
            hostname=params.host,
            port=params.port,
            username=params.username or None,
            password=params.password or None,
            identifier=params.client_id,
            clean_session=params.clean_session,
            keepalive=params.keepalive_s,
            max_inflight_messages=bounds.unacknowledged,
            max_queued_outgoing_messages=bounds.unacknowledged,
            tls_context=self._context,
            will=_will(params.will),
            logger=_QUIET,
        )
        self.inbox = Inbox()
        self.wire = Wire(
            self._client, bounds, self.inbox, strange=self._is_no_broker, died=self._died
        )
        self._params = params
        self._bounds = bounds
        self._disconnected.add_done_callback(self._on_ended)

    # ── lifetime ────────────────────────────────────────────────────────────────────────────

    async def open(self) -> None:
        """Connect, and wait for the CONNACK."""
        connecting = in_thread(self._connect_blocking, f"mqtt {self._params.host}")
        try:
            await asyncio.shield(connecting)
        except asyncio.CancelledError:
            connecting.add_done_callback(self._abandon)
            raise
        except (OSError, ValueError, RuntimeError, TransportError) as error:
            where = f"{self._params.host}:{self._params.port}"
            raise explain.unreachable(error, where) from error
        if self.wire.watch():
            self._misc_task = self._loop.create_task(self._misc_loop(), name="mqtt.misc")
        await self._wait_for_connack()

    def _connect_blocking(self) -> None:
        if self._context is not None and self._params.tls is not None:
            load_trust(self._context, self._params.tls)
        try:
            self._client_connect()
        except OSError:
            if self._context is not None and self._context.wrapped is not None:
                self._context.wrapped.close()
            raise
        self.wire.tune()

    def _abandon(self, connecting: asyncio.Future[None]) -> None:
        """Close what the thread has opened for nobody."""
        connecting.exception()
        self.close()

    async def _wait_for_connack(self) -> None:
        try:
            async with asyncio.timeout(self._bounds.connack_s):
                await asyncio.shield(self._connected)
        except TimeoutError as error:
            raise TransportError(
                f"connected, but no CONNACK in {self._bounds.connack_s:g} s; check that it is an"
                " MQTT port"
            ) from error
        except aiomqtt.MqttCodeError as error:
            code = error.rc.value if isinstance(error.rc, ReasonCode) else error.rc
            raise explain.refused(_CODES.get(code or 0, code or 0), self._params.advice) from error
        except aiomqtt.MqttError as error:
            raise TransportError(str(error)) from error

    def close(self) -> None:
        """Say goodbye if that is possible at once, and free the socket in any case.

        A goodbye would have the broker forget the will, which is to be said now.
        """
        self.wire.silence.close()
        if self._params.will is None and self._client.disconnect() == paho.MQTT_ERR_SUCCESS:
            self._client.loop_write()
        self.wire.shut()
        for future in (self._connected, self._disconnected):
            if future.done() and not future.cancelled():
                future.exception()  # seen: asyncio need not complain that nobody looked

    # ── calls ───────────────────────────────────────────────────────────────────────────────

    async def send(self, message: Publish) -> None:
        """Publish, and put the bytes on the wire before the loop turns again."""
        info = self._client.publish(
            message.topic, message.payload, message.qos, retain=message.is_retained
        )
        if info.rc == paho.MQTT_ERR_QUEUE_SIZE:
            raise TransportError(f"{self._bounds.unacknowledged} messages were never acknowledged")
        if info.rc != paho.MQTT_ERR_SUCCESS:
            raise self._why()
        self._client.loop_write()
        has_left = info.is_published()
        if message.is_answered or not has_left:
            self.wire.silence.asked()
        if has_left:
            return
        acknowledged = asyncio.Event()
        with self._pending_call(info.mid, acknowledged, self._pending_publishes):
            await self._within_bounds(acknowledged)
        if self.inbox.ended is not None:
            raise self._why()

    async def _within_bounds(self, acknowledged: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(self._bounds.answer_s):
                await acknowledged.wait()
        except TimeoutError as error:
            text = f"no acknowledgement in {self._bounds.answer_s:g} s"
            raise TransportError(text) from error

    async def ask(self, subscription: Subscription) -> None:
        """Subscribe to one filter; a refusal is the platform's last word."""
        topic, limit_s = subscription.topic, self._bounds.answer_s
        self.wire.silence.asked()
        try:
            # Its own time limit is `wait_for`, which keeps a cancellation to itself when the
            # answer comes in the same turn of the loop (CPython 3.11).
            async with asyncio.timeout(limit_s):
                granted = await self.subscribe(topic, qos=subscription.qos, timeout=math.inf)
        except (aiomqtt.MqttError, TimeoutError) as error:
            silence = f"no SUBACK in {limit_s:g} s"
            raise self._why(explain.CLOSED if self._disconnected.done() else silence) from error
        if any((code if isinstance(code, int) else code.value) >= 0x80 for code in granted):
            raise AuthRejectedError(
                f"the platform refused the subscription to {topic}; check the permissions of"
                " its topics, in the product's console or the broker's own list of rights"
            )

    async def heard(self) -> None:
        """Wait for a sign of life; raise `TransportError` when the session ends instead."""
        await self.wire.silence.broken()
        if self.inbox.ended is not None:
            raise self._why()

    def _why(self, otherwise: str = explain.CLOSED) -> TransportError:
        return TransportError(otherwise) if self.inbox.ended is None else again(self.inbox.ended)

    # ── what aiomqtt and paho call ──────────────────────────────────────────────────────────

    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:  # noqa: ANN401 - aiomqtt's signature
        del client, userdata
        topic = _topic(message)
        payload = bytes(message.payload)
        marks = {"is_retained": message.retain, "is_repeat": message.dup}
        if not topic or len(payload) > MAX_PAYLOAD:
            log.debug("mqtt.ignored", bytes=len(payload))
        elif not self.inbox.put(Message(topic=topic, payload=payload, **marks)):
            log.debug("mqtt.discarded", discarded=self.inbox.discarded)

    def _on_disconnect(
        self,
        client: paho.Client,
        userdata: Any,  # noqa: ANN401 - aiomqtt's signature
        flags: paho.DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if not self._connected.done():
            is_kept = self._params.will is not None and self._params.will.is_retained
            text = explain.CLOSED_AT_ONCE + (explain.KEEPS_NOTHING if is_kept else "")
            self._connected.set_exception(aiomqtt.MqttError(text))
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _on_ended(self, disconnected: asyncio.Future[None]) -> None:
        error = None if disconnected.cancelled() else disconnected.exception()
        code = error.rc if isinstance(error, aiomqtt.MqttCodeError) else None
        why = explain.ended(code.getName() if isinstance(code, ReasonCode) else "")
        self.inbox.end(TransportError(why if error is not None else CLOSED_HERE))
        self.wire.silence.close()
        for acknowledged in self._pending_publishes.values():
            acknowledged.set()
        for granted in self._pending_subscribes.values():
            if not granted.done():
                granted.set_exception(aiomqtt.MqttError("the connection has ended"))

    def _is_no_broker(self, who: str) -> None:
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttError(who))

    def _died(self, error: Exception) -> None:
        if not self._disconnected.done():
            self._disconnected.set_exception(error)

    def _on_socket_open(self, client: paho.Client, userdata: Any, sock: Any) -> None:  # noqa: ANN401 - aiomqtt's signature
        del client, userdata
        self.wire.opened(sock)

    def _on_socket_register_write(self, client: paho.Client, userdata: Any, sock: Any) -> None:  # noqa: ANN401 - aiomqtt's signature
        del client, userdata, sock
        self.wire.wants_to_write()

    def _on_socket_unregister_write(self, client: paho.Client, userdata: Any, sock: Any) -> None:  # noqa: ANN401 - aiomqtt's signature
        del client, userdata
        self.wire.writes_no_more(sock)

    async def _misc_loop(self) -> None:
        """Look after keep-alive; aiomqtt would wake the processor every second for it."""
        while True:
            await asyncio.sleep(MISC_S)
            if self._client.loop_misc() != paho.MQTT_ERR_SUCCESS:
                return
            self.wire.silence.idle(self._params.keepalive_s)


def _will(will: Publish | None) -> aiomqtt.Will | None:
    if will is None:
        return None
    return aiomqtt.Will(will.topic, will.payload, qos=will.qos, retain=will.is_retained)


def _topic(message: paho.MQTTMessage) -> str:
    """Read the topic; empty where it is not UTF-8, as MQTT demands."""
    try:
        return message.topic
    except UnicodeDecodeError:
        return ""
