"""What a device of a thing-model product says: reports, events, questions, answers."""

from collections.abc import Iterable, Mapping
from typing import Final

from agent.clouds.names import Names
from agent.clouds.onenet.answers import result
from agent.clouds.onenet.names import event_to_wire, to_wire
from agent.clouds.payload import Body
from agent.messages import EventReport, Outcome, PropertyReport
from agent.model import Values
from agent.thing import Field

VERSION: Final = "1.0"


def report(
    message: PropertyReport, message_id: str, names: Names, fields: Mapping[str, Field]
) -> Body | None:
    """Post properties, each wrapped with its time; None where nothing is known."""
    values = to_wire(message.values, names, fields)
    if not values:
        return None
    stamp = _stamp(message.wall_time)
    return _request(message_id, {key: {"value": each, **stamp} for key, each in values.items()})


def event(message: EventReport, message_id: str, names: Names, fields: Mapping[str, Field]) -> Body:
    """Post an event."""
    value = event_to_wire(message, names, fields)
    wrapped = {"value": value, **_stamp(message.wall_time)}
    return _request(message_id, {names.wire_id(message.name): wrapped})


def desired_get(message_id: str, wire_ids: Iterable[str]) -> Body:
    """Ask for the desired values."""
    return _request(message_id, list(wire_ids))


def desired_delete(message_id: str, versions: Mapping[str, int | None]) -> Body:
    """Have desired values forgotten, of the given version only where there is one."""
    marks = {key: {} if each is None else {"version": each} for key, each in versions.items()}
    return _request(message_id, marks)


def answer(request_id: str, outcome: Outcome) -> Body:
    """Answer a `set`; the id is a text whatever it came as."""
    return {"id": request_id, **result(outcome)}


def answer_with_data(request_id: str, outcome: Outcome, data: Values) -> Body:
    """Answer a `get` or a service."""
    return {**answer(request_id, outcome), "data": data}


def _request(message_id: str, params: object) -> Body:
    return {"id": message_id, "version": VERSION, "params": params}


def _stamp(wall_time: float | None) -> Body:
    """Stamp in milliseconds; left out while the clock was not trusted."""
    return {} if wall_time is None else {"time": int(wall_time * 1000)}
