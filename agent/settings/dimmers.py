"""The sections of dimmers: `[device.dimmers.NAME]` of a generic device."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from agent.settings.relays import ContactSettings, LineName
from agent.settings.section import Section, driver_or


class DimmerSettings(Section):
    """What every dimmer's section has: its names, and what becomes of it at start and stop."""

    title: str = ""
    title_zh: str = ""
    on_start: Annotated[float, Field(ge=0, le=100)] | Literal["restore"] = 0
    """Per cent; or the level at which it stood."""
    on_stop: Literal["off", "keep"] = "off"

    @property
    def policy(self) -> ContactSettings:
        """Tell the stop guard what becomes of it, as of a contact."""
        if self.on_start == "restore":
            return ContactSettings(on_start="restore", on_stop=self.on_stop)
        return ContactSettings(on_start="on" if self.on_start else "off", on_stop=self.on_stop)


class PinDimmerSettings(DimmerSettings):
    """A pin that gpiozero pulses by software, in steps of a hundredth; active high only."""

    driver: Literal["gpiozero"]
    pin: LineName
    frequency_hz: Annotated[int, Field(ge=1, le=10_000)] = 200


class LedDimmerSettings(DimmerSettings):
    """A light of the kernel's: /sys/class/leds/NAME."""

    driver: Literal["leds"]
    led: Annotated[
        str,
        Field(
            pattern=r"^[^/.\x00][^/\x00]{0,63}$",
            description="the light's folder in /sys/class/leds",
        ),
    ]


class PwmDimmerSettings(DimmerSettings):
    """A channel of the kernel's pulse-width modulation: /sys/class/pwm; active high only."""

    driver: Literal["pwm"]
    chip: Annotated[
        str,
        Field(
            pattern=r"^(/[^\x00]{1,254}|pwmchip[0-9]{1,4})$",
            description="pwmchip0, or the path of the folder that has it: it keeps its number",
        ),
    ] = "pwmchip0"
    channel: Annotated[int, Field(ge=0, le=63)]
    frequency_hz: Annotated[int, Field(ge=1, le=100_000)] = 1000


class SimulatedDimmerSettings(DimmerSettings):
    """A dimmer that remembers what was done to it."""

    driver: Literal["simulated"]


AnyDimmerSettings = Annotated[
    Annotated[PinDimmerSettings, Tag("gpiozero")]
    | Annotated[LedDimmerSettings, Tag("leds")]
    | Annotated[PwmDimmerSettings, Tag("pwm")]
    | Annotated[SimulatedDimmerSettings, Tag("simulated")],
    Discriminator(driver_or("")),
]
"""Told apart by `driver`, which has no default."""
