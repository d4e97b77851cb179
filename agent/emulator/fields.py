"""The fields of a control API's JSON object, taken one by one; errors say what is allowed."""

from dataclasses import dataclass

from agent.emulator.values import Json
from agent.errors import AgentError


class FieldError(AgentError):
    """A field, or the object, is not what it must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message of a user's own, as the control API gets it."""

    topic: str
    payload: bytes
    qos: int = 0
    is_retained: bool = False


def take_text(fields: dict[str, Json], name: str) -> str | None:
    """Take a text, or None where there is none."""
    value = fields.pop(name, None)
    if value is None or isinstance(value, str):
        return value
    raise FieldError(f"{name} is a text, not {value!r:.80}")


def take_topic(fields: dict[str, Json]) -> str | None:
    """Take a topic that MQTT can carry."""
    topic = take_text(fields, "topic")
    if topic is not None and any("\ud800" <= character <= "\udfff" for character in topic):
        raise FieldError(f"topic is a text that UTF-8 can hold, not {topic!r:.80}")
    return topic


def take_hex(fields: dict[str, Json], name: str) -> bytes | None:
    """Take bytes that are written as hex digits."""
    text = take_text(fields, name)
    try:
        return None if text is None else bytes.fromhex(text)
    except ValueError as error:
        raise FieldError(f"{name} is hex digits, not {text!r:.80}") from error


def take_payload(fields: dict[str, Json]) -> bytes | None:
    """Take `payload` (text) or else `payload_hex`."""
    text, raw = take_text(fields, "payload"), take_hex(fields, "payload_hex")
    if text is None:
        return raw
    return text.encode(errors="surrogatepass")


def refuse_rest(fields: dict[str, Json], what: str) -> None:
    """Refuse what was not taken."""
    if fields:
        raise FieldError(f"{what} has no field {', '.join(sorted(fields))!r:.80}")


def read_command(document: dict[str, Json]) -> bytes:
    """Read the payload of a raw command; raise FieldError."""
    fields = dict(document)
    payload = _needed_payload(fields)
    refuse_rest(fields, "a command")
    return payload


def read_letter(document: dict[str, Json]) -> Letter:
    """Read a message of a user's own; raise FieldError."""
    fields = dict(document)
    topic, payload = take_topic(fields), _needed_payload(fields)
    if not topic:
        raise FieldError('a message needs a "topic"')
    qos, is_retained = fields.pop("qos", 0), fields.pop("retain", False)
    if not isinstance(qos, int) or isinstance(qos, bool) or qos not in {0, 1}:
        raise FieldError(f"qos is 0 or 1, not {qos!r:.80}")
    if not isinstance(is_retained, bool):
        raise FieldError(f"retain is true or false, not {is_retained!r:.80}")
    refuse_rest(fields, "a message")
    return Letter(topic=topic, payload=payload, qos=qos, is_retained=is_retained)


def _needed_payload(fields: dict[str, Json]) -> bytes:
    if {"payload", "payload_hex"} <= fields.keys():
        raise FieldError('"payload" and "payload_hex" exclude each other')
    payload = take_payload(fields)
    if payload is None:
        raise FieldError('it needs a "payload" (a text) or "payload_hex"')
    return payload
