"""The timers that a cloud manages: some of the plan's entries, as the text of a property."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.automation.schedules.plan import MOST_ENTRIES, Entry, Plan
from agent.automation.schedules.reading import parse_schedule
from agent.automation.schedules.writing import write_schedule
from agent.automation.timers import MOST, Timer, read_timers, resolved, write_timer
from agent.devices.socket.state import State
from agent.messages import Refusal, RefusalKind
from agent.settings.device import SocketSettings

NAMES: Final = tuple(f"timer-{number}" for number in range(1, MOST + 1))
"""The entries of the plan that stand for the slots, in their order."""

NO_STORED_ON: Final = "a stored timer may not switch on here (accept_stored_on = false)"


def told(state: State, now: float) -> str:
    """Tell the slots, a line for each; an empty text where there are none."""
    del now
    if not state.plan.entries:
        return ""
    texts = {entry.name: entry.text for entry in state.plan.entries}
    return "\n".join(texts.get(name, "") for name in NAMES).rstrip("\n")


def written(
    state: State, text: str, settings: SocketSettings, now: float, *, may_switch_on: bool
) -> State | Refusal:
    """Put *text* in the place of all slots, or refuse; nothing else of the plan is touched."""
    moment = state.local.moment(now)
    try:
        slots = read_timers(text)
    except ValueError as error:
        return Refusal(kind=RefusalKind.MALFORMED, reason=str(error))
    try:
        dated = resolved(slots, moment)
    except ValueError as error:
        kind = RefusalKind.FAILED if moment is None else RefusalKind.OUT_OF_RANGE
        return Refusal(kind=kind, reason=str(error))
    if not may_switch_on and any(slot and slot.on and slot.is_enabled for slot in dated):
        return Refusal(kind=RefusalKind.NOT_ALLOWED, reason=NO_STORED_ON)
    entries = _entries(dated)
    others = [entry for entry in state.plan.entries if entry.name not in NAMES]
    refusal = _refusal(entries, len(others), settings)
    if refusal is not None:
        return refusal
    if tuple(entries) == tuple(each for each in state.plan.entries if each.name in NAMES):
        return state
    return replace(state, plan=_planned(state.plan, (*others, *entries)))


def _entries(slots: Sequence[Timer | None]) -> list[Entry]:
    """Write each slot as its schedule; one without days any more is one of its date."""
    return [
        Entry(name=name, text=write_schedule(parse_schedule(write_timer(slot))))
        for name, slot in zip(NAMES, slots, strict=False)
        if slot is not None
    ]


def _refusal(entries: Sequence[Entry], others: int, settings: SocketSettings) -> Refusal | None:
    taken = [each.name for each in entries if each.name in settings.timetable.texts]
    if taken:
        reason = f"{taken[0]} stands in the configuration file ([device.schedules])"
        return Refusal(kind=RefusalKind.NOT_ALLOWED, reason=reason)
    if len(entries) + others > MOST_ENTRIES:
        reason = f"{others} schedules were added beside the timers, and {MOST_ENTRIES} are the most"
        return Refusal(kind=RefusalKind.NOT_ALLOWED, reason=reason)
    return None


def _planned(plan: Plan, entries: tuple[Entry, ...]) -> Plan:
    """Let the plan be looked at anew; what went by is known, so nothing counts as missed."""
    agenda = None if plan.agenda is None else replace(plan.agenda, of="")
    return replace(plan, entries=entries, agenda=agenda)
