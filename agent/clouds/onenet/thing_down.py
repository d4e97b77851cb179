"""What OneNET says to a device of a thing-model product: neutral messages out of its JSON."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, cast

from agent.clouds.names import Names, from_text_too, take_values
from agent.clouds.onenet.answers import SUCCESS, ReplyTo
from agent.clouds.payload import MAX_PARAMS, Body, load, table, text
from agent.errors import CodecError
from agent.messages import (
    Ack,
    ActionCall,
    BadRequest,
    Downlink,
    PropertyGet,
    PropertySet,
    Refusal,
    RefusalKind,
    ResyncAnswer,
)
from agent.model import Values
from agent.thing import Kind, Thing

KINDS: Final[Mapping[int, RefusalKind]] = {
    301: RefusalKind.MALFORMED,
    302: RefusalKind.WRONG_TYPE,
    312: RefusalKind.MALFORMED,
    313: RefusalKind.MALFORMED,
    2402: RefusalKind.MALFORMED,
    2405: RefusalKind.MALFORMED,
}
BLAMELESS: Final = frozenset(
    [303, 304, 305, 306, 307, 308, 310, 429, *range(500, 600), 1001, 1002, 1026]
)
"""Codes that blame no identifier: the platform's own troubles, and what is not there at all."""

_MAX_REASON: Final = 256
_SERVICE: Final = re.compile(r"thing/service/([A-Za-z0-9_.$-]{1,128})/invoke")
_REPLY_TO: Final = "_reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """The context of desired values: the version of each, those not understood included."""

    versions: Mapping[str, int | None]


class Downlinks:
    """The decoders of one device, by topic below *prefix*."""

    def __init__(self, *, prefix: str, names: Names, thing: Thing[Any]) -> None:
        self._prefix = prefix
        self._names = names
        self._kinds = {row.field.name: row.field.kind for row in thing.properties}
        self._inputs = {
            action.name: {field.name: field.kind for field in action.inputs}
            for action in thing.actions
        }
        self._decoders: Mapping[str, Callable[[Body, ReplyTo], Downlink]] = {
            "thing/property/set": self._set,
            "thing/property/get": self._get,
            "thing/property/post/reply": _ack,
            "thing/event/post/reply": _ack,
            "thing/pack/post/reply": _ack,
            "thing/history/post/reply": _ack,
            "thing/property/desired/get/reply": self._desired,
        }

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        """Understand a message; None for one that is not meant for us; raise `CodecError`.

        The reply to `desired/delete` is one that nobody waits for.
        """
        if not topic.startswith(self._prefix):
            return None
        tail = topic.removeprefix(self._prefix)
        reply_to = ReplyTo(topic=topic + _REPLY_TO)
        service = _SERVICE.fullmatch(tail)
        if service is not None:
            return self._invoke(service[1], load(payload), reply_to)
        decoder = self._decoders.get(tail)
        return None if decoder is None else decoder(load(payload), reply_to)

    def _set(self, body: Body, reply_to: ReplyTo) -> PropertySet | BadRequest:
        request_id = _id(body)
        values = self._values(table(body, "params"))
        if isinstance(values, Refusal):
            return BadRequest(request_id=request_id, refusal=values, context=reply_to)
        return PropertySet(request_id=request_id, values=values, context=reply_to)

    def _get(self, body: Body, reply_to: ReplyTo) -> PropertyGet | BadRequest:
        request_id, params = _id(body), body.get("params")
        if not isinstance(params, list):
            return BadRequest(request_id=request_id, refusal=_NO_LIST, context=reply_to)
        asked = cast("list[object]", params)[:MAX_PARAMS]
        names = (self._names.name(each) for each in asked if isinstance(each, str))
        known = tuple(name for name in names if name in self._kinds)
        return PropertyGet(request_id=request_id, names=known, context=reply_to)

    def _invoke(self, wire_id: str, body: Body, reply_to: ReplyTo) -> ActionCall | BadRequest:
        request_id, name = _id(body), self._names.name(wire_id)
        if name is None:
            reason = f"no service is called {wire_id:.80}"
            refusal = Refusal(kind=RefusalKind.UNKNOWN_NAME, reason=reason)
            return BadRequest(request_id=request_id, refusal=refusal, context=reply_to)
        params: Body | None = {} if body.get("params") is None else table(body, "params")
        values = _taken(params, {key: key for key in params or {}}, self._inputs.get(name, {}))
        if isinstance(values, Refusal):
            return BadRequest(request_id=request_id, refusal=values, context=reply_to)
        return ActionCall(request_id=request_id, name=name, values=values, context=reply_to)

    def _desired(self, body: Body, reply_to: ReplyTo) -> ResyncAnswer | Ack:
        """Take the desired values; those that are none set nothing, and are still cleared."""
        ack = _ack(body, reply_to)
        if not ack.is_accepted:
            return ack
        desired = table(body, "data") or {}
        if not desired:
            return ResyncAnswer(message_id=ack.message_id)
        entries = {key: _entry(each) for key, each in desired.items()}
        bare = {key: entry.get("value") for key, entry in entries.items()}
        values = self._values(bare)
        marked = islice(entries.items(), MAX_PARAMS)
        stored = PropertySet(
            request_id=ack.message_id,
            values={} if isinstance(values, Refusal) else values,
            is_live=False,
            context=Desired(versions={key: _version(entry) for key, entry in marked}),
        )
        return ResyncAnswer(message_id=ack.message_id, stored=stored)

    def _values(self, params: Body | None) -> Values | Refusal:
        return _taken(params, {key: self._names.name(key) for key in params or {}}, self._kinds)


def _taken(
    params: Body | None, names: Mapping[str, str | None], kinds: Mapping[str, Kind]
) -> Values | Refusal:
    """Take bare values; a number may be written as a text, as the platform's samples do."""
    if params is None or len(params) > MAX_PARAMS:
        return _NO_OBJECT
    return take_values(params, names, kinds, from_text_too)


def _ack(body: Body, reply_to: ReplyTo) -> Ack:
    """Take a reply to a message of ours.

    The table of codes is not public, and one point that the model lacks has a whole post
    refused: a code that nobody knows is taken for that.
    """
    del reply_to
    code = body.get("code")
    if isinstance(code, bool) or not isinstance(code, int):
        raise CodecError("a reply of the platform has no code")
    kind = None if code in BLAMELESS else KINDS.get(code, RefusalKind.UNKNOWN_NAME)
    told = body.get("msg", body.get("message"))
    return Ack(
        message_id=_id(body),
        is_accepted=code == SUCCESS,
        code=code,
        reason=told[:_MAX_REASON] if isinstance(told, str) else "",
        kind=None if code == SUCCESS else kind,
    )


def _id(body: Body) -> str:
    """Read an id; a number is taken for the text that it should be."""
    number = body.get("id")
    if isinstance(number, int) and not isinstance(number, bool):
        return str(number)
    return text(body, "id")


def _entry(desired: object) -> Body:
    return cast("Body", desired) if isinstance(desired, dict) else {}


def _version(entry: Body) -> int | None:
    version = entry.get("version")
    return version if isinstance(version, int) and not isinstance(version, bool) else None


_NO_OBJECT: Final = Refusal(
    kind=RefusalKind.MALFORMED,
    reason=f"params must be an object of at most {MAX_PARAMS} identifiers",
)
_NO_LIST: Final = Refusal(kind=RefusalKind.MALFORMED, reason="params must be a list of identifiers")
