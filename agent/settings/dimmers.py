"""The sections of outputs of many levels: `[device.dimmers.NAME]` of a generic device."""

from typing import Annotated, Literal

from pydantic import Field

from agent.settings.relays import LineName
from agent.settings.section import Section

StartLevel = Annotated[float, Field(ge=0, le=100)] | Literal["restore"]


class DimmerSettings(Section):
    """An output of 0 to 100 %."""

    title: str = ""
    title_zh: str = ""
    driver: Literal["gpiozero", "simulated"] = "gpiozero"
    pin: LineName = "GPIO18"
    active_high: bool = True
    on_start: StartLevel = 0
    """The level at every start, or the one that it had."""
    on_stop: Literal["off", "keep"] = "off"


AnyDimmerSettings = DimmerSettings
