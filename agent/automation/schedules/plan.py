"""The plan of a device: its schedules beside the file's, and how far they were carried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agent.automation.local_time import LocalTime
from agent.automation.schedules.schedule import Place

MOST_ENTRIES: Final = 20
MOST_IN_A_FILE: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The schedules of the configuration file, by name; `digest` tells one table from another."""

    texts: Mapping[str, str]
    place: Place | None
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A schedule that was added at run time."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A schedule of the file that was turned on or off at run time."""

    name: str
    is_enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a schedule is known: what it was when it was looked at, and its last run.

    `seen` sums up the text, the zone and the place; '' while it is disabled.
    """

    name: str
    seen: str = ""
    ran_at: int | None = None
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When a schedule runs next, in Unix seconds."""

    name: str
    at: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What comes next, earliest first: of which timetable, by which clock.

    `due_at`: monotonic seconds at which it must be looked at again.
    """

    of: str
    local: LocalTime
    due_at: float
    dues: tuple[Due, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a device plans. `looked_at`: Unix seconds up to which every run was carried out.

    `agenda` is not kept: a process works it out once it knows the time.
    """

    entries: tuple[Entry, ...] = ()
    turned: tuple[Turned, ...] = ()
    looked_at: int | None = None
    salt: str = ""
    marks: tuple[Mark, ...] = ()
    agenda: Agenda | None = None

    @property
    def kept(self) -> tuple[object, ...]:
        """What must be on the disk as soon as it changes."""
        return (self.entries, self.turned, self.looked_at, self.salt, self.marks)


EMPTY: Final = Plan()
