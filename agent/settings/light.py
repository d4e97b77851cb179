"""How the light looks: live, whatever drives it."""

from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.section import Section

TimeOfDay = Annotated[
    str,
    Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description='a time of day, such as "22:00"'),
]
Brightness = Annotated[float, Field(ge=0, le=1)]
Watts = Annotated[float, Field(gt=0, le=20_000)]
_STEPS: Final = "four powers in watts up to 20000, each above the last"
Steps = Annotated[tuple[Watts, ...], Field(min_length=4, max_length=4, description=_STEPS)]
LOAD_STEPS_W: Final = (100.0, 300.0, 500.0, 800.0)
"""The reference socket's: up to so many watts each colour, above the last the fifth."""


class _Night(Section):
    to: TimeOfDay = "07:00"
    brightness: Brightness = 0.1

    @property
    def begins(self) -> str:
        """When it begins, in local time."""
        return str(getattr(self, "from"))

    @model_validator(mode="after")
    def _ends_another_time(self) -> "_Night":
        if self.begins == self.to:
            context = {"key": "to", "allowed": "another time than `from`"}
            raise PydanticCustomError("no_night", "a night of no length", context)
        return self


if TYPE_CHECKING:
    NightSettings = _Night
else:  # `from` is a word of the language, so that no class body can hold it
    NightSettings = create_model("NightSettings", __base__=_Night, **{"from": (TimeOfDay, "22:00")})


class LightSettings(Section):
    """Brightness by day and night, and what the colours mean."""

    brightness: Brightness = 1.0
    theme: Literal["reference", "colour_blind"] = "reference"
    load_steps: Steps = LOAD_STEPS_W
    night: NightSettings | None = None

    @model_validator(mode="after")
    def _steps_rise(self) -> "LightSettings":
        if list(self.load_steps) != sorted(set(self.load_steps)):
            context = {"key": "load_steps", "allowed": _STEPS}
            raise PydanticCustomError("load_steps", "not rising", context)
        return self
