"""What Aliyun asks of a device: topic and JSON in, a neutral message out."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, cast

from agent.clouds.aliyun import replies
from agent.clouds.aliyun.properties import MALFORMED, Properties
from agent.clouds.aliyun.topics import Topics
from agent.clouds.aliyun.uplink import Answer
from agent.clouds.names import Names, take_values
from agent.clouds.payload import MAX_PARAMS, Body, load, text
from agent.errors import CodecError
from agent.messages import (
    ActionCall,
    BadRequest,
    Downlink,
    Notice,
    PropertyGet,
    PropertySet,
    Refusal,
    RefusalKind,
)
from agent.thing import Kind, Thing

REPLY: Final = "_reply"
SET: Final = "property/set"
GET: Final = "property/get"
METHOD: Final = "thing.service."
EXTENDED: Final = "/ext/rrpc/"
_WILDCARDS: Final = frozenset("+#\0")
IDLE: Final = "read_only_set"
"""The notice of a request of which nothing is left but values that can only be read."""

Decoder = Callable[[Body], Downlink | None]


class Downlinks:
    """The decoders of one device, by topic."""

    def __init__(
        self, *, topics: Topics, names: Names, thing: Thing[Any], properties: Properties
    ) -> None:
        self._topics = topics
        self._names = names
        self._properties = properties
        self._inputs: Mapping[str, Mapping[str, Kind]] = {
            action.name: {field.name: field.kind for field in action.inputs}
            for action in thing.actions
        }
        self._services = ", ".join(names.wire_id(name) for name in self._inputs) or "none"
        ack = partial(replies.ack, properties=properties)
        self._exact: Mapping[str, Decoder] = {
            topics.thing("property/desired/get_reply"): partial(
                replies.desired, properties=properties
            ),
            topics.thing("property/desired/delete_reply"): ack,
            topics.thing("deviceinfo/update_reply"): ack,
            topics.clock("response"): replies.time,
            **{
                topics.thing(change): partial(self._changed, topics.thing(change + REPLY))
                for change in ("disable", "enable", "delete")
            },
        }
        self._ack = ack

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        """Understand a message; None for one that is not meant for us; raise `CodecError`."""
        decoder = self._exact.get(topic) or self._varying(topic)
        return None if decoder is None else decoder(load(payload))

    def _varying(self, topic: str) -> Decoder | None:
        """Find the decoder of a topic in which one level is an event, a service or a call's id.

        A wildcard in it would go into the topic of the answer, where MQTT allows none.
        """
        if set(topic) & _WILDCARDS:
            return None
        service = _level(topic, self._topics.thing("service/"))
        if service is not None:
            return self._service(service, topic + REPLY)
        event = _level(topic, self._topics.thing("event/"), "/post_reply")
        if event is not None:
            return self._ack
        call = _level(topic, self._topics.call("request/"))
        if call is not None:
            return partial(self._called, self._topics.call(f"response/{call}"))
        return self._extended(topic)

    def _extended(self, topic: str) -> Decoder | None:
        """Find the decoder of a call that names its topic, and is answered on the same one."""
        if not topic.startswith(EXTENDED):
            return None
        inner = "/" + topic.removeprefix(EXTENDED).partition("/")[2]
        service = _level(inner, self._topics.thing("service/"))
        if service is None and inner.startswith(f"/{self._topics.own}/"):
            raise CodecError("a raw call (RRPC) says nothing that this device understands")
        decoder = None if service is None else self._service(service, topic)
        return None if decoder is None else partial(_unless_answer, decoder)

    def _service(self, service: str, reply_topic: str) -> Decoder | None:
        """Find the decoder of a service; None for a reply of our own that came back."""
        match service:
            case "property/set":
                return partial(self._set, reply_topic)
            case "property/get":
                return partial(self._get, reply_topic)
            case _ if "/" in service or service.endswith(REPLY):
                return None
            case _:
                return partial(self._action, service, reply_topic)

    def _called(self, reply_topic: str, body: Body) -> Downlink | None:
        """Take a synchronous call whose topic does not name the service; its method does."""
        method = text(body, "method")
        service = method.removeprefix(METHOD).replace("property.", "property/", 1)
        decoder = self._service(service, reply_topic) if method.startswith(METHOD) else None
        if decoder is None:
            raise CodecError(f"a call (RRPC) of the method {method:.80} is none of a service")
        return decoder(body)

    def _set(self, reply_topic: str, body: Body) -> PropertySet | BadRequest | Notice:
        answer = _answer(reply_topic, body)
        request_id = str(answer.request_id)
        wanted = self._properties.take(body.get("params"))
        if isinstance(wanted, Refusal):
            return BadRequest(request_id=request_id, refusal=wanted, context=answer)
        if wanted.is_idle:
            told = "it sets only what can be read"
            return Notice(name=IDLE, text=told, request_id=request_id, context=answer)
        return PropertySet(
            request_id=request_id, values=wanted.values, ends_in=wanted.ends_in, context=answer
        )

    def _get(self, reply_topic: str, body: Body) -> PropertyGet | BadRequest:
        answer = _answer(reply_topic, body)
        params = body.get("params")
        asked = cast("list[object]", params) if isinstance(params, list) else None
        if asked is None or len(asked) > MAX_PARAMS:
            return BadRequest(
                request_id=str(answer.request_id), refusal=_NO_IDENTIFIERS, context=answer
            )
        found = {
            wire_id: name
            for wire_id in asked
            if isinstance(wire_id, str) and (name := self._properties.known(wire_id)) is not None
        }
        names = tuple(dict.fromkeys(found.values()))
        return PropertyGet(
            request_id=str(answer.request_id),
            names=self._properties.with_beside(names),
            context=Answer(topic=answer.topic, request_id=answer.request_id, asked=tuple(found)),
        )

    def _action(self, service: str, reply_topic: str, body: Body) -> ActionCall | BadRequest:
        answer = _answer(reply_topic, body)
        request_id = str(answer.request_id)
        name = self._names.name(service)
        if name is None or name not in self._inputs:
            reason = f"no service is called {service:.80}; there is: {self._services}"
            refusal = Refusal(kind=RefusalKind.UNKNOWN_NAME, reason=reason)
            return BadRequest(request_id=request_id, refusal=refusal, context=answer)
        params: object = {} if body.get("params") is None else body["params"]
        if not isinstance(params, dict) or len(cast("Body", params)) > MAX_PARAMS:
            return BadRequest(request_id=request_id, refusal=MALFORMED, context=answer)
        given = cast("Body", params)
        values = take_values(given, {key: key for key in given}, self._inputs[name])
        if isinstance(values, Refusal):
            return BadRequest(request_id=request_id, refusal=values, context=answer)
        return ActionCall(request_id=request_id, name=name, values=values, context=answer)

    def _changed(self, reply_topic: str, body: Body) -> Notice:
        """Tell that the platform disabled, enabled or deleted this device."""
        answer = _answer(reply_topic, body)
        name = reply_topic.removeprefix(self._topics.thing("")).removesuffix(REPLY)
        return Notice(name=name, request_id=str(answer.request_id), context=answer)


def _level(topic: str, before: str, behind: str = "") -> str | None:
    """Give what stands between the two ends of a topic; None where it has other ends."""
    if not topic.startswith(before) or not topic.endswith(behind):
        return None
    return topic[len(before) : len(topic) - len(behind)] or None


def _unless_answer(decoder: Decoder, body: Body) -> Downlink | None:
    """Ignore an answer of our own that a broker sent back: it has the topic of its call."""
    return None if "code" in body and "params" not in body else decoder(body)


def _answer(topic: str, body: Body) -> Answer:
    return Answer(topic=topic, request_id=replies.message_id(body))


_NO_IDENTIFIERS: Final = Refusal(
    kind=RefusalKind.MALFORMED,
    reason=f"params must be a list of at most {MAX_PARAMS} identifiers",
)
