"""A product with a thing model: neutral messages ↔ topics and OneJSON."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, assert_never

from agent.clouds.batches import Batches
from agent.clouds.limits import ONENET_THING
from agent.clouds.names import Names, fields_of, names_of
from agent.clouds.onenet import thing_up
from agent.clouds.onenet.answers import REPLY_QOS, ReplyTo
from agent.clouds.onenet.login import Login
from agent.clouds.onenet.names import DIALECT, known, to_wire
from agent.clouds.onenet.thing_down import Desired, Downlinks
from agent.clouds.packing import Wired, unmeasured_of
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
    Report,
    Uplink,
)
from agent.ports import Batch, ConnectParams, PlatformLimits, Publish, Subscription
from agent.settings.clouds import OnenetSettings
from agent.thing import Thing

MAX_PACKED: Final = 10
"""A pack takes so many devices; each report is an entry like one of a device, of 100 points."""
PACKED: Final = replace(ONENET_THING, batch_values=100 - MAX_PACKED)
"""All entries are of one device, and events count too."""


class ThingCodec:
    """The codec of one device of a thing-model product."""

    Settings = OnenetSettings

    def __init__(self, settings: OnenetSettings, thing: Thing[Any]) -> None:
        self._login = Login(settings)
        self._names = Names(names_of(thing), settings.rename, DIALECT.of(thing))
        self._fields = fields_of(thing)
        self._writable = {
            row.field.name: self._names.wire_id(row.field.name)
            for row in thing.properties
            if row.is_writable and self._names.is_listed(row.field.name)
        }
        self._prefix = f"$sys/{settings.product_id}/{settings.device_name}/"
        self._batches = Batches(
            history=settings.history,
            batch=settings.batch,
            unmeasured=unmeasured_of(thing),
            wire=self._wire,
            alone=self.encode,
            write_history=lambda wired, message_id: self._publish(
                "thing/history/post", thing_up.history(wired, message_id)
            ),
            write_batch=lambda wired, message_id: self._publish(
                "thing/pack/post", thing_up.pack(wired, message_id)
            ),
            limits=ONENET_THING,
            batch_bounds=PACKED,
            most=MAX_PACKED,
        )
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
        match message:
            case PropertyReport():
                topic = "thing/property/post"
            case EventReport():
                topic = "thing/event/post"
            case InfoReport():
                return None
            case _:
                assert_never(message)
        wired = self._wire(message)
        if wired is None:
            return None
        return self._publish(topic, thing_up.post(wired, message_id))

    def _wire(self, message: Report) -> Wired | None:
        return thing_up.wire(message, self._names, self._fields)

    def encode_past(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Put what is over into the history, or into what the settings have in its place."""
        del wall_time
        return self._batches.past(messages, message_id)

    def encode_together(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Put what is of now into one pack."""
        del wall_time
        return self._batches.together(messages, message_id)

    def encode_sum(self, kwh: float, wall_time: float | None, message_id: str) -> Publish | None:
        """Have nothing that the platform sums."""
        del kwh, wall_time, message_id
        return None

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
