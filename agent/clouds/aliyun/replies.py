"""What Aliyun answers to a device: acknowledgements, what it had stored, its clock."""

from collections.abc import Mapping
from typing import Final, cast

from agent.clouds.aliyun.names import SUM, SUM_ID
from agent.clouds.aliyun.properties import Properties, Wanted
from agent.clouds.aliyun.uplink import SUCCESS, Versions
from agent.clouds.payload import MAX_PARAMS, MAX_TOKEN, Body, is_unicode, table
from agent.errors import CodecError
from agent.messages import Ack, PropertySet, Refusal, RefusalKind, ResyncAnswer, TimeAnswer

KINDS: Final[Mapping[int, RefusalKind]] = {
    **dict.fromkeys((460, 6106, 6207, 6300, 6301, 6302, 6450), RefusalKind.MALFORMED),
    **dict.fromkeys((5159, 5160, 5161, 6304, 6320), RefusalKind.UNKNOWN_NAME),
    **dict.fromkeys(range(6306, 6313), RefusalKind.WRONG_TYPE),
    **dict.fromkeys((6322, 6324, 6325, 6328, 6332), RefusalKind.WRONG_TYPE),
}
"""The platform's codes that tell what is wrong; others, as 6326 (a bad time), blame no name."""

NOT_THERE: Final = "not exist"
"""What the platform writes beside a property that the product's model does not have."""

_MAX_REASON: Final = 256
_MAX_DIGITS: Final = 16


def message_id(body: Body) -> str | int:
    """Read an id in the type that it has; raise `CodecError`."""
    value = body.get("id")
    if isinstance(value, str) and 0 < len(value) <= MAX_TOKEN and is_unicode(value):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise CodecError(f"id is no text of at most {MAX_TOKEN} characters and no whole number")


def ack(body: Body, properties: Properties) -> Ack:
    """Read the reply to a message of ours."""
    code, reason = _code(body), body.get("message")
    is_accepted = code == SUCCESS
    kind = KINDS.get(code)
    if kind is RefusalKind.UNKNOWN_NAME:
        properties.refused_a_name()
    return Ack(
        message_id=str(message_id(body)),
        is_accepted=is_accepted,
        code=code,
        reason=reason[:_MAX_REASON] if isinstance(reason, str) else "",
        kind=kind,
        ignored=_ignored(table(body, "data") or {}, properties) if is_accepted else (),
    )


def desired(body: Body, properties: Properties) -> ResyncAnswer | Ack:
    """Read what was stored for us; a refusal says that there is nothing.

    What cannot be understood sets nothing, and is still executed, which is refused, and cleared:
    or it would come again after every connect.
    """
    if _code(body) != SUCCESS:
        return ack(body, properties)
    asked = str(message_id(body))
    entries = _entries(table(body, "data") or {})
    if not entries:
        return ResyncAnswer(message_id=asked)
    taken = properties.take({wire_id: entry["value"] for wire_id, entry in entries.items()})
    wanted = Wanted(values={}) if isinstance(taken, Refusal) else taken
    stored = PropertySet(
        request_id=asked,
        values=wanted.values,
        ends_in=wanted.ends_in,
        is_live=False,
        context=Versions(versions={key: _version(entry) for key, entry in entries.items()}),
    )
    return ResyncAnswer(message_id=asked, stored=stored)


def time(body: Body) -> TimeAnswer:
    """Read the platform's clock, texts or numbers of ms."""
    received, sent = _milliseconds(body, "serverRecvTime"), _milliseconds(body, "serverSendTime")
    return TimeAnswer(server_received=received / 1000, server_sent=sent / 1000)


def _code(body: Body) -> int:
    """Read a code, which comes as a text in some of the platform's messages."""
    value = body.get("code")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < _MAX_DIGITS:
        return int(value)
    raise CodecError("a reply of the platform has no code")


def _ignored(data: Body, properties: Properties) -> tuple[str, ...]:
    """List the properties of ours that were left out although the report was accepted."""
    lacking = [
        wire_id for wire_id, text in data.items() if isinstance(text, str) and NOT_THERE in text
    ]
    sums = (SUM,) if SUM_ID in lacking else ()
    return (*sums, *properties.lacking(lacking))


def _entries(data: Body) -> Mapping[str, Body]:
    """Take the entries that hold a value; one that was cleared may keep its version alone."""
    found = {
        wire_id: cast("Body", entry)
        for wire_id, entry in list(data.items())[:MAX_PARAMS]
        if isinstance(entry, dict) and is_unicode(wire_id)
    }
    return {wire_id: entry for wire_id, entry in found.items() if "value" in entry}


def _version(entry: Body) -> int | None:
    version = entry.get("version")
    return version if isinstance(version, int) and not isinstance(version, bool) else None


def _milliseconds(body: Body, key: str) -> float:
    value = body.get(key)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < _MAX_DIGITS:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e16:
        raise CodecError(f"{key} is no time in ms")
    return float(value)
