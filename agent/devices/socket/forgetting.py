"""A factory reset: what a socket forgets, and what outlives it.

The true total, calibrations, the rating, identity, a latched trip and its resets, a fault of the
contact and the accumulated seconds of protection stay: they are the board's, or keep somebody
safe. The rows of the journal stay too: they explain the rest.
"""

from dataclasses import replace
from typing import Final

from agent.automation.rules.book import EMPTY as NO_RULES
from agent.automation.schedules.plan import EMPTY as NO_PLAN
from agent.devices.effects import Effect, Forget, Log, Record
from agent.devices.socket.books import Books
from agent.devices.socket.state import State
from agent.devices.socket.switching import opened
from agent.devices.socket.telling import energy_facts

SHOWN_S: Final = 3.0
"""So long the light says that it was done."""


def forgotten(state: State, now: float) -> tuple[State, tuple[Effect, ...]]:
    """Open the contact and forget what a person has set, and what was counted for the eye."""
    total_mj = state.energy.total_mj
    details = {**energy_facts(state), "shown_mj": total_mj - state.energy_base_mj, "by": "button"}
    after = replace(
        opened(state, now),
        energy_base_mj=total_mj,
        books=Books(day=state.books.day, day_base_mj=total_mj, month_base_mj=total_mj),
        countdown_at=None,
        countdown_closes=True,
        countdown_to=None,
        countdown_by=None,
        closing_by=None,
        limit_a=None,
        child_lock_set=None,
        plan=NO_PLAN,
        rules=NO_RULES,
        find_until=None,
        refused_until=None,
        provisioning_until=None,
        reset_until=now + SHOWN_S,
    )
    return after, (
        Forget(),
        Log(event="button.factory_reset", details={"contact": "open"}, is_warning=True),
        Record(topic="energy", name="factory_reset", details=details),
        Record(topic="button", name="factory_reset", details={}),
    )
