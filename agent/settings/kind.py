"""What the sections of all device kinds have: `[device]`."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from agent.automation.schedules.plan import Timetable
from agent.settings.change import Change, checked_change, parse_change
from agent.settings.locate import KeyPath
from agent.settings.place import PlaceSettings
from agent.settings.rules import Rules
from agent.settings.schedules import Schedules, checked_sun, timetable
from agent.settings.section import Section

ChangeText = Annotated[float | str, BeforeValidator(checked_change)]


class ReportingSettings(Section):
    """When a value is reported."""

    min_interval_s: Annotated[float, Field(ge=0.1, le=3600)] = 5
    max_interval_s: Annotated[float, Field(ge=1, le=86_400)] = 300
    change: dict[str, ChangeText] = Field(default_factory=dict[str, ChangeText])

    @property
    def changes(self) -> Mapping[str, Change]:
        """The reportable changes that are set, parsed."""
        return {name: parse_change(text) for name, text in self.change.items()}

    @model_validator(mode="after")
    def _interval_is_in_order(self) -> "ReportingSettings":
        if self.max_interval_s < self.min_interval_s:
            context = {"key": "max_interval_s", "allowed": "min_interval_s or more"}
            raise PydanticCustomError("interval_order", "smaller than min_interval_s", context)
        return self


class DeviceSettings(Section):
    """A device: its name, its clouds, when it reports, and where it stands."""

    id: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
            description="1 to 64 letters, digits, '_', '.' or '-'; first a letter or digit",
        ),
    ]
    kind: str
    name: str = ""
    clouds: tuple[str, ...] = ()
    reporting: ReportingSettings = Field(default_factory=ReportingSettings)
    place: PlaceSettings = Field(default_factory=PlaceSettings)
    schedules: Schedules = Field(default_factory=dict[str, str])
    """Each by its name, as `agent.automation.schedules` reads it."""
    rules: Rules = Field(default_factory=dict[str, str])
    """Each by its name, as `agent.automation.rules` reads it."""

    @property
    def own_names(self) -> tuple[str, ...]:
        """The names that a cloud's section may rename; none: they are not known before it runs."""
        return ()

    @property
    def lines(self) -> Mapping[KeyPath, str]:
        """The GPIO lines that it names, by their keys in `[device]`."""
        return {}

    @cached_property
    def timetable(self) -> Timetable:
        """The schedules and the place, for whoever carries them out."""
        return timetable(self.schedules, self.place)

    @field_validator("schedules")
    @classmethod
    def _sun_has_a_place(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        return checked_sun(value, info.data.get("place"))
