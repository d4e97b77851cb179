"""What the journal and the clouds are told of a decision, from the states before and after."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Final

from agent.devices.automated.causes import BUTTON, Cause
from agent.devices.effects import Effect, Log, Raise, Record
from agent.devices.inputs import ButtonEdge, Input, SetTotal, Toggle
from agent.devices.socket import timers
from agent.devices.socket.books import Row
from agent.devices.socket.state import Asked, State, Trip
from agent.messages import ActionCall, Command, PropertySet
from agent.model import Origin, Value

Why = Mapping[str, object]
"""Who or what made the contact move, for `polycloud events`."""

TRIP_FIELDS: Final = ("cause", "value", "limit", "duration_s")


def told_of(
    before: State, after: State, event: Input, cause: Cause | None = None
) -> Iterator[Effect]:
    """Tell of the contact, a trip and its reset, the child lock, a count that begins anew."""
    if after.trip is not None and after.trip != before.trip:
        yield from _trip(after.trip, before)
    if before.trip is not None and after.trip is None:
        yield Record(
            topic="protection", name="reset", details={"trip": before.trip.describe(), **_by(event)}
        )
    for move in after.moves(before):
        details = _why(before, after, event, cause)
        if move.output:
            details = {"output": f"outlet {move.output}", **details}
        yield Record(topic="relay", name="on" if move.on else "off", details=details)
    if isinstance(event, Command) and after.plan.entries != before.plan.entries:
        details = {"text": timers.told(after, 0.0), **_by(event)}
        yield Record(topic="schedule", name="timers", details=details)
    if after.child_lock_set not in (None, before.child_lock_set):
        details = {"is_on": after.child_lock_set, **_by(event)}
        yield Record(topic="button", name="child_lock", details=details)
    if isinstance(event, Command) and after.energy_base_mj != before.energy_base_mj:
        yield _energy_row("reset", before, {**_by(event), "shown_mj": _shown_mj(before)})


def total_set(state: State, event: SetTotal) -> Record:
    """Tell that a person set the energy that is shown, and why."""
    details = {
        "from_mj": _shown_mj(state),
        "to_mj": event.energy_mj,
        "reason": event.reason,
        "by": _name(event.origin),
    }
    return _energy_row("set", state, details)


def books_rows(state: State, rows: tuple[Row, ...]) -> tuple[Record, ...]:
    """Tell what the books closed."""
    return tuple(_energy_row(name, state, details) for name, details in rows)


def energy_facts(state: State) -> Mapping[str, object]:
    """Tell what every row about energy says: the day it belongs to, and the total."""
    return {"day": state.books.day, "total_mj": state.energy.total_mj}


def _energy_row(name: str, state: State, details: Mapping[str, object]) -> Record:
    """Make a ledger row; every one of them carries its day and the true total."""
    whole = {**energy_facts(state), **details}
    return Record(topic="energy", name=name, details=whole)


def _shown_mj(state: State) -> int:
    return state.energy.total_mj - state.energy_base_mj


def _trip(trip: Trip, before: State) -> Iterator[Effect]:
    values: dict[str, Value] = {name: getattr(trip, name) for name in TRIP_FIELDS}
    details = {
        **values,
        "evidence": trip.evidence,
        "rule": trip.rule,
        "text": trip.describe(),
        "voltage_v": before.metering.voltage_v,
        "closed_for_s": round(trip.at - before.changed_at, 1),
    }
    yield Raise(event="trip", values=values)
    yield Log(event="relay.tripped", details=details, is_warning=True)
    yield Record(topic="protection", name="tripped", details=details)


def _why(before: State, after: State, event: Input, cause: Cause | None) -> Why:
    if after.trip is not None and before.trip is None:
        return {"why": "trip", "text": after.trip.describe()}
    if cause is not None and cause.kind == BUTTON:
        return {"why": "command", **_by(event), "gesture": cause.name}
    if cause is not None:
        return {"why": cause.kind, "name": cause.name, "text": cause.text}
    if isinstance(event, Command | Toggle | ButtonEdge):
        return {"why": "command", **_by(event)}
    if before.waits_until is not None and after.relay_on:
        return {"why": "min_off_s", **_asked(before.closing_by)}
    return {"why": "countdown", **_asked(before.countdown_by)}


def attributed(before: State, after: State, event: Input, cause: Cause | None) -> State:
    """Note who asked for what *event* made wait: a countdown, a closing."""
    if after.countdown_at == before.countdown_at and after.waits_until == before.waits_until:
        return after
    if cause is not None:
        asked = Asked(by=cause.by)
        return _asked_for(before, after, asked)
    if not isinstance(event, Command | Toggle | ButtonEdge):
        is_late = after.waits_until not in (None, before.waits_until)
        is_told = after.closing_by is not before.closing_by  # by whoever closes by itself
        return replace(after, closing_by=before.countdown_by) if is_late and not is_told else after
    why = _by(event)
    return _asked_for(before, after, Asked(by=str(why["by"]), request=str(why.get("request", ""))))


def _asked_for(before: State, after: State, asked: Asked) -> State:
    """Note it where whoever acts by itself has not said so already."""
    is_set = after.countdown_at not in (None, before.countdown_at)
    if is_set and after.countdown_by is before.countdown_by:
        after = replace(after, countdown_by=asked)
    is_late = after.waits_until not in (None, before.waits_until)
    if is_late and after.closing_by is before.closing_by:
        after = replace(after, closing_by=asked)
    return after


def _asked(asked: Asked | None) -> Why:
    return {} if asked is None else asdict(asked)


def _by(event: Input) -> Why:
    match event:
        case Command(origin=origin, request=PropertySet() | ActionCall() as request):
            return {"by": _name(origin), "request": request.request_id, "live": request.is_live}
        case Toggle(origin=origin):
            return {"by": _name(origin), "live": True}
        case _:
            return {"by": "button", "live": True}


def _name(origin: Origin) -> str:
    return f"{origin.kind.value} {origin.name}"
