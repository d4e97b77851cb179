"""The sections of a socket's file: board, meter, relay, button, light, protection, reporting."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import (
    Discriminator,
    Field,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from agent.settings.gestures import GestureSettings
from agent.settings.indicator import RgbIndicatorSettings, SpiIndicatorSettings
from agent.settings.kind import ChangeText, DeviceSettings, ReportingSettings
from agent.settings.light import LightSettings
from agent.settings.locate import KeyPath
from agent.settings.meters import AnyMeterSettings, MeterSettings, PulseMeterSettings
from agent.settings.names import THING_NAMES, ReportedName
from agent.settings.protection import ProtectionSettings
from agent.settings.relays import AnyRelaySettings, LineName, RelaySettings
from agent.settings.section import Plugged, Section, driver_or


class ButtonSettings(GestureSettings):
    """The push button, and what its gestures do."""

    driver: Literal["gpiozero", "gpiod", "auto", "simulated", "none"] = "gpiozero"
    pin: LineName = "GPIO27"
    pull: Literal["up", "down", "none"] = "up"
    active_low: bool | None = None
    """Whether the line is low while the button is pressed; unset: unless it is pulled down."""

    @property
    def is_active_low(self) -> bool:
        """Tell the polarity."""
        return self.pull != "down" if self.active_low is None else self.active_low

    @model_validator(mode="after")
    def _gpiozero_goes_with_the_pull(self) -> "ButtonSettings":
        if self.driver in ("gpiozero", "auto") and self.pull != "none":
            usual = self.pull == "up"
            if self.is_active_low is not usual:
                written = str(usual).lower()
                allowed = f'{written} with pull = "{self.pull}", or driver = "gpiod"'
                context = {"key": "active_low", "allowed": allowed}
                raise PydanticCustomError("pull_order", "against the pull", context)
        return self


class IndicatorSettings(LightSettings):
    """The light of the library rpi_ws281x; or none, or a simulated one."""

    driver: Literal["rpi_ws281x", "simulated", "none"] = "rpi_ws281x"
    pin: LineName = "GPIO10"
    """GPIO10 is SPI0 MOSI: no root, no clash with audio; GPIO18 is PWM and needs root."""


AnyIndicatorSettings = Annotated[
    Annotated[IndicatorSettings, Tag("rpi_ws281x")]
    | Annotated[SpiIndicatorSettings, Tag("spi")]
    | Annotated[RgbIndicatorSettings, Tag("rgb")]
    | Annotated[IndicatorSettings, Tag("simulated")]
    | Annotated[IndicatorSettings, Tag("none")],
    Discriminator(driver_or("rpi_ws281x")),
]


class TemperatureSettings(Section):
    """A temperature sensor at the relay or its terminals, read from a file of the kernel's."""

    driver: Literal["sysfs", "simulated", "none"] = "none"
    path: str = ""
    """Such as /sys/bus/w1/devices/28-…/temperature or /sys/class/hwmon/hwmon1/temp1_input."""
    scale: Annotated[float, Field(gt=0, le=1000)] = 0.001
    """Degrees Celsius for one unit of what the file says; the kernel's are thousandths."""
    simulated_c: Annotated[float, Field(ge=-40, le=200)] = 25

    @model_validator(mode="after")
    def _sysfs_has_a_path(self) -> "TemperatureSettings":
        if self.driver == "sysfs" and not self.path.startswith("/"):
            context = {"key": "path", "allowed": "the absolute path of the sensor's file"}
            raise PydanticCustomError("no_path", "no path", context)
        return self


class SocketReporting(ReportingSettings):
    """When a value of a socket is reported."""

    change: dict[ReportedName, ChangeText] = Field(default_factory=dict[ReportedName, ChangeText])


class SocketSettings(DeviceSettings):
    """A socket: `[device]` with its subsections."""

    kind: Literal["socket"]  # pyright: ignore[reportIncompatibleVariableOverride] -- it is frozen
    board: Literal["code504", "direct", "custom"] = "code504"
    meter: AnyMeterSettings = Field(default_factory=MeterSettings)
    relay: AnyRelaySettings = Field(default_factory=RelaySettings)
    button: ButtonSettings = Field(default_factory=ButtonSettings)
    indicator: AnyIndicatorSettings = Field(default_factory=IndicatorSettings)
    temperature: TemperatureSettings = Field(default_factory=TemperatureSettings)
    protection: ProtectionSettings = Field(default_factory=ProtectionSettings)
    reporting: SocketReporting = Field(default_factory=SocketReporting)  # pyright: ignore[reportIncompatibleVariableOverride] -- it is frozen

    @property
    def own_names(self) -> tuple[str, ...]:
        """The names that a cloud's section may rename."""
        return THING_NAMES

    @property
    def contacts(self) -> Mapping[KeyPath, AnyRelaySettings]:
        """The sections of its contacts."""
        return {("relay",): self.relay}

    @property
    def lines(self) -> Mapping[KeyPath, str]:
        """The GPIO lines that it names."""
        lines: dict[KeyPath, str] = {
            (*at, "pin"): each.pin
            for at, each in self.contacts.items()
            if isinstance(each, RelaySettings)
        }
        if not isinstance(self.button, Plugged):
            lines["button", "pin"] = self.button.pin
        if isinstance(self.meter, PulseMeterSettings):
            lines |= {("meter", name): getattr(self.meter, name) for name in ("cf", "cf1", "sel")}
        if isinstance(self.indicator, RgbIndicatorSettings):
            pins = enumerate(self.indicator.pins)
            lines |= {("indicator", "pins", place): pin for place, pin in pins}
        return lines
