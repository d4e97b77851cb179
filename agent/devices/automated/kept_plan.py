"""The plan of a device as it is kept on the disk."""

from collections.abc import Mapping
from dataclasses import asdict

from pydantic import BaseModel, ConfigDict, NonNegativeInt

from agent.automation.schedules.plan import MOST_ENTRIES, Entry, Mark, Plan, Turned


class KeptPart(BaseModel):
    """A part of a plan; unknown keys, of a later version, are passed over."""

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)


class KeptEntry(KeptPart):
    """A schedule that was added."""

    name: str
    text: str


class KeptTurned(KeptPart):
    """A schedule of the file that was turned on or off."""

    name: str
    is_enabled: bool


class KeptMark(KeptPart):
    """How far a schedule is known."""

    name: str
    seen: str = ""
    ran_at: int | None = None
    result: str = ""


class KeptPlan(KeptPart):
    """A plan without its agenda, which a process works out for itself."""

    entries: list[KeptEntry] = []
    turned: list[KeptTurned] = []
    looked_at: NonNegativeInt | None = None
    salt: str = ""
    marks: list[KeptMark] = []

    def plan(self) -> Plan:
        """Make the plan that was kept."""
        return Plan(
            entries=tuple(Entry(**each.model_dump()) for each in self.entries[:MOST_ENTRIES]),
            turned=tuple(Turned(**each.model_dump()) for each in self.turned),
            looked_at=self.looked_at,
            salt=self.salt,
            marks=tuple(Mark(**each.model_dump()) for each in self.marks),
        )


def written_plan(plan: Plan) -> Mapping[str, object]:
    """Write down what `KeptPlan` reads."""
    return {
        "entries": [asdict(each) for each in plan.entries],
        "turned": [asdict(each) for each in plan.turned],
        "looked_at": plan.looked_at,
        "salt": plan.salt,
        "marks": [asdict(each) for each in plan.marks],
    }
