"""Commands as plain texts: a bare on, off or toggle, or a JSON object of identifiers and values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, assert_never

from agent.clouds.names import Names, from_text_too, take_values
from agent.clouds.payload import MAX_PARAMS, load
from agent.errors import CodecError
from agent.messages import BadRequest, PropertySet, PropertyToggle, Refusal, RefusalKind
from agent.ports import Subscription
from agent.thing import Kind

UNANSWERED: Final = "unanswered"
"""The context of what came on a topic of the user's own: nobody waits for an answer there."""

_SWITCHED: Final[Mapping[bytes, bool]] = {b"on": True, b"off": False}
_TOGGLE: Final = b"toggle"
_GRAMMAR: Final = "a command is on, off, toggle, or a JSON object of identifiers and values"


def read_command(
    payload: bytes,
    request_id: str,
    names: Names,
    kinds: Mapping[str, Kind],
    switch: str | None,
    context: object = None,
) -> PropertySet | PropertyToggle | BadRequest:
    """Read a command that can be answered; *switch* is the property that a bare word means."""
    command = _read(payload, names, kinds, switch)
    match command:
        case PropertySet() | PropertyToggle():
            return replace(command, request_id=request_id, context=context)
        case Refusal():
            return BadRequest(request_id=request_id, refusal=command, context=context)
        case _:
            assert_never(command)


def _read(
    payload: bytes, names: Names, kinds: Mapping[str, Kind], switch: str | None
) -> PropertySet | PropertyToggle | Refusal:
    word = payload.strip()
    if word != _TOGGLE and word not in _SWITCHED:
        return _read_object(payload, names, kinds)
    if switch is None:
        return _malformed(f"this device has no switch that {word.decode()} could mean")
    if word == _TOGGLE:
        return PropertyToggle(request_id="", name=switch)
    return PropertySet(request_id="", values={switch: _SWITCHED[word]})


def _read_object(payload: bytes, names: Names, kinds: Mapping[str, Kind]) -> PropertySet | Refusal:
    try:
        body = load(payload)
    except CodecError as error:
        return _malformed(f"{_GRAMMAR}; {error}")
    if len(body) > MAX_PARAMS:
        return _malformed(f"a command names at most {MAX_PARAMS} identifiers")
    known = {wire_id: names.name(wire_id) for wire_id in body}
    values = take_values(body, known, kinds, from_text_too)
    return values if isinstance(values, Refusal) else PropertySet(request_id="", values=values)


def _malformed(reason: str) -> Refusal:
    return Refusal(kind=RefusalKind.MALFORMED, reason=reason)


class CustomTopics:
    """The topics of the user's own: commands come on them, and no answer goes back."""

    def __init__(
        self,
        topics: Sequence[str],
        *,
        names: Names,
        kinds: Mapping[str, Kind],
        switch: str | None,
    ) -> None:
        self._topics = tuple(topics)
        self._names = names
        self._kinds = kinds
        self._switch = switch

    def subscriptions(self) -> Sequence[Subscription]:
        """List the topics, at QoS 0: a text has no id, so nothing may be delivered twice."""
        return tuple(Subscription(topic=topic, qos=0) for topic in self._topics)

    def read(self, topic: str, payload: bytes) -> PropertySet | PropertyToggle | None:
        """Read a command; None where *topic* is not one of these; raise `CodecError`.

        Its context is `UNANSWERED`.
        """
        if topic not in self._topics:
            return None
        command = _read(payload, self._names, self._kinds, self._switch)
        if isinstance(command, Refusal):
            raise CodecError(command.reason)
        return replace(command, context=UNANSWERED)
