"""`[device.schedules]`: each schedule by its name, checked as it is read."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from agent.automation.schedules.errors import ScheduleError
from agent.automation.schedules.names import NAME_ALLOWED, is_name
from agent.automation.schedules.plan import MOST_IN_A_FILE, Timetable
from agent.automation.schedules.reading import parse_schedule
from agent.automation.schedules.schedule import BySun, Place
from agent.settings.place import PlaceSettings

SUN_NEEDS: Final = "one once latitude and longitude stand in [device.place]"


def _checked_name(name: str) -> str:
    if not is_name(name):
        raise PydanticCustomError("schedule_name", "no name", {"allowed": NAME_ALLOWED})
    return name


def _checked_text(text: str) -> str:
    """Pass a schedule through; whether it suits the device is told with its thing at hand."""
    try:
        parse_schedule(text)
    except ScheduleError as error:
        context = {"found": error.found, "allowed": error.allowed, "hint": error.hint}
        raise PydanticCustomError("schedule_syntax", "no schedule", context) from None
    return text


def _checked_number(schedules: dict[str, str]) -> dict[str, str]:
    if len(schedules) > MOST_IN_A_FILE:
        context = {"found": f"{len(schedules)} of them", "allowed": f"up to {MOST_IN_A_FILE}"}
        raise PydanticCustomError("schedule_number", "too many", context)
    return schedules


Schedules = Annotated[
    dict[
        Annotated[str, AfterValidator(_checked_name)],
        Annotated[str, AfterValidator(_checked_text)],
    ],
    AfterValidator(_checked_number),
]


def checked_sun(schedules: dict[str, str], place: PlaceSettings | None) -> dict[str, str]:
    """Refuse a schedule by the sun where nobody said where the device stands.

    *place* is None where it has faults of its own.
    """
    if place is None or place_of(place) is not None:
        return schedules
    for name, text in schedules.items():
        if isinstance(parse_schedule(text).when, BySun):
            context = {"key": name, "found": "a schedule by the sun", "allowed": SUN_NEEDS}
            raise PydanticCustomError("no_place", "no place", context)
    return schedules


def place_of(place: PlaceSettings) -> Place | None:
    """Tell where the sun is looked at; None where nobody said."""
    if place.latitude is None or place.longitude is None:
        return None
    return Place(latitude=place.latitude, longitude=place.longitude)


def timetable(schedules: Mapping[str, str], place: PlaceSettings) -> Timetable:
    """Make what a device carries out."""
    where = place_of(place)
    digest = sha256(repr((tuple(schedules.items()), where)).encode()).hexdigest()[:12]
    return Timetable(texts=dict(schedules), place=where, digest=digest)
