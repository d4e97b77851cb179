"""What a generic device keeps on disk: written down, and read back part by part."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.devices.automated.kept_plan import KeptPlan, written_plan
from agent.devices.automated.rules_kept import KeptRules, written
from agent.devices.effects import Saved
from agent.devices.generic.state import State, SwitchState


class Kept(BaseModel):
    """A part of what is kept; unknown keys, of a later version, are passed over."""

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)


class KeptSwitch(Kept):
    """Where a contact was meant to stand; `opened_at`: since when it is open all the same."""

    on: bool
    changed_at: float
    opened_at: float | None = None


class KeptGeneric(Kept):
    """A generic device on disk; times are monotonic seconds of the boot that wrote them."""

    saved_at: float | None = None
    switches: dict[str, KeptSwitch] = {}
    dimmers: dict[str, Annotated[int, Field(ge=0, le=100)]] = {}
    rules: KeptRules = KeptRules()
    plan: KeptPlan = KeptPlan()


def read(saved: Saved) -> tuple[KeptGeneric, tuple[str, ...]]:
    """Understand what was kept, and name the parts that could not be."""
    known = {name: value for name, value in saved.items() if name in KeptGeneric.model_fields}
    parts = {name: value for name, value in known.items() if _fits(name, value)}
    dropped = tuple(name for name in known if name not in parts)
    return KeptGeneric.model_validate(parts), dropped


def write(state: State, now: float) -> Mapping[str, object]:
    """Write down what `read` understands."""
    return {
        "saved_at": now,
        "switches": {name: _switch(each) for name, each in state.switches.items()},
        "dimmers": {
            name: each.level if each.kept_level is None else each.kept_level
            for name, each in state.dimmers.items()
        },
        "rules": written(state.rules),
        "plan": written_plan(state.plan),
    }


def _switch(contact: SwitchState) -> Mapping[str, object]:
    opened_at = contact.stopped_at if contact.closing_at is None else contact.changed_at
    is_meant_on = contact.is_on or opened_at is not None
    return {"on": is_meant_on, "changed_at": contact.changed_at, "opened_at": opened_at}


def _fits(name: str, value: object) -> bool:
    try:
        KeptGeneric.model_validate({name: value})
    except ValidationError:
        return False
    return True
