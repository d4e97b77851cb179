"""A product with a thing model: neutral messages ↔ topics and OneJSON."""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from agent.clouds.limits import ONENET_THING
from agent.clouds.names import Names, fields_of, names_of
from agent.clouds.onenet import thing_up
from agent.clouds.onenet.answers import REPLY_QOS, ReplyTo
from agent.clouds.onenet.login import Login
from agent.clouds.onenet.names import DIALECT, known, to_wire
from agent.clouds.onenet.thing_down import Desired, Downlinks
from agent.clouds.payload import Body, dump
from agent.messages import (
    ActionCall,
    Answerable,
    Downlink,
    EventReport,
    InfoReport,
    Outcome,
    PropertyGet,
    PropertyReport,
    PropertySet,
    Uplink,
)
from agent.ports import ConnectParams, PlatformLimits, Publish, Subscription
from agent.settings.clouds import OnenetSettings
from agent.thing import Thing


class ThingCodec:
    """The codec of one device of a thing-model product."""

    Settings = OnenetSettings

    def __init__(self, settings: OnenetSettings, thing: Thing[Any]) -> None:
        self._login = Login(settings)
        self._names = Names(names_of(thing), settings.rename, DIALECT)
        self._fields = fields_of(thing)
        self._writable = {
            row.field.name: self._names.wire_id(row.field.name)
            for row in thing.properties
            if row.is_writable and self._names.is_listed(row.field.name)
        }
        self._prefix = f"$sys/{settings.product_id}/{settings.device_name}/"
        self._downlinks = Downlinks(prefix=self._prefix, names=self._names, thing=thing)

    @property
    def name(self) -> str:
        """The cloud's name."""
        return "onenet"

    @property
    def limits(self) -> PlatformLimits:
        """The platform's published limits."""
        return ONENET_THING

    def connect_params(self, wall_time: float | None, nonce: str) -> ConnectParams:
        """Sign anew; the platform has no use for *nonce*."""
        del nonce
        return self._login.params(wall_time)

    def subscriptions(self) -> Sequence[Subscription]:
        """List the one filter; the platform grants no more than QoS 0 to anybody."""
        return (Subscription(topic=f"{self._prefix}thing/#", qos=0),)

    def on_connected(self, message_id: str) -> Sequence[Publish]:
        """Ask for the desired values of whatever can be set."""
        if not self._writable:
            return ()
        body = thing_up.desired_get(message_id, self._writable.values())
        return (self._publish("thing/property/desired/get", body),)

    def encode(
        self, message: Uplink, message_id: str, wall_time: float | None = None
    ) -> Publish | None:
        """Put a report or an event into wire form; None for the facts and an empty report."""
        del wall_time
        body: Body | None
        match message:
            case PropertyReport():
                topic = "thing/property/post"
                body = thing_up.report(message, message_id, self._names, self._fields)
            case EventReport():
                topic = "thing/event/post"
                body = thing_up.event(message, message_id, self._names, self._fields)
            case InfoReport():
                return None
            case _:
                assert_never(message)
        return None if body is None else self._publish(topic, body)

    def encode_reply(self, request: Answerable, outcome: Outcome) -> Sequence[Publish]:
        """Answer with the request's own id; nobody waits for the answer to a desired value."""
        if not isinstance(request.context, ReplyTo):
            return ()
        match request:
            case PropertyGet():
                data = to_wire(outcome.values, self._names, self._fields)
                body = thing_up.answer_with_data(request.request_id, outcome, data)
            case ActionCall():
                body = thing_up.answer_with_data(request.request_id, outcome, known(outcome.values))
            case _:
                body = thing_up.answer(request.request_id, outcome)
        topic = request.context.topic
        return (Publish(topic=topic, payload=dump(body), qos=REPLY_QOS, is_answered=False),)

    def encode_cleared(self, stored: PropertySet) -> Sequence[Publish]:
        """Have the desired values forgotten, unless newer ones have come since."""
        if not isinstance(stored.context, Desired):
            return ()
        return (self._delete(stored.request_id, stored.context.versions),)

    def encode_taken(self, live: PropertySet) -> Sequence[Publish]:
        """Have desired values forgotten that came as a live request: they are kept too."""
        kept = [self._writable[name] for name in live.values if name in self._writable]
        versions: dict[str, int | None] = dict.fromkeys(kept)
        return (self._delete(_own_id(live.request_id), versions),) if versions else ()

    def ask_time(self) -> Publish | None:
        """Ask for nothing: the platform tells no time."""
        return None

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        """Understand a message; None for one that is not meant for us; raise `CodecError`."""
        return self._downlinks.decode(topic, payload)

    def _delete(self, message_id: str, versions: Mapping[str, int | None]) -> Publish:
        body = thing_up.desired_delete(message_id, versions)
        return self._publish("thing/property/desired/delete", body)

    def _publish(self, topic: str, body: Body) -> Publish:
        return Publish(topic=self._prefix + topic, payload=dump(body))


def _own_id(request_id: str) -> str:
    """Make an id that the platform takes: up to 13 digits. Nobody waits for the reply."""
    is_fit = request_id.isascii() and request_id.isdigit() and len(request_id) <= 13
    return request_id if is_fit else "1"
