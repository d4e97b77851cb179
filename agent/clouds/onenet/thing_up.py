"""What a device of a thing-model product says: reports, events, questions, answers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from agent.clouds.batches import columns
from agent.clouds.names import Names
from agent.clouds.onenet.answers import result
from agent.clouds.onenet.names import event_to_wire, to_wire
from agent.clouds.packing import Wired
from agent.clouds.payload import Body
from agent.messages import EventReport, Outcome, Report
from agent.model import Values
from agent.thing import Field

VERSION: Final = "1.0"


def wire(message: Report, names: Names, fields: Mapping[str, Field]) -> Wired | None:
    """Wrap each value of a report, or an event, with its time; None where nothing is known."""
    stamp = _stamp(message.wall_time)
    if isinstance(message, EventReport):
        value = event_to_wire(message, names, fields)
        wrapped = {"value": value, **stamp}
        return Wired(body={names.wire_id(message.name): wrapped}, is_event=True)
    values = to_wire(message.values, names, fields)
    body = {key: {"value": each, **stamp} for key, each in values.items()}
    return Wired(body=body) if body else None


def post(wired: Wired, message_id: str) -> Body:
    """Post the values of a report, or an event."""
    return _request(message_id, wired.body)


def pack(wired: Sequence[Wired], message_id: str) -> Body:
    """Post several reports and events as entries of the device itself."""
    entries = [{"events" if each.is_event else "properties": each.body} for each in wired]
    return _request(message_id, entries)


def history(wired: Sequence[Wired], message_id: str) -> Body:
    """Post what is over, the values of each identifier in order."""
    return _request(message_id, [columns(wired)])


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
