"""The sections of sensors: `[device.sensors.NAME]` of a generic device."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from agent.settings.change import Change, parse_change
from agent.settings.kind import ChangeText
from agent.settings.section import Section
from agent.settings.smoothing import FilterText, WarmUpText


class SensorSettings(Section):
    """What every sensor's section has, whatever its driver reads.

    A value is `raw * scale + offset`; one outside `range` is none.
    """

    IS_BINARY: ClassVar[bool] = False
    """It says true or false, and never a number."""

    title: str = ""
    title_zh: str = ""
    unit: Annotated[str, Field(max_length=16)] = ""
    scale: float = 1.0
    offset: float = 0.0
    range: tuple[float, float] = (-1_000_000.0, 1_000_000.0)
    step: Annotated[float, Field(gt=0, le=1000)] = 0.01
    """What it is rounded to; 1: a whole number."""
    filter: FilterText = "none"
    """`none`, `median N` or `mean N`, of the last N values."""
    warm_up: WarmUpText = "0s"
    """So long after the start nothing is known, and no rule sees it: 3m for an MQ sensor."""
    interval_s: Annotated[float, Field(ge=0.1, le=3600)] = 10
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """So often it is read again before its value counts as not known."""
    change: ChangeText = "0"
    """Its reportable change, where [device.reporting.change] has no other."""

    @property
    def is_binary(self) -> bool:
        """Tell whether it says true or false."""
        return self.IS_BINARY

    @property
    def reportable(self) -> Change:
        """The reportable change, parsed."""
        return parse_change(self.change)


class SimulatedSensorSettings(SensorSettings):
    """A sensor that gives `value`, and swings by `swing` about it once in `period_s`."""

    driver: Literal["simulated"]
    value: float | bool = 20.0
    swing: Annotated[float, Field(ge=0)] = 0.0
    period_s: Annotated[float, Field(gt=0)] = 600.0

    @property
    def is_binary(self) -> bool:
        """Tell whether it says true or false."""
        return isinstance(self.value, bool)


AnySensorSettings = SimulatedSensorSettings
