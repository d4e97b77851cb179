"""The schedules that stand: those of the file, then those that were added."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from agent.automation.schedules.errors import ScheduleError
from agent.automation.schedules.plan import Plan, Timetable
from agent.automation.schedules.planner import Where
from agent.automation.schedules.reading import parse_schedule
from agent.automation.schedules.schedule import BySun, Once, Schedule
from agent.automation.schedules.writing import write_schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One schedule that stands, as it is now; `text` is canonical."""

    name: str
    text: str
    schedule: Schedule
    is_added: bool

    @property
    def is_once(self) -> bool:
        """Tell whether it has one run only, and is over then."""
        return isinstance(self.schedule.when, Once)

    def seen(self, where: Where) -> str:
        """Sum up what its runs depend on; '' while it is disabled."""
        if not self.schedule.is_enabled:
            return ""
        place = where.place if isinstance(self.schedule.when, BySun) else None
        return sha256(f"{self.text}|{where.zone}|{place}".encode()).hexdigest()[:12]


def standing(plan: Plan, table: Timetable) -> tuple[Planned, ...]:
    """List what stands; a name of the file hides an added one."""
    return (*_of_file(plan, table), *_added(plan, table))


def _of_file(plan: Plan, table: Timetable) -> Iterator[Planned]:
    turned = {each.name: each.is_enabled for each in plan.turned}
    for name, text in table.texts.items():
        schedule = parse_schedule(text)
        is_enabled = turned.get(name, schedule.is_enabled)
        if is_enabled is not schedule.is_enabled:
            schedule = replace(schedule, is_enabled=is_enabled)
        yield _planned(name, schedule, is_added=False)


def _added(plan: Plan, table: Timetable) -> Iterator[Planned]:
    for entry in plan.entries:
        schedule = _read(entry.text)
        if schedule is not None and entry.name not in table.texts:
            yield _planned(entry.name, schedule, is_added=True)


def _read(text: str) -> Schedule | None:
    """Read what was kept; None: another version wrote it, and it waits for that one."""
    try:
        return parse_schedule(text)
    except ScheduleError:
        return None


def _planned(name: str, schedule: Schedule, *, is_added: bool) -> Planned:
    text = write_schedule(schedule)
    return Planned(name=name, text=text, schedule=schedule, is_added=is_added)
