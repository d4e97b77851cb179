"""Commands whose body is free: words, identifiers with values, or a call of one action.

The platform hands over whatever was written into its console. Besides a bare on, off or toggle
and an object of identifiers and values, an object with the name of one action and the object of
its inputs calls that action: `{"reset_energy": {}}`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from agent.clouds.names import Names, from_text_too, take_values
from agent.clouds.onenet.answers import REPLY_QOS, ReplyTo, result
from agent.clouds.onenet.names import known
from agent.clouds.payload import MAX_PARAMS, Body, dump, load
from agent.clouds.plain import CustomTopics, read_command
from agent.errors import CodecError
from agent.messages import (
    ActionCall,
    Answerable,
    BadRequest,
    Outcome,
    PropertySet,
    PropertyToggle,
    Refusal,
)
from agent.ports import Publish
from agent.thing import Thing

MAX_ANSWER: Final = 1000
"""The platform takes less than 1 KB; an output that would be more is left out."""

_COMMAND_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Commands:
    """Reads the commands of one device, and answers them where each wants it."""

    def __init__(self, *, names: Names, thing: Thing[Any]) -> None:
        self._names = names
        self._switch = thing.switch
        self._kinds = {row.field.name: row.field.kind for row in thing.properties}
        self._inputs = {
            action.name: {field.name: field.kind for field in action.inputs}
            for action in thing.actions
        }

    def custom(self, topics: Sequence[str]) -> CustomTopics:
        """Make the reader of the topics of the user's own."""
        return CustomTopics(topics, names=self._names, kinds=self._kinds, switch=self._switch)

    def read(
        self, command_id: str, payload: bytes, reply_prefix: str
    ) -> PropertySet | PropertyToggle | ActionCall | BadRequest | None:
        """Read a command; None where its id is none that a platform would give."""
        if _COMMAND_ID.fullmatch(command_id) is None:
            return None
        reply_to = ReplyTo(topic=reply_prefix + command_id)
        call = self._call(command_id, payload, reply_to)
        return call or read_command(
            payload, command_id, self._names, self._kinds, self._switch, reply_to
        )

    def _call(
        self, command_id: str, payload: bytes, reply_to: ReplyTo
    ) -> ActionCall | BadRequest | None:
        wire_id, inputs = _only_object(payload)
        name = self._names.name(wire_id)
        if name not in self._inputs or inputs is None:
            return None
        kinds = self._inputs[name]
        values = take_values(inputs, {key: key for key in inputs}, kinds, from_text_too)
        if isinstance(values, Refusal):
            return BadRequest(request_id=command_id, refusal=values, context=reply_to)
        return ActionCall(request_id=command_id, name=name, values=values, context=reply_to)


def _only_object(payload: bytes) -> tuple[str, Body | None]:
    """Find the name of the one object that *payload* holds, and the object."""
    try:
        body = load(payload)
    except CodecError:
        return "", None
    wire_id, inner = next(iter(body.items()), ("", None))
    is_call = len(body) == 1 and isinstance(inner, dict)
    inputs = cast("Mapping[str, object]", inner) if is_call else None
    return wire_id, inputs if inputs is not None and len(inputs) <= MAX_PARAMS else None


def answers(request: Answerable, outcome: Outcome) -> Sequence[Publish]:
    """Answer a command; what came on a topic of the user's own wants none."""
    if not isinstance(request.context, ReplyTo):
        return ()
    told = result(outcome)
    output = known(outcome.values)
    payload = dump({**told, "data": output} if output else told)
    if len(payload) > MAX_ANSWER:
        payload = dump(told)
    topic = request.context.topic
    return (Publish(topic=topic, payload=payload, qos=REPLY_QOS, is_answered=False),)
