"""Tencent IoT Explorer's dialect: neutral messages ↔ topics and JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, assert_never

from agent.clouds.limits import TENCENT
from agent.clouds.names import Names, fields_of
from agent.clouds.packing import (
    Form,
    Wired,
    has_time,
    measured_only,
    pack,
    pack_past,
    unmeasured_of,
)
from agent.clouds.payload import Body, dump
from agent.clouds.plain import UNANSWERED, CustomTopics
from agent.clouds.tencent import uplink
from agent.clouds.tencent.credentials import (
    PORT_PLAIN,
    PORT_TLS,
    Identity,
    connid_of,
    decode_secret,
    expiry_of,
    host_of,
    sign,
)
from agent.clouds.tencent.downlink import Downlinks
from agent.clouds.tencent.names import DIALECT
from agent.clouds.tencent.past import TimeInText
from agent.errors import ConfigError, SettingError
from agent.messages import (
    ActionCall,
    Answerable,
    BadRequest,
    Downlink,
    EventReport,
    InfoReport,
    Notice,
    Outcome,
    PropertyGet,
    PropertyReport,
    PropertySet,
    PropertyToggle,
    Report,
    Uplink,
)
from agent.ports import Batch, ConnectParams, PlatformLimits, Publish, Subscription, Tls
from agent.settings.clouds import TencentSettings
from agent.thing import Field, Thing

ROOT: Final = "tencent-root.pem"
"""The platform's private root in `agent/trust`: the broker's chain ends there."""

ADVICE: Final = "Tencent's secrets end in their '=' signs"
"""For a person whom the platform refuses."""

REPLY_QOS: Final = 0
"""A reply waits for no PUBACK: it is worth something at once or not at all."""


class TencentCodec:
    """The codec of one device of one product."""

    Settings = TencentSettings

    def __init__(self, settings: TencentSettings, thing: Thing[Any]) -> None:
        _refuse_what_is_not_there_yet(settings)
        self._settings = settings
        self._identity = Identity(
            product_id=settings.product_id,
            device_name=settings.device_name,
            key=decode_secret(settings.device_secret.get_secret_value()),
            method=settings.method,
            sdkappid=settings.sdkappid,
        )
        self._names = Names(uplink.names_on_wire(thing), settings.rename, DIALECT.of(thing))
        self._fields = _fields_of(thing)
        self._levels = {event.name: event.level.value for event in thing.events}
        self._unmeasured = unmeasured_of(thing)
        self._time_in_text = TimeInText(thing)
        self._device = f"{settings.product_id}/{settings.device_name}"
        self._token_prefix = f"{settings.product_id}-"
        self._downlinks = Downlinks(
            device=self._device, prefix=self._token_prefix, names=self._names, thing=thing
        )
        self._custom = CustomTopics(
            _own_topics(settings.custom_topics, self._device),
            names=self._names,
            kinds={row.field.name: row.field.kind for row in thing.properties},
            switch=thing.switch,
        )

    @property
    def name(self) -> str:
        """The cloud's name."""
        return "tencent"

    @property
    def limits(self) -> PlatformLimits:
        """The platform's published limits."""
        return TENCENT

    def connect_params(self, wall_time: float | None, nonce: str) -> ConnectParams:
        """Sign anew, with a connid made of *nonce*."""
        settings = self._settings
        expiry = expiry_of(wall_time)
        signed = sign(self._identity, connid=connid_of(nonce), expiry=expiry)
        tls = self._tls()
        return ConnectParams(
            host=settings.host or host_of(settings.product_id, settings.region),
            port=settings.port or (PORT_PLAIN if tls is None else PORT_TLS),
            tls=tls,
            client_id=signed.client_id,
            username=signed.username,
            password=signed.password,
            keepalive_s=settings.keepalive_s,
            valid_until=None if wall_time is None else expiry,
            advice=ADVICE,
        )

    def _tls(self) -> Tls | None:
        settings = self._settings
        if settings.tls is False:
            return None
        return Tls(
            anchors=(ROOT,),
            ca_file=settings.ca_file,
            server_name=settings.server_name,
            verifies_host=settings.verify == "full",
        )

    def subscriptions(self) -> Sequence[Subscription]:
        """List the topic filters; the platform takes one in a SUBSCRIBE."""
        system = tuple(Subscription(topic=topic) for topic in self._downlinks.topics)
        return (*system, *self._custom.subscriptions())

    def on_connected(self, message_id: str) -> Sequence[Publish]:
        """Tell the version, and ask for the control that waits."""
        return (
            self._publish("$ota/report", uplink.report_version()),
            self._publish("$thing/up/property", uplink.get_status(self._token(message_id))),
        )

    def encode(
        self, message: Uplink, message_id: str, wall_time: float | None = None
    ) -> Publish | None:
        """Put a report, an event or the facts into wire form; None for an empty report."""
        match message:
            case PropertyReport():
                topic, body = "property", uplink.report(message, self._names, self._fields)
            case EventReport():
                topic, body = "event", uplink.post(self._event(message, wall_time))
            case InfoReport():
                topic, body = "property", uplink.info(message)
            case _:
                assert_never(message)
        if body is None:
            return None
        token = self._token(message_id)
        return self._publish(f"$thing/up/{topic}", {**body, "clientToken": token})

    def encode_past(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Tell what was measured, one report at a time, and events together.

        There is no form for the past: what was set then would be taken for the position of now.
        """
        old = [self._old(each, wall_time) for each in messages]
        return pack_past(old, self._form(message_id, wall_time))

    def encode_together(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Tell events together, and reports one at a time."""
        return pack(messages, self._form(message_id, wall_time))

    def _old(self, message: Report, now: float | None) -> Report:
        """Leave out what was set; an event's stamp is not risked while nobody knows the time."""
        if isinstance(message, PropertyReport):
            return measured_only(message, self._unmeasured)
        return self._time_in_text.put(message) if now is None else message

    def _form(self, message_id: str, wall_time: float | None) -> Form:
        return Form(
            takes=has_time,
            wire=lambda each: self._wire(each, wall_time),
            write=lambda wired: self._post_several(wired, message_id),
            alone=lambda each: self.encode(each, message_id, wall_time),
            bounds=TENCENT,
        )

    def _wire(self, message: Report, now: float | None) -> Wired | None:
        if isinstance(message, PropertyReport):
            return None
        told = self._event(message, now)
        return Wired(body={self._names.wire_id(message.name): told}, is_event=True)

    def _post_several(self, wired: Sequence[Wired], message_id: str) -> Publish:
        told = [event for each in wired for event in each.body.values()]
        body = {**uplink.post_several(told), "clientToken": self._token(message_id)}
        return self._publish("$thing/up/event", body)

    def _event(self, message: EventReport, now: float | None) -> Body:
        """Tell an event; one whose stamp the platform would not take tells its time as text."""
        measured = message.wall_time
        if measured is not None and now is not None and not TENCENT.takes_stamp(measured, now):
            message = self._time_in_text.put(message)
        level = "info" if message.name == uplink.TRIP else self._levels.get(message.name, "info")
        return uplink.event(message, self._names, self._fields, level)

    def encode_sum(self, kwh: float, wall_time: float | None, message_id: str) -> Publish | None:
        """Have nothing that the platform sums."""
        del kwh, wall_time, message_id
        return None

    def encode_reply(self, request: Answerable, outcome: Outcome) -> Sequence[Publish]:
        """Answer with the request's own token; what came on a custom topic has none."""
        if request.context == UNANSWERED:
            return ()
        match request:
            case ActionCall() | BadRequest(context="action"):
                return (self._action_reply(request.request_id, outcome),)
            case PropertySet() | PropertyToggle() | BadRequest():
                return (self._control_reply(request.request_id, outcome),)
            case PropertyGet() | Notice():
                return ()
            case _:
                assert_never(request)

    def encode_cleared(self, stored: PropertySet) -> Sequence[Publish]:
        """Have the pending control forgotten; this one must arrive, hence QoS 1."""
        return (self._publish("$thing/up/property", uplink.clear_control(stored.request_id)),)

    def encode_taken(self, live: PropertySet) -> Sequence[Publish]:
        """Send nothing: a control that was answered is not stored any more."""
        del live
        return ()

    def ask_time(self) -> Publish | None:
        """Ask for the platform's clock; a late answer is of no use, hence QoS 0."""
        return self._publish("$sys/operation", uplink.get_time(), qos=0)

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        """Understand a message; None for one that is not meant for us; raise `CodecError`."""
        return self._custom.read(topic, payload) or self._downlinks.decode(topic, payload)

    def _control_reply(self, token: str, outcome: Outcome) -> Publish:
        body = uplink.control_reply(token, outcome)
        return self._publish("$thing/up/property", body, qos=REPLY_QOS)

    def _action_reply(self, token: str, outcome: Outcome) -> Publish:
        body = uplink.action_reply(token, outcome)
        return self._publish("$thing/up/action", body, qos=REPLY_QOS)

    def _token(self, message_id: str) -> str:
        return self._token_prefix + message_id

    def _publish(self, topic: str, body: Body, qos: int = 1) -> Publish:
        return Publish(topic=f"{topic}/{self._device}", payload=dump(body), qos=qos)


def _refuse_what_is_not_there_yet(settings: TencentSettings) -> None:
    if settings.tls == "psk":
        raise ConfigError('clouds.tencent.tls: "psk" is not yet supported; use true')


def _own_topics(topics: Sequence[str], device: str) -> Sequence[str]:
    """Check the topics of the user's own: the platform lets a device at its own only."""
    for topic in topics:
        is_own = topic.startswith(f"{device}/") and topic != f"{device}/"
        if not is_own or not {"+", "#", "\0"}.isdisjoint(topic):
            raise SettingError(
                "clouds.tencent.custom_topics",
                found=f"{topic!r:.80}",
                allowed=f"topics of this device, {device}/…, without + and #",
            )
    return topics


def _fields_of(thing: Thing[Any]) -> Mapping[str, Field]:
    known = fields_of(thing)
    return {name: row for name, row in known.items() if not name.startswith(f"{uplink.TRIP}.")}
