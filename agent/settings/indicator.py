"""The sections of a light, one for each kind of driver."""

from typing import Annotated, Literal

from pydantic import Field

from agent.settings.light import LightSettings

_LineText = Annotated[str, Field(pattern=r"^[^\x00]+$")]


class SpiIndicatorSettings(LightSettings):
    """WS2812 lights on an SPI bus of the kernel's."""

    driver: Literal["spi"]
    device: Annotated[
        str, Field(pattern=r"^/", description="the path of a bus, such as /dev/spidev0.0")
    ] = "/dev/spidev0.0"
    speed_hz: Literal[6_400_000, 3_200_000] = 6_400_000
    """Eight or four bits of the bus for one of the light's."""
    order: Literal["GRB", "RGB"] = "GRB"
    leds: Annotated[int, Field(ge=1, le=64)] = 1
    """All of them show the same."""


class RgbIndicatorSettings(LightSettings):
    """A light of three pins."""

    driver: Literal["rgb"]
    pins: Annotated[
        tuple[_LineText, ...],
        Field(
            min_length=3,
            max_length=3,
            description='three names of GPIO lines: ["RED", "GREEN", "BLUE"]',
        ),
    ] = ("GPIO5", "GPIO6", "GPIO13")
    active_high: bool = True
    backend: Literal["auto", "gpiozero", "gpiod"] = "auto"
    """gpiozero dims the colours, on a Raspberry Pi; gpiod knows on and off, on any machine."""
