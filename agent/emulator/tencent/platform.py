"""Tencent IoT Explorer as a pure core: who may come in, and what every uplink leads to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.emulator import topics
from agent.emulator.json_text import JsonError, as_object, decode, encode
from agent.emulator.packets import Connect, Publish
from agent.emulator.platform import (
    Admitted,
    NotSupportedError,
    Receipt,
    Refused,
    Request,
    RequestError,
    Rules,
)
from agent.emulator.records import Moments
from agent.emulator.tencent import events, properties, services
from agent.emulator.tencent.auth import (
    Fault,
    expiry_of,
    read_secret,
    signature_fault,
    username_fault,
)
from agent.emulator.tencent.dialogue import NOT_JSON, Exchange, Verdict, refusal, replied
from agent.emulator.tencent.garbage import garbage
from agent.emulator.tencent.rules import TencentRules
from agent.emulator.tencent.template import Template
from agent.emulator.tencent.topics import Channel, topics_of
from agent.emulator.tencent.twin import Twin
from agent.emulator.tencent.view import describe
from agent.emulator.values import DeviceKey, Instant, Json, Noted, Publication

NAME: Final = "tencent"
OFFLINE: Final = 23101
"""`pushResult` of the cloud API for a device that is offline or has not subscribed."""

Dialogue = Callable[[Twin, Mapping[str, Json], Instant], Exchange]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One device that the platform knows."""

    product: str
    name: str
    key: bytes
    template: Template


def register(product: str, name: str, secret: str, template: Template) -> Registration:
    """Make a registration from a device's three values; raise ConfigError for a bad secret."""
    return Registration(product=product, name=name, key=read_secret(secret), template=template)


class TencentPlatform:
    """Devices with their twins, and the dialogues of the thing model."""

    def __init__(
        self, devices: Iterable[Registration], *, nonce: str, rules: TencentRules | None = None
    ) -> None:
        """Know *devices*; *nonce* makes the clientTokens of this run unique."""
        self._rules = rules or TencentRules()
        self._mqtt_rules = self._rules.mqtt()
        self._nonce = nonce
        self._requests = 0
        self._twins: dict[DeviceKey, Twin] = {}
        for each in devices:
            key = DeviceKey(cloud=NAME, product=each.product, name=each.name)
            self._twins[key] = Twin(
                device=key,
                key=each.key,
                template=each.template,
                topics=topics_of(key),
                moments=Moments(newest_wins=self._rules.newest_wins),
            )
        self._by_client_id = {twin.client_id: twin for twin in self._twins.values()}

    @property
    def rules(self) -> Rules:
        """Return what the MQTT core enforces."""
        return self._mqtt_rules

    @property
    def offline_code(self) -> int:
        """Return the code for a device that is offline or has not subscribed."""
        return OFFLINE

    def devices(self) -> Sequence[DeviceKey]:
        """List the devices."""
        return tuple(self._twins)

    def describe(self, device: DeviceKey) -> dict[str, Json]:
        """Tell what a device reported."""
        return describe(self._twins[device])

    def authenticate(self, connect: Connect, at: Instant) -> Admitted | Refused:
        """Judge a CONNECT by identity, signature, expiry, keepalive and pace."""
        codes = self._rules.codes
        twin = self._by_client_id.get(connect.client_id)
        fault = username_fault(connect, codes)
        if fault is None and twin is None:
            reason = f"no device has the client id {connect.client_id!r:.80}"
            fault = Fault(code=codes.unknown, reason=reason)
        if twin is None:
            assert fault is not None
            return Refused(code=fault.code, reason=fault.reason)
        fault = fault or self._pace_fault(twin, at)
        fault = fault or signature_fault(connect, twin, codes, at)
        if fault is None and connect.keepalive_s > self._rules.max_keepalive_s:
            reason = f"keepalive {connect.keepalive_s} s is above {self._rules.max_keepalive_s} s"
            fault = Fault(code=codes.keepalive, reason=reason)
        if fault is not None:
            twin.refusals += 1
            return Refused(code=fault.code, reason=fault.reason, device=twin.device)
        twin.connects += 1
        until = expiry_of(connect) if self._rules.cuts_at_expiry else None
        return Admitted(device=twin.device, until=until)

    def may_publish(self, device: DeviceKey, topic: str) -> bool:
        """Permit a device its own topics."""
        return self._twins[device].topics.channel(topic) is not None

    def may_subscribe(self, device: DeviceKey, topic_filter: str) -> bool:
        """Permit a device its own topics."""
        return self._twins[device].topics.may_subscribe(topic_filter)

    def receive(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Take one uplink, judge it and reply."""
        twin = self._twins[device]
        channel = twin.topics.channels.get(message.topic, Channel.OTHER)
        if channel is Channel.OTHER:
            return _echo(twin, message)
        exchange = _converse(twin, channel, message.payload, at)
        code, status = exchange.verdict
        note = None
        if code:
            note = Noted(
                event="uplink.refused",
                level="warning",
                device=device,
                facts={"topic": message.topic, "code": code, "reason": status},
            )
        if exchange.reply is None:
            return Receipt(answers=exchange.answers, note=note)
        publication = Publication(
            topic=_answer_topic(message.topic),
            payload=encode(exchange.reply),
            client_id=twin.client_id,
        )
        return Receipt(publications=(publication,), answers=exchange.answers, note=note)

    def refuse(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Refuse a report or an event; anything else is taken."""
        twin = self._twins[device]
        channel = twin.topics.channels.get(message.topic, Channel.OTHER)
        reply = refusal(message.payload) if channel in _POSTS else None
        if reply is None:
            return self.receive(device, message, at)
        topic = _answer_topic(message.topic)
        return Receipt(
            publications=(
                Publication(topic=topic, payload=encode(reply), client_id=twin.client_id),
            )
        )

    def control(self, device: DeviceKey, values: dict[str, Json], at: Instant) -> Request:
        """Ask a device to set *values*; kept until it answers."""
        del at
        twin = self._twins[device]
        token = self._token()
        twin.add_pending(token, values)
        body: dict[str, Json] = {"method": "control", "clientToken": token, "params": values}
        return _request(twin, "property", body, is_kept=True)

    def desire(self, device: DeviceKey, values: dict[str, Json], at: Instant) -> Request:
        """Do what `control` does: the platform keeps every control."""
        return self.control(device, values, at)

    def command(self, device: DeviceKey, payload: bytes, at: Instant) -> Request:
        """Refuse: requests of this platform are those of the thing model."""
        del device, payload, at
        raise NotSupportedError(f"{NAME} has no raw commands")

    def message(self, device: DeviceKey, topic: str, payload: bytes) -> Publication:
        """Send a message on a topic of the device's own product and name."""
        own = f"{device.product}/{device.name}/"
        if not topic.startswith(own) or not topics.is_topic(topic):
            raise RequestError(f"topic is {own}… without wildcards, not {topic!r:.200}")
        return Publication(topic=topic, payload=payload, client_id=self._twins[device].client_id)

    def invoke(
        self, device: DeviceKey, action: str, values: dict[str, Json], at: Instant
    ) -> Request:
        """Ask a device to perform an action."""
        body: dict[str, Json] = {
            "method": "action",
            "clientToken": self._token(),
            "actionId": action,
            "timestamp": int(at.wall_time * 1000),
            "params": values,
        }
        return _request(self._twins[device], "action", body)

    def garbage(self, device: DeviceKey) -> Sequence[Publication]:
        """Make downlinks that no codec may stumble over."""
        return garbage(device)

    def _pace_fault(self, twin: Twin, at: Instant) -> Fault | None:
        """Judge the time since the device's last CONNECT, refused or not."""
        last, twin.last_connect_at = twin.last_connect_at, at.now
        interval_s = self._rules.connect_interval_s
        if last is None or at.now - last >= interval_s:
            return None
        reason = f"more than one CONNECT in {interval_s:g} s"
        return Fault(code=self._rules.codes.too_often, reason=reason)

    def _token(self) -> str:
        self._requests += 1
        return f"clientToken-{self._nonce}-{self._requests}"


def _converse(twin: Twin, channel: Channel, payload: bytes, at: Instant) -> Exchange:
    try:
        message = as_object(decode(payload))
    except JsonError as error:
        return _malformed(channel, str(error))
    if message is None:
        return _malformed(channel, "the payload is not a JSON object")
    return _DIALOGUES[channel](twin, message, at)


def _malformed(channel: Channel, reason: str) -> Exchange:
    verdict = Verdict(NOT_JSON, reason)
    if channel in {Channel.PROPERTY, Channel.EVENT}:
        method = "report_reply" if channel is Channel.PROPERTY else "event_reply"
        return replied(method, {}, verdict)
    return Exchange(verdict=verdict)


def _echo(twin: Twin, message: Publish) -> Receipt:
    """Pass a message of the user's own topics to the device's own subscription."""
    if message.topic.startswith("$"):
        return Receipt()
    publication = Publication(
        topic=message.topic,
        payload=message.payload,
        qos=message.qos,
        client_id=twin.client_id,
    )
    return Receipt(publications=(publication,))


def _request(twin: Twin, channel: str, body: dict[str, Json], *, is_kept: bool = False) -> Request:
    device = twin.device
    publication = Publication(
        topic=f"$thing/down/{channel}/{device.product}/{device.name}",
        payload=encode(body),
        qos=1,
        client_id=twin.client_id,
    )
    request_id = str(body["clientToken"])
    return Request(request_id=request_id, publication=publication, is_kept=is_kept)


def _answer_topic(topic: str) -> str:
    """Name the topic on which an uplink is answered."""
    if topic.startswith("$thing/up/"):
        return topic.replace("/up/", "/down/", 1)
    if topic.startswith("$ota/report/"):
        return topic.replace("/report/", "/update/", 1)
    return topic.replace("/operation/", "/operation/result/", 1)


_POSTS: Final = frozenset({Channel.PROPERTY, Channel.EVENT})

_DIALOGUES: Final[dict[Channel, Dialogue]] = {
    Channel.PROPERTY: properties.converse,
    Channel.EVENT: events.converse,
    Channel.ACTION: services.action,
    Channel.SERVICE: services.service,
    Channel.OTA: services.ota,
    Channel.SYSTEM: services.system,
    Channel.LOG: services.log,
}
