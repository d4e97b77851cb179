"""Aliyun IoT Platform's dialect: neutral messages ↔ topics and JSON."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, assert_never

from agent.clouds.aliyun import uplink
from agent.clouds.aliyun.downlink import Downlinks
from agent.clouds.aliyun.login import LoginForm
from agent.clouds.aliyun.names import make_names, refuse_reserved, refuse_second_sum, to_wire
from agent.clouds.aliyun.properties import Properties
from agent.clouds.aliyun.timers import TimersForm
from agent.clouds.aliyun.topics import Topics
from agent.clouds.aliyun.uplink import Answer, Versions
from agent.clouds.batches import Batches, columns
from agent.clouds.limits import ALIYUN
from agent.clouds.names import fields_of, outputs_of
from agent.clouds.packing import Wired, unmeasured_of
from agent.clouds.payload import Body, dump
from agent.clouds.plain import CustomTopics
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
from agent.settings.clouds import AliyunSettings
from agent.thing import Thing

HISTORY: Final = "event/property/history/post"
BATCH: Final = "event/property/batch/post"

REPLY_QOS: Final = 0
"""A reply waits for no PUBACK: it is worth something at once or not at all. A synchronous call
may be answered in no other way."""


class AliyunCodec:
    """The codec of one device of one product."""

    Settings = AliyunSettings

    def __init__(self, settings: AliyunSettings, thing: Thing[Any]) -> None:
        self._login = LoginForm(settings)
        self._topics = Topics(
            product_key=self._login.product_key, device_name=self._login.device_name
        )
        self._topics.check_custom(settings.custom_topics)
        self._names = make_names(thing, settings.rename)
        refuse_reserved(self._names, thing)
        self._sums = settings.unit_power_consumption
        if self._sums:
            refuse_second_sum(self._names)
        self._fields = fields_of(thing)
        self._outputs = outputs_of(thing)
        is_once = settings.timer_without_days == "once"
        self._properties = Properties(
            thing,
            self._names,
            TimersForm(self._names, action=settings.timer_action, once=is_once),
            countdown=settings.countdown,
            drops_read_only=settings.read_only_in_set == "ignore",
        )
        self._custom = CustomTopics(
            settings.custom_topics,
            names=self._names,
            kinds=self._properties.kinds,
            switch=thing.switch,
        )
        self._downlinks = Downlinks(
            topics=self._topics, names=self._names, thing=thing, properties=self._properties
        )
        self._batches = Batches(
            history=settings.history,
            batch=settings.batch,
            unmeasured=unmeasured_of(thing),
            wire=self._wire,
            alone=self.encode,
            write_history=self._post_history,
            write_batch=self._post_batch,
            limits=ALIYUN,
            batch_bounds=ALIYUN,
        )

    @property
    def name(self) -> str:
        """The cloud's name."""
        return "aliyun"

    @property
    def limits(self) -> PlatformLimits:
        """The platform's published limits."""
        return ALIYUN

    def connect_params(self, wall_time: float | None, nonce: str) -> ConnectParams:
        """Sign, which is the same each time: the platform holds no signature against a clock."""
        del wall_time, nonce
        return self._login.params()

    def subscriptions(self) -> Sequence[Subscription]:
        """List the topic filters; where the platform brings them by itself, the essential ones.

        That it does so stands in no document of its: it is how its own SDKs behave.
        """
        needed, others = self._topics.essential, self._topics.others
        used = {HISTORY: self._batches.history == "history", BATCH: self._batches.batch != "none"}
        batched = [self._topics.reply_to(path) for path, is_used in used.items() if is_used]
        if self._login.has_implicit_topics:
            others = ()
        elif self._login.has_extended_calls:
            others = (*others, self._topics.extended_calls)
        return (
            *(Subscription(topic=topic) for topic in needed),
            *(Subscription(topic=topic, is_needed=False) for topic in (*batched, *others)),
            *self._custom.subscriptions(),
        )

    def on_connected(self, message_id: str) -> Sequence[Publish]:
        """Ask for the desired values."""
        self._properties.begin()
        wanted = list(self._properties.writable_ids)
        if not wanted:
            return ()
        return (self._ask("property/desired/get", wanted, message_id),)

    def encode(
        self, message: Uplink, message_id: str, wall_time: float | None = None
    ) -> Publish | None:
        """Put a report, an event or the facts into wire form; None where nothing is known."""
        del wall_time
        match message:
            case PropertyReport():
                wired = self._wire(message)
                path = "event/property/post"
                return None if wired is None else self._ask(path, wired.body, message_id)
            case EventReport():
                identifier, params = uplink.event(message, self._names, self._fields)
                return self._ask(f"event/{identifier}/post", params, message_id)
            case InfoReport():
                labels = uplink.labels(message)
                return self._ask("deviceinfo/update", labels, message_id) if labels else None
            case _:
                assert_never(message)

    def encode_past(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Put what is over into the history, or into what the settings have in its place."""
        del wall_time
        return self._batches.past(messages, message_id)

    def encode_together(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Put what is of now into one batch."""
        del wall_time
        return self._batches.together(messages, message_id)

    def _wire(self, message: Report) -> Wired | None:
        if isinstance(message, EventReport):
            identifier, params = uplink.event(message, self._names, self._fields)
            return Wired(body={identifier: params}, is_event=True)
        known = self._properties.write(message.values, message.wall_time)
        return Wired(body=uplink.report_params(known, message.wall_time)) if known else None

    def _post_history(self, wired: Sequence[Wired], message_id: str) -> Publish:
        params = uplink.history_params(wired, self._login.product_key, self._login.device_name)
        return self._post_several(HISTORY, params, message_id)

    def _post_batch(self, wired: Sequence[Wired], message_id: str) -> Publish:
        return self._post_several(BATCH, columns(wired), message_id)

    def _post_several(self, path: str, params: object, message_id: str) -> Publish:
        return replace(self._ask(path, params, message_id), replied_on=self._topics.reply_to(path))

    def encode_sum(self, kwh: float, wall_time: float | None, message_id: str) -> Publish | None:
        """Post the energy since the last such post, if the section says so.

        QoS 0: MQTT itself may bring it at most once.
        """
        if not self._sums:
            return None
        params = uplink.sum_params(kwh, wall_time)
        return replace(self._ask("event/property/post", params, message_id), qos=0)

    def encode_reply(self, request: Answerable, outcome: Outcome) -> Sequence[Publish]:
        """Answer with the request's own id; what was stored, or came as a plain text, has none."""
        answer = request.context
        if not isinstance(answer, Answer):
            return ()
        body = uplink.reply(answer, outcome, self._data(request, answer, outcome))
        return (self._publish(answer.topic, body, qos=REPLY_QOS),)

    def _data(self, request: Answerable, answer: Answer, outcome: Outcome) -> Body:
        if isinstance(request, ActionCall):
            wired = {
                name: to_wire(value, self._outputs.get(f"{request.name}.{name}"))
                for name, value in outcome.values.items()
            }
            return {name: value for name, value in wired.items() if value is not None}
        if not isinstance(request, PropertyGet):
            return {}
        known = self._properties.write(outcome.values, None, in_all_forms=True)
        return {wire_id: value for wire_id, value in known.items() if wire_id in answer.asked}

    def encode_cleared(self, stored: PropertySet) -> Sequence[Publish]:
        """Have the desired values forgotten, each in the version that was taken."""
        if not isinstance(stored.context, Versions):
            return ()
        params: Body = {
            wire_id: {} if version is None else {"version": version}
            for wire_id, version in stored.context.versions.items()
        }
        return self._delete(params, stored.request_id)

    def encode_taken(self, live: PropertySet) -> Sequence[Publish]:
        """Have the desired values of the same names forgotten, in whatever version they are.

        A desired value that is set while the device is online is sent and kept too.
        """
        if not isinstance(live.context, Answer):
            return ()
        params: Body = {
            wire_id: {}
            for name in live.values
            for wire_id in self._properties.writable_ids_of(name)
        }
        return self._delete(params, live.request_id)

    def _delete(self, params: Body, request_id: str) -> Sequence[Publish]:
        if not params:
            return ()
        message_id = uplink.aside_id(request_id)
        return (self._ask("property/desired/delete", params, message_id, wants_reply=False),)

    def ask_time(self) -> Publish | None:
        """Ask for the platform's clock; a late answer is of no use, hence QoS 0."""
        return self._publish(self._topics.clock("request"), uplink.ask_time(), qos=0)

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        """Understand a message; None for one that is not meant for us; raise `CodecError`."""
        command = self._custom.read(topic, payload)
        return command or self._downlinks.decode(topic, payload)

    def _ask(
        self, path: str, params: object, message_id: str, *, wants_reply: bool = True
    ) -> Publish:
        """Send a request of ours; its method is its path, with dots."""
        method = f"thing.{path.replace('/', '.')}"
        body = uplink.request(method, params, message_id, wants_reply=wants_reply)
        return self._publish(self._topics.thing(path), body, is_answered=wants_reply)

    def _publish(
        self, topic: str, body: Body, qos: int = 1, *, is_answered: bool = True
    ) -> Publish:
        return Publish(topic=topic, payload=dump(body), qos=qos, is_answered=is_answered)
