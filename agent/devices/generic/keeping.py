"""When a generic device keeps its state: at once, whatever was decided."""

from functools import partial

from agent.devices.effects import Save
from agent.devices.generic.kept import write
from agent.devices.generic.state import State


def save(state: State, cause: str, now: float) -> Save:
    """Keep everything now."""
    return Save(write=partial(write, state, now), cause=cause)


def due(before: State, after: State) -> str:
    """Tell why *after* must be kept now, or ''."""
    if before.switches != after.switches or before.dimmers != after.dimmers:
        return "relay"
    # The very same book or plan, as after most measurements, needs no summing up.
    if before.rules is not after.rules and before.rules.marks != after.rules.marks:
        return "rules"
    if before.plan is not after.plan and before.plan.kept != after.plan.kept:
        return "schedule"
    return ""
