"""What the journal is told of a decision, from the states before and after."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from agent.devices.effects import Record, SetLevel, SetRelay
from agent.devices.generic.state import State
from agent.devices.inputs import Input, Toggle
from agent.messages import ActionCall, Command, PropertySet
from agent.model import Origin

Why = Mapping[str, object]


def moved(before: State, after: State) -> Iterator[SetRelay | SetLevel]:
    """Drive the outputs that differ, those that open first."""
    contacts = [
        SetRelay(on=contact.is_on, output=name)
        for name, contact in after.switches.items()
        if contact.is_on is not before.switches[name].is_on
    ]
    yield from sorted(contacts, key=lambda each: each.on)
    for name, dimmer in after.dimmers.items():
        if dimmer.level != before.dimmers[name].level:
            yield SetLevel(level=dimmer.level / 100, output=name)


def told_of(before: State, after: State, why: Why) -> Iterator[Record]:
    """Tell of every output that has moved; *why*: who or what moved it."""
    for effect in moved(before, after):
        details = {"output": effect.output, **why}
        if isinstance(effect, SetLevel):
            level = after.dimmers[effect.output].level
            yield Record(topic="relay", name="level", details={**details, "level": level})
            continue
        contact = before.switches[effect.output]
        if effect.on and contact.closing_at is not None and not why:
            details |= {"why": "min_off_s", "by": contact.closing_by}
        yield Record(topic="relay", name="on" if effect.on else "off", details=details)


def why_of(event: Input) -> Why:
    """Tell who asked by *event*; empty where nobody did."""
    match event:
        case Command(origin=origin, request=PropertySet() | ActionCall() as request):
            by, is_live = _name(origin), request.is_live
            return {"why": "command", "by": by, "request": request.request_id, "live": is_live}
        case Toggle(origin=origin):
            return {"why": "command", "by": _name(origin), "live": True}
        case _:
            return {}


def attributed(before: State, after: State, by: str) -> State:
    """Note who asked for a closing that now waits."""
    switches = {
        name: replace(contact, closing_by=by)
        for name, contact in after.switches.items()
        if contact.closing_at not in (None, before.switches[name].closing_at)
    }
    return replace(after, switches={**after.switches, **switches}) if switches else after


def _name(origin: Origin) -> str:
    return f"{origin.kind.value} {origin.name}"
