"""Where a device stands: its time zone, and what the sun needs to know."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from agent.automation.local_time import is_zone
from agent.settings.section import Section


def _checked_zone(name: str) -> str:
    if name and not is_zone(name):
        context = {"allowed": "an IANA name such as Asia/Shanghai, or nothing: the machine's own"}
        raise PydanticCustomError("unknown_zone", "not a time zone", context)
    return name


class PlaceSettings(Section):
    """`[device.place]`: empty: the machine's own zone; the sun needs both coordinates."""

    timezone: Annotated[str, AfterValidator(_checked_zone)] = ""
    latitude: Annotated[float | None, Field(ge=-90, le=90)] = None
    longitude: Annotated[float | None, Field(ge=-180, le=180)] = None
