"""What the owner of a configuration that is right still has to know."""

from collections.abc import Iterator
from typing import Final

from agent.settings.boards import ISOLATOR_NOTICE
from agent.settings.device import MeterSettings, SocketSettings
from agent.settings.generic import GenericSettings
from agent.settings.kind import DeviceSettings
from agent.settings.root import Config

FULL_SCALE_MA: Final = 30.9
"""The chip's current input at its end, in mA: amperes per ki."""

MINI_UART: Final = "/dev/ttyS0"

CLICKS: Final = (
    "a restart clicks the contact: gpiozero claims the relay's pin as an input first;"
    " install gpiod (sudo scripts/install-service --extras gateway) to keep it still"
)


def notices(config: Config, *, has_gpiod: bool) -> tuple[str, ...]:
    """List the notices, the deadly one first; *has_gpiod*: is that library installed here."""
    found = [
        f"{entry.device.id}: {notice}"
        for entry in config.devices
        for notice in _notices_of(entry.device, has_gpiod=has_gpiod)
    ]
    return (*found, *config.warnings)


def _notices_of(device: DeviceSettings, *, has_gpiod: bool) -> Iterator[str]:
    match device:
        case SocketSettings():
            yield from _device_notices(device, has_gpiod=has_gpiod)
        case GenericSettings(switches=switches):
            for name, each in switches.items():
                if clicks_on_restart(each.driver, has_gpiod=has_gpiod):
                    yield f"{name}: {CLICKS}"
        case _:
            return


def clicks_on_restart(driver: str, *, has_gpiod: bool) -> bool:
    """Tell whether a relay's driver claims its pin as an input first, as gpiozero does."""
    return driver == "gpiozero" or (driver == "auto" and not has_gpiod)


def _device_notices(device: SocketSettings, *, has_gpiod: bool) -> Iterator[str]:
    if device.board == "direct":
        yield ISOLATOR_NOTICE
    if clicks_on_restart(device.relay.driver, has_gpiod=has_gpiod):
        yield CLICKS
    full_scale_a = FULL_SCALE_MA * device.meter.ki
    strongest_a = device.protection.bands[-1][0] * device.protection.rated_current_a
    if strongest_a > full_scale_a:
        yield (
            f"rated_current_a = {device.protection.rated_current_a:g}: this meter shows no more"
            f" than {full_scale_a:.0f} A, so that opens at once, and not {strongest_a:g} A"
        )
    if not isinstance(device.meter, MeterSettings):
        return
    if device.meter.port == MINI_UART and device.meter.parity == "E":
        yield (
            f"{MINI_UART} is the mini-UART on a Raspberry Pi 3, 4 and Zero W, which has no parity:"
            " use /dev/ttyAMA0 with dtoverlay=disable-bt, or a USB adapter"
        )
    if device.board == "custom" and "voltage_from" not in device.meter.model_fields_set:
        yield (
            "voltage_from is not set for this custom board: 'load' (behind the relay) is taken;"
            " a wrong one shows a voltage of 0 where there is mains, or mains where there is none"
        )
