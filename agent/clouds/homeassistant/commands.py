"""What Home Assistant asks for: a text on a property's topic, or a press on an action's."""

import re
from collections.abc import Mapping
from typing import Final

from agent.clouds.homeassistant.names import OFF, ON
from agent.clouds.names import Names, from_text_too
from agent.errors import CodecError
from agent.messages import ActionCall, PropertySet
from agent.model import Value
from agent.thing import Kind

MAX_COMMAND: Final = 4096
PRESS: Final = "PRESS"
_NUMBER: Final = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,15})?")
_SWITCHED: Final[Mapping[str, bool]] = {ON: True, OFF: False}


def read_set(wire_id: str, payload: bytes, names: Names, kinds: Mapping[str, Kind]) -> PropertySet:
    """Read a setting; what no property takes keeps its text, which is refused with a reason."""
    name = _named(wire_id, names)
    text = _text(payload)
    value = _value(text, kinds.get(name))
    return PropertySet(request_id="", values={name: value})


def read_press(wire_id: str, payload: bytes, names: Names) -> ActionCall:
    """Read a press of a button."""
    name = _named(wire_id, names)
    if _text(payload) != PRESS:
        raise CodecError(f"a press is the word {PRESS}")
    return ActionCall(request_id="", name=name, values={})


def _named(wire_id: str, names: Names) -> str:
    name = names.name(wire_id)
    if name is None:
        raise CodecError(f"nothing is called {wire_id:.80} here")
    return name


def _text(payload: bytes) -> str:
    if len(payload) > MAX_COMMAND:
        raise CodecError(f"a command of {len(payload)} bytes is more than {MAX_COMMAND}")
    try:
        return payload.decode()
    except ValueError as error:
        raise CodecError("a command is a text") from error


def _value(text: str, kind: Kind | None) -> Value:
    if kind is Kind.BOOL:
        return _SWITCHED.get(text.strip().upper(), text)
    if kind in {Kind.INT, Kind.FLOAT} and _NUMBER.fullmatch(text.strip()):
        number = from_text_too(text.strip(), kind)
        return text if number is None else number
    return text
