"""What the owner of a configuration that is right still has to know."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from agent.settings.boards import live_ground
from agent.settings.bus_notices import meter_notices, relay_notices
from agent.settings.device import SocketSettings
from agent.settings.generic import GenericSettings
from agent.settings.kind import DeviceSettings
from agent.settings.meters import MeterSettings, PzemSettings, SimulatedMeterSettings
from agent.settings.relays import ContactSettings
from agent.settings.root import Config

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
            yield from _board_notices(switches)
        case _:
            return


def _board_notices(switches: Mapping[str, ContactSettings]) -> Iterator[str]:
    """Tell once what holds for several contacts of a board."""
    names: dict[str, list[str]] = {}
    for name, each in switches.items():
        for notice in relay_notices(each):
            names.setdefault(notice, []).append(name)
    yield from (f"{', '.join(called)}: {notice}" for notice, called in names.items())


def clicks_on_restart(driver: str, *, has_gpiod: bool) -> bool:
    """Tell whether a relay's driver claims its pin as an input first, as gpiozero does."""
    return driver == "gpiozero" or (driver == "auto" and not has_gpiod)


def _device_notices(device: SocketSettings, *, has_gpiod: bool) -> Iterator[str]:
    live = live_ground(device)
    if live:
        yield live
    contacts = device.contacts.values()
    if any(clicks_on_restart(each.driver, has_gpiod=has_gpiod) for each in contacts):
        yield CLICKS
    yield from dict.fromkeys(chain(*map(relay_notices, contacts)))
    yield from _meter_notices(device)
    yield from meter_notices(device)


def _meter_notices(device: SocketSettings) -> Iterator[str]:
    """Tell what the meter cannot show, and what is unusual of its port."""
    full_scale_a, full_scale_v = device.meter.full_scale_a, device.meter.full_scale_v
    strongest_a = device.protection.bands[-1][0] * device.protection.rated_current_a
    if strongest_a > full_scale_a:
        yield (
            f"rated_current_a = {device.protection.rated_current_a:g}: this meter shows no more"
            f" than {full_scale_a:.0f} A, so that opens at once, and not {strongest_a:g} A"
        )
    if full_scale_v <= device.protection.overvoltage_v:
        yield (
            f"overvoltage_v = {device.protection.overvoltage_v:g}: this meter shows no more than"
            f" {full_scale_v:.0f} V, so that is never seen; a larger divider is needed"
        )
    meter = device.meter
    if isinstance(meter, PzemSettings | SimulatedMeterSettings):
        return
    if isinstance(meter, MeterSettings) and meter.port == MINI_UART and meter.parity == "E":
        yield (
            f"{MINI_UART} is the mini-UART on a Raspberry Pi 3, 4 and Zero W, which has no parity:"
            " use /dev/ttyAMA0 with dtoverlay=disable-bt, or a USB adapter"
        )
    if device.board == "custom" and "voltage_from" not in device.meter.model_fields_set:
        yield (
            "voltage_from is not set for this custom board: 'load' (behind the relay) is taken;"
            " a wrong one shows a voltage of 0 where there is mains, or mains where there is none"
        )
