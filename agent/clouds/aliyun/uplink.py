"""What a device says to Aliyun: reports, events, labels, answers, questions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from agent.clouds.aliyun.names import (
    OVERCURRENT,
    OVERCURRENT_PARTS,
    SUM_ID,
    TRIP,
    WireValue,
    to_wire,
)
from agent.clouds.names import Names
from agent.clouds.packing import Wired
from agent.clouds.payload import Body
from agent.messages import EventReport, InfoReport, Outcome, RefusalKind
from agent.thing import Field

SUCCESS: Final = 200
CODES: Final[Mapping[RefusalKind, int]] = {
    RefusalKind.MALFORMED: 460,
    RefusalKind.UNKNOWN_NAME: 460,
    RefusalKind.READ_ONLY: 460,
    RefusalKind.WRONG_TYPE: 460,
    RefusalKind.OUT_OF_RANGE: 460,
    RefusalKind.FAILED: 400,
    RefusalKind.TRIPPED: 100_000,
    RefusalKind.NOT_ALLOWED: 100_001,
}
"""460: bad parameters; 400: internal; from 100,000 on a device has codes of its own."""

MAX_MESSAGE: Final = 256
MAX_LABEL: Final = 256
_CAUSE: Final = "overcurrent"
_OTHER_IN_KEY: Final = re.compile(r"[^A-Za-z0-9_]")
_OTHER_IN_LABEL: Final = re.compile(r"[^A-Za-z0-9_.\u4e00-\u9fff-]")
_ASIDE: Final = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a request is answered: on which topic, with its id in the type that it came in.

    `asked` are the identifiers in a question; the answer may be made from more than that.
    """

    topic: str
    request_id: str | int
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What the platform had stored, by identifier, and in which version."""

    versions: Mapping[str, int | None]


def request(method: str, params: object, message_id: str, *, wants_reply: bool = True) -> Body:
    """Wrap what the platform is told or asked."""
    return {
        "id": message_id,
        "version": "1.0",
        "sys": {"ack": int(wants_reply)},
        "params": params,
        "method": method,
    }


def report_params(values: Mapping[str, WireValue], wall_time: float | None) -> Body:
    """Stamp every value; bare ones are the platform's to stamp, where the clock was not trusted."""
    if wall_time is None:
        return values
    return {wire_id: {"value": value, **_stamp(wall_time)} for wire_id, value in values.items()}


def sum_params(kwh: float, wall_time: float | None) -> Body:
    """Name the energy that the platform sums, to the watt-hour."""
    return report_params({SUM_ID: round(kwh, 3) + 0.0}, wall_time)


def history_params(wired: Sequence[Wired], product_key: str, device_name: str) -> Sequence[Body]:
    """List what is over, each report under the device that it is of."""
    properties = [each.body for each in wired if not each.is_event]
    events = [each.body for each in wired if each.is_event]
    lists = {"properties": properties, "events": events}
    identity = {"productKey": product_key, "deviceName": device_name}
    return [{"identity": identity, **{key: rows for key, rows in lists.items() if rows}}]


def event(message: EventReport, names: Names, fields: Mapping[str, Field]) -> tuple[str, Body]:
    """Name an event and give its params; a trip by current has an identifier of its own."""
    if message.name == TRIP and message.values.get("cause") == _CAUSE:
        name, value = OVERCURRENT, _overcurrent(message, names, fields)
    else:
        name, value = message.name, _parameters(message, names, fields)
    return names.wire_id(name), {"value": value, **_stamp(message.wall_time)}


def _parameters(message: EventReport, names: Names, fields: Mapping[str, Field]) -> Body:
    wired = {
        names.wire_id(f"{message.name}.{name}"): to_wire(
            value, fields.get(f"{message.name}.{name}")
        )
        for name, value in message.values.items()
    }
    return {wire_id: value for wire_id, value in wired.items() if value is not None}


def _overcurrent(message: EventReport, names: Names, fields: Mapping[str, Field]) -> Body:
    """Tell both currents, which are amperes whenever the cause is this one, and that it opened."""
    value, limit, state = (names.wire_id(part) for part in OVERCURRENT_PARTS)
    currents = {
        wire_id: to_wire(message.values[name], fields.get(f"{TRIP}.{name}"))
        for wire_id, name in ((value, "value"), (limit, "limit"))
        if name in message.values
    }
    known = {wire_id: current for wire_id, current in currents.items() if current is not None}
    return {**known, state: 1}


def labels(message: InfoReport) -> Sequence[Body]:
    """List the facts as labels, in the characters that a label may have."""
    return [
        {
            "attrKey": _key_of(key),
            "attrValue": _OTHER_IN_LABEL.sub("_", value)[:MAX_LABEL],
        }
        for key, value in message.facts.items()
        if key and value
    ]


def _key_of(text: str) -> str:
    key = _OTHER_IN_KEY.sub("_", text)
    return (f"_{key}" if key[0].isdigit() else key)[:64]


def aside_id(request_id: str) -> str:
    """Make an id for what nobody answers, beyond all ids that an answer is waited for under."""
    return str(_ASIDE + crc32(request_id.encode(errors="replace")) % _ASIDE)


def reply(answer: Answer, outcome: Outcome, data: Body) -> Body:
    """Answer a request with its own id."""
    refusal = outcome.refusal
    return {
        "id": answer.request_id,
        "code": SUCCESS if refusal is None else CODES[refusal.kind],
        "data": data,
        "message": "success" if refusal is None else refusal.reason[:MAX_MESSAGE],
    }


def ask_time() -> Body:
    """Ask for the platform's clock; it sends back what it is told of ours, which nobody reads."""
    return {"deviceSendTime": "0"}


def _stamp(wall_time: float | None) -> Mapping[str, int]:
    return {} if wall_time is None else {"time": int(wall_time * 1000)}
