"""The rules of a device as `polycloud rule` shows them: what each waits for, in words."""

from collections.abc import Mapping
from typing import Final

from agent.automation.local_time import LocalTime
from agent.automation.rules.book import Listed, listed, remembered, text_fault
from agent.automation.rules.memory import Memory
from agent.automation.rules.rule import HOUR_S
from agent.automation.rules.words import state_in_words
from agent.automation.rules.writing import write_rule
from agent.devices.automated.actor import Actor, S
from agent.devices.automated.ruled import sight_of
from agent.thing import Thing

DISABLED: Final = "it is disabled"
DUE: Final = "it is about to fire"


def rules_told(actor: Actor[S], state: S, now: float) -> tuple[Mapping[str, object], ...]:
    """Tell every rule: its text and what that means, where it stands, what it waits for."""
    return tuple(_told(actor, each, state, now) for each in listed(state.rules, actor.rules))


def _told(actor: Actor[S], each: Listed, state: S, now: float) -> Mapping[str, object]:
    memory = remembered(state.rules, each.name, each.text)
    return {
        "name": each.name,
        "text": each.text,
        "meaning": None if each.rule is None else write_rule(each.rule),
        "from": "file" if each.is_from_file else "added",
        "enabled": each.is_enabled,
        "state": list(_state(actor, each, memory, state, now)),
        "fired_at": _fired_at(memory, state.local),
        "fired_within_hour": len([at for at in memory.fired if now < at + HOUR_S]),
    }


def _state(actor: Actor[S], each: Listed, memory: Memory, state: S, now: float) -> tuple[str, ...]:
    reason = text_fault(each.text, actor.thing)
    if each.rule is None:
        return (f"this version does not understand it: {reason}",)
    if reason:
        return (f"it does not suit this device: {reason}",)
    if not each.is_enabled:
        return (DISABLED,)
    sight = sight_of(actor, state, each.rule.names, now)
    return state_in_words(each.rule, memory, sight, _units(actor.thing), now) or (DUE,)


def _units(thing: Thing[S]) -> Mapping[str, str]:
    return {row.field.name: row.field.unit for row in (*thing.properties, *thing.measures)}


def _fired_at(memory: Memory, local: LocalTime) -> float | None:
    """Tell when it fired last, in Unix seconds; None: never, or nobody knows."""
    if memory.fired_wall is not None or not memory.fired:
        return memory.fired_wall
    return local.wall_time(memory.fired[-1])
