"""What the sections of sensors and dimmers take for themselves: nothing else may have it too."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from agent.settings.dimmers import LedDimmerSettings, PinDimmerSettings, PwmDimmerSettings
from agent.settings.sensors import (
    HwmonSensorSettings,
    IioSensorSettings,
    InputSensorSettings,
    Mcp3008SensorSettings,
    W1SensorSettings,
)


class Taken(NamedTuple):
    """One thing that a section takes, by the key that says so; `text` is what to call it."""

    kind: str
    what: tuple[str, ...]
    key: str
    text: str = ""


def taken_by(section: object) -> Iterator[Taken]:
    """List what *section* takes; a simulated part takes nothing."""
    match section:
        case InputSensorSettings() | PinDimmerSettings():
            yield Taken("a pin", (pin_name(section.pin),), "pin")
        case IioSensorSettings() | HwmonSensorSettings():
            text = f"{section.channel} of {section.device}"
            driver, device, channel = section.driver, section.device, section.channel
            yield Taken("a channel", (driver, device, channel), "channel", text)
        case W1SensorSettings():
            yield Taken("a sensor", ("w1", section.device), "device")
        case Mcp3008SensorSettings(bus=bus, select=select, channel=channel):
            text = f"channel {channel} of SPI {bus}.{select}"
            yield Taken("a channel", ("mcp3008", f"{bus}.{select}", str(channel)), "channel", text)
        case LedDimmerSettings():
            yield Taken("a light", (section.led,), "led")
        case PwmDimmerSettings(chip=chip, channel=channel):
            text = f"channel {channel} of {chip}"
            yield Taken("a channel", ("pwm", chip, str(channel)), "channel", text)
        case _:
            return


def lines_of(section: object) -> Mapping[str, str]:
    """Give the keys of *section* that hold the name of a GPIO line."""
    if isinstance(section, InputSensorSettings | PinDimmerSettings):
        return {"pin": section.pin}
    return {}


def pin_name(name: str) -> str:
    """Write the same pin in one way: BCM17 and gpio17 are GPIO17."""
    text = name.strip().upper().removeprefix("BCM").removeprefix("GPIO")
    return f"GPIO{int(text)}" if text.isascii() and text.isdigit() else name.strip()
