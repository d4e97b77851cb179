"""A schedule as a value: what is done, when, and what becomes of a run that nobody watched."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

from agent.automation.doing import Doing, Switch

Days = frozenset[int]
"""Days of the week; 0 is Monday."""

EVERY_DAY: Final[Days] = frozenset(range(7))
SunEvent = Literal["sunrise", "sunset"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """At a minute of the day, on some days of the week."""

    minute: int
    days: Days = EVERY_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """At a minute of one day, and never again."""

    day: date
    minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BySun:
    """At sunrise or sunset, or so many seconds after it (before it, where negative)."""

    event: SunEvent
    offset_s: int = 0
    days: Days = EVERY_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class ByCron:
    """By the five fields of cron: minute, hour, day of the month, month, day of the week."""

    fields: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """On and off in turn, between two minutes of the day (`end` may be on the next one).

    Equal ones: from that minute to the same one of the next day. `days`: when it begins.
    """

    on_s: int
    off_s: int
    start: int = 0
    end: int = 0
    days: Days = EVERY_DAY


When = Weekly | Once | BySun | ByCron | Cycle


class Missed(StrEnum):
    """What becomes of a run that was due while nobody watched: OFF may only switch off."""

    SKIP = "skip"
    OFF = "off"
    RUN = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What is done and when; `doing` is None for a cycle, which switches on and off.

    `random_s`: each run is moved by up to so many seconds, to and fro.
    """

    when: When
    doing: Doing | None = None
    random_s: int = 0
    missed: Missed = Missed.OFF
    is_enabled: bool = True


def done_by(schedule: Schedule) -> Doing:
    """Tell what *schedule* does: a cycle switches on, and off again."""
    return Switch(on=True) if schedule.doing is None else schedule.doing


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: when (Unix seconds), and what is done."""

    at: int
    doing: Doing


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the sun is looked at, in degrees."""

    latitude: float
    longitude: float
