"""The sections of sensors: `[device.sensors.NAME]` of a generic device."""

from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.change import Change, parse_change
from agent.settings.kind import ChangeText
from agent.settings.relays import LineName
from agent.settings.section import Section, driver_or
from agent.settings.smoothing import FilterText, WarmUpText


class SensorSettings(Section):
    """What every sensor's section has, whatever its driver reads.

    A value is `raw * scale + offset`; one outside `range` is none.
    """

    IS_BINARY: ClassVar[bool] = False
    """Whether it is on or off, and no number."""

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
        """Tell whether it is on or off, and no number."""
        return self.IS_BINARY

    @property
    def reportable(self) -> Change:
        """The reportable change, parsed."""
        return parse_change(self.change)


_DeviceName = Annotated[
    str,
    Field(
        pattern=r"^(/[^\x00]{1,254}|[A-Za-z0-9][A-Za-z0-9_.,:@+-]{0,63})$",
        description="the kernel's name of it, such as dht11, or the path of its folder in /sys",
    ),
]


class IioSensorSettings(SensorSettings):
    """A channel of the kernel's industrial I/O: in degrees, per cent, volts, amperes, watts, lux.

    What the kernel counts in thousandths is whole here; a `_raw` channel has its scale and offset.
    """

    driver: Literal["iio"]
    device: _DeviceName
    channel: Annotated[
        str,
        Field(
            pattern=r"^in_[a-z][A-Za-z0-9_-]{0,58}_(raw|input)$",
            description="the channel's file, such as in_temp_input or in_voltage0_raw",
        ),
    ]


class HwmonSensorSettings(SensorSettings):
    """A channel of the kernel's hardware monitors, in whole degrees, volts, amperes, watts, rpm."""

    driver: Literal["hwmon"]
    device: _DeviceName
    channel: Annotated[
        str,
        Field(
            pattern=r"^(temp|in|curr|power|energy|humidity|fan|freq)[0-9]{1,3}_(input|average)$",
            description="the channel's file, such as temp1_input or in0_input",
        ),
    ]


class W1SensorSettings(SensorSettings):
    """A thermometer on the 1-wire bus, in degrees Celsius: DS18B20 and its family."""

    driver: Literal["w1"]
    device: Annotated[
        str,
        Field(
            pattern=r"^(10|22|28|3b|42)-[0-9a-f]{12}$",
            description="its folder in /sys/bus/w1/devices, such as 28-0316a27948ff",
        ),
    ]


class InputSensorSettings(SensorSettings):
    """A pin that is on or off: a motion detector, a contact, an MQ board's digital output."""

    IS_BINARY: ClassVar[bool] = True

    driver: Literal["gpiozero", "gpiod"]
    pin: LineName
    pull: Literal["up", "down", "none"] = "down"
    active_low: bool | None = None
    """Whether a low line means on; unset: where it is pulled up."""
    debounce_s: Annotated[float, Field(ge=0, le=1)] = 0.02
    """A level counts once it has stood for so long."""

    @property
    def is_active_low(self) -> bool:
        """Tell the polarity."""
        return self.pull == "up" if self.active_low is None else self.active_low

    @model_validator(mode="after")
    def _gpiozero_goes_with_the_pull(self) -> "InputSensorSettings":
        usual = self.pull == "up"
        if self.driver == "gpiozero" and self.pull != "none" and self.is_active_low is not usual:
            allowed = f'{str(usual).lower()} with pull = "{self.pull}", or driver = "gpiod"'
            context = {"key": "active_low", "allowed": allowed}
            raise PydanticCustomError("pull_order", "against the pull", context)
        return self


class Mcp3008SensorSettings(SensorSettings):
    """A channel of an MCP3008 on SPI, by gpiozero: in volts."""

    driver: Literal["mcp3008"]
    channel: Annotated[int, Field(ge=0, le=7)]
    vref: Annotated[float, Field(gt=0, le=5.5)] = 3.3
    """The chip's reference, which is its full scale."""
    bus: Annotated[int, Field(ge=0, le=1)] = 0
    select: Annotated[int, Field(ge=0, le=1)] = 0
    """The bus's chip select: 0 is CE0."""


Fault = Literal["none", "error", "hang", "nan"]


class SimulatedSensorSettings(SensorSettings):
    """A sensor that gives `value`, and swings by `swing` about it once in `period_s`.

    A value of true or false turns over every half period where `swing` is not 0.
    """

    driver: Literal["simulated"]
    value: float | bool = 20.0
    swing: Annotated[float, Field(ge=0)] = 0.0
    period_s: Annotated[float, Field(gt=0)] = 600.0
    fault: Fault = "none"
    """What goes wrong on purpose, in every measurement that `fault_every` tells."""
    fault_every: Annotated[int, Field(ge=1, le=1_000_000)] = 1

    @property
    def is_binary(self) -> bool:
        """Tell whether it is on or off, and no number."""
        return isinstance(self.value, bool)


AnySensorSettings = Annotated[
    Annotated[IioSensorSettings, Tag("iio")]
    | Annotated[HwmonSensorSettings, Tag("hwmon")]
    | Annotated[W1SensorSettings, Tag("w1")]
    | Annotated[InputSensorSettings, Tag("gpiozero")]
    | Annotated[InputSensorSettings, Tag("gpiod")]
    | Annotated[Mcp3008SensorSettings, Tag("mcp3008")]
    | Annotated[SimulatedSensorSettings, Tag("simulated")],
    Discriminator(driver_or("")),
]
"""Told apart by `driver`, which has no default."""
