"""A socket that lives by a wall clock: schedules, restarts, and clocks that are set."""

from datetime import datetime

from agent.automation.local_time import zone as zone_of
from agent.devices.effects import Record, Save
from agent.devices.inputs import ClockTold, EditSchedule
from agent.messages import Outcome
from agent.model import StartCause
from tests.devices.socket.bench import LOCAL, Bench, settings

BERLIN = "Europe/Berlin"
PLACE = {"latitude": 52.52, "longitude": 13.41}


def unix(text: str, zone: str = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone_of(zone)).timestamp()


class Clocked(Bench):
    """A socket whose clock says `wall()`; time that passes wakes it."""

    def __init__(self, at: str, zone: str = BERLIN, **sections: object) -> None:
        self.zone = zone
        self.offset = unix(at, zone) - 1000.0
        sections.setdefault("protection", {"meter_lost": "keep"})
        super().__init__(settings(**sections))

    def wall(self) -> float:
        return self.now + self.offset

    def tell(self) -> None:
        self.give(ClockTold(offset=self.offset, zone=self.zone))

    def until(self, at: str) -> None:
        self.tick_until(unix(at, self.zone) - self.offset)

    def set_clock(self, by_s: float) -> None:
        self.offset += by_s
        self.tell()

    def restart(self, away_s: float, cause: StartCause = StartCause.RESTART) -> None:
        saved = next(each.saved for each in reversed(self.effects) if isinstance(each, Save))
        self.now += away_s
        self.begin(saved, cause)

    def edit(self, name: str, text: str | None = None, **more: object) -> Outcome:
        edit = EditSchedule(name=name, origin=LOCAL, text=text, **more)  # type: ignore[arg-type]
        (outcome,) = (e.outcome for e in self.give(edit) if hasattr(e, "outcome"))
        return outcome

    def refusal(self, name: str, text: str | None = None, **more: object) -> str:
        before = self.state
        outcome = self.edit(name, text, **more)
        assert self.state == before
        return outcome.refusal.reason

    def rows(self, topic: str = "schedule") -> list[tuple[str, dict[str, object]]]:
        found = [e for e in self.effects if isinstance(e, Record) and e.topic == topic]
        return [(row.name, dict(row.details)) for row in found]

    def told(self) -> list[str]:
        """What was told of schedules, in short."""
        return [f"{name} {details.get('schedule', '')}".strip() for name, details in self.rows()]

    def moved(self) -> list[str]:
        """Who moved the contact where."""
        rows = [row for row in self.rows("relay") if row[1]["why"] not in ("start", "command")]
        return [f"{name} {details.get('name', details['why'])}" for name, details in rows]

    def next(self) -> object:
        return self.device.describe(self.state, self.now)["next_schedule"]
