"""What the sections of parts take for themselves: nothing else may have it too."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from agent.settings.bus import BusSettings
from agent.settings.dimmers import LedDimmerSettings, PinDimmerSettings, PwmDimmerSettings
from agent.settings.relays import ModbusRelaySettings, RelaySettings, UsbRelaySettings
from agent.settings.sensors import (
    HwmonSensorSettings,
    IioSensorSettings,
    InputSensorSettings,
    Mcp3008SensorSettings,
    W1SensorSettings,
)

COILS: Final = "coils of one board"


class Taken(NamedTuple):
    """One thing that a section takes, by the key that says so; `text` is what to call it.

    `use`: how it is used: those who use it in the same way may share it; empty: nobody shares it.
    """

    kind: str
    what: tuple[str, ...]
    key: str
    text: str = ""
    use: str = ""


def taken_by(section: object) -> Iterator[Taken]:
    """List what *section* takes; a simulated part takes nothing."""
    match section:
        case BusSettings() | UsbRelaySettings():
            yield from _of_board(section)
        case RelaySettings() | InputSensorSettings() | PinDimmerSettings():
            for key, pin in lines_of(section).items():
                yield Taken("a pin", (pin_name(pin),), key)
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


def _of_board(part: BusSettings | UsbRelaySettings) -> Iterator[Taken]:
    if isinstance(part, BusSettings):
        yield from _on_bus(part)
        return
    yield Taken("a port", (part.port,), "port", use=part.line)
    text = f"channel {part.channel} of {part.port}"
    yield Taken("a channel", (part.port, str(part.channel)), "channel", text)


def _on_bus(part: BusSettings) -> Iterator[Taken]:
    """List what a part on a Modbus line takes: boards are shared, coils and meters are not."""
    coil = part.coil if isinstance(part, ModbusRelaySettings) else None
    yield Taken("a port", (part.port,), "port", use=part.line)
    text, use = f"address {part.address} on {part.port}", "" if coil is None else COILS
    yield Taken("an address", (part.port, str(part.address)), "address", text, use)
    if coil is not None:
        text = f"coil {coil} of {part.port}, address {part.address}"
        yield Taken("a coil", (part.port, str(part.address), str(coil)), "coil", text)


def lines_of(section: object) -> Mapping[str, str]:
    """Give the keys of *section* that hold the name of a GPIO line; a simulated part has none."""
    if isinstance(section, RelaySettings):
        return {} if section.driver == "simulated" else {"pin": section.pin}
    if isinstance(section, InputSensorSettings | PinDimmerSettings):
        return {"pin": section.pin}
    return {}


def pin_name(name: str) -> str:
    """Write the same pin in one way: BCM17 and gpio17 are GPIO17."""
    text = name.strip().upper().removeprefix("BCM").removeprefix("GPIO")
    return f"GPIO{int(text)}" if text.isascii() and text.isdigit() else name.strip()
