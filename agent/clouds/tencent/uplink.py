"""What a device says to Tencent: reports, events, replies, questions."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from agent import __version__
from agent.clouds.names import Names, names_of
from agent.clouds.payload import Body
from agent.clouds.tencent.names import WireValue, to_wire
from agent.messages import (
    EventReport,
    InfoReport,
    Outcome,
    PropertyReport,
    RefusalKind,
)
from agent.model import Values
from agent.thing import Field, Thing

CODES: Final[Mapping[RefusalKind, int]] = {
    RefusalKind.MALFORMED: 400,
    RefusalKind.UNKNOWN_NAME: 403,
    RefusalKind.READ_ONLY: 403,
    RefusalKind.NOT_ALLOWED: 403,
    RefusalKind.WRONG_TYPE: 406,
    RefusalKind.OUT_OF_RANGE: 406,
    RefusalKind.TRIPPED: 503,
    RefusalKind.FAILED: 503,
}
"""The platform's codes; it has none for 'tripped', and 503 is its 'cannot be done now'."""

TRIP: Final = "trip"
TRIP_FIELDS: Final = ("trip.status", "trip.message")
"""The reference template tells a trip by these two parameters alone."""

MAX_STATUS: Final = 256
_FACTS: Final[Mapping[str, str]] = {
    "name": "name",
    "version": "fw_ver",
    "hardware": "module_hardinfo",
    "software": "module_softinfo",
    "mac": "mac",
    "imei": "imei",
}


def names_on_wire(thing: Thing[Any]) -> Sequence[str]:
    """List what has a name on the wire: a trip has the two parameters of the template instead."""
    own = [name for name in names_of(thing) if not name.startswith(f"{TRIP}.")]
    return [*own, *TRIP_FIELDS] if TRIP in own else own


def report(message: PropertyReport, names: Names, fields: Mapping[str, Field]) -> Body | None:
    """Report properties; None where nothing is known."""
    params = _params(message.values, names, fields)
    if not params:
        return None
    return {"method": "report", **_stamp(message.wall_time), "params": params}


def event(message: EventReport, names: Names, fields: Mapping[str, Field], level: str) -> Body:
    """Tell an event; a trip is the reference template's `status_report`."""
    return {
        "eventId": names.wire_id(message.name),
        "type": level,
        **_stamp(message.wall_time),
        "params": _event_params(message, names, fields),
    }


def post(told: Body) -> Body:
    """Post one event."""
    return {"method": "event_post", "version": "1.0", **told}


def post_several(told: Sequence[object]) -> Body:
    """Post events together; the platform's answer has a name of its own, and no other form."""
    return {"method": "events_post", "events": list(told)}


def info(message: InfoReport) -> Body:
    """Tell the facts about this machine; those without a name of their own become labels."""
    facts = {_FACTS[key]: value for key, value in message.facts.items() if key in _FACTS}
    labels = {key: value for key, value in message.facts.items() if key not in _FACTS}
    params: Body = {**facts, "device_label": labels} if labels else facts
    return {"method": "report_info", "params": params}


def control_reply(token: str, outcome: Outcome) -> Body:
    """Answer a `control`."""
    return {"method": "control_reply", "clientToken": token, **_result(outcome)}


def action_reply(token: str, outcome: Outcome) -> Body:
    """Answer an `action`; the outputs are the outcome's values."""
    wired = {name: to_wire(value) for name, value in outcome.values.items()}
    response = {name: value for name, value in wired.items() if value is not None}
    return {
        "method": "action_reply",
        "clientToken": token,
        **_result(outcome),
        "response": response,
    }


def get_status(token: str) -> Body:
    """Ask for the pending control; without `type`, or it would not come."""
    return {"method": "get_status", "clientToken": token, "showmeta": 0}


def clear_control(token: str) -> Body:
    """Tell that the pending control was taken."""
    return {"method": "clear_control", "clientToken": token}


def report_version() -> Body:
    """Tell the version that runs."""
    return {"type": "report_version", "report": {"version": __version__}}


def get_time() -> Body:
    """Ask for the platform's clock."""
    return {"type": "get", "resource": ["time"]}


def _params(values: Values, names: Names, fields: Mapping[str, Field]) -> dict[str, WireValue]:
    wired = {
        names.wire_id(name): to_wire(value, fields.get(name))
        for name, value in values.items()
        if names.is_listed(name)
    }
    return {wire_id: value for wire_id, value in wired.items() if value is not None}


def _event_params(message: EventReport, names: Names, fields: Mapping[str, Field]) -> Body:
    if message.name == TRIP:
        status, text = (names.wire_id(field) for field in TRIP_FIELDS)
        return {status: 1, text: str(message.values.get("cause", ""))}
    qualified = {f"{message.name}.{name}": value for name, value in message.values.items()}
    return _params(qualified, names, fields)


def _stamp(wall_time: float | None) -> Body:
    """Stamp in milliseconds; left out while the clock was not trusted."""
    return {} if wall_time is None else {"timestamp": int(wall_time * 1000)}


def _result(outcome: Outcome) -> Body:
    if outcome.refusal is None:
        return {"code": 0, "status": ""}
    return {
        "code": CODES[outcome.refusal.kind],
        "status": outcome.refusal.reason[:MAX_STATUS],
    }
