"""The concrete parts of one device, found by name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from agent import registry
from agent.app.codecs import make_codec
from agent.errors import DriverError
from agent.ports import (
    ButtonDriver,
    Codec,
    Device,
    DimmerDriver,
    IndicatorDriver,
    Meter,
    Needs,
    RelayDriver,
    SensorDriver,
    Thermometer,
    Transport,
)
from agent.settings.clouds import CloudSettings
from agent.settings.root import DeviceConfig
from agent.settings.section import NamesDriver
from agent.thing import Thing

log: Final = structlog.get_logger()

MakeCodec = Callable[[str, CloudSettings, Thing[Any]], Codec]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a device is made of; a demo or a test puts its own parts in."""

    transport: Transport
    relays: Mapping[str, RelayDriver] = field(default_factory=dict[str, RelayDriver])
    dimmers: Mapping[str, DimmerDriver] = field(default_factory=dict[str, DimmerDriver])
    sensors: Mapping[str, SensorDriver] = field(default_factory=dict[str, SensorDriver])
    meter: Meter | None = None
    button: ButtonDriver | None = None
    indicator: IndicatorDriver | None = None
    thermometer: Thermometer | None = None
    codec: MakeCodec = make_codec


def build(config: DeviceConfig, device: Device[Any]) -> Parts:
    """Import and make the drivers that *device* needs, and nothing else; raise `ConfigError`."""
    del config
    from agent.clouds.mqtt import MqttTransport  # noqa: PLC0415 - costs 50 ms; not for `[]`

    made, needs, thing = registry.made, device.needs, device.thing
    return Parts(
        transport=MqttTransport(),
        relays={name: made("relay", each, thing) for name, each in needs.relays.items()},
        dimmers={name: made("dimmer", each, thing) for name, each in needs.dimmers.items()},
        sensors={name: made("sensor", each, thing) for name, each in needs.sensors.items()},
        meter=made("meter", needs.meter, thing),
        button=made("button", needs.button, thing),
        indicator=made("indicator", needs.indicator, thing),
        thermometer=made("thermometer", needs.temperature, thing),
    )


def warm(configs: Iterable[DeviceConfig]) -> None:
    """Import what devices will be made of, off the loop of those that run; raise `ConfigError`."""
    for config in configs:
        needs = registry.device(config.device.kind)(config.device, None).needs
        for role, section in _sections(needs):
            if section is not None and section.driver != "none":
                registry.find(role, section.driver)


def _sections(needs: Needs) -> Sequence[tuple[registry.Role, NamesDriver | None]]:
    return (
        ("meter", needs.meter),
        ("button", needs.button),
        ("indicator", needs.indicator),
        ("thermometer", needs.temperature),
        *(("relay", each) for each in needs.relays.values()),
        *(("dimmer", each) for each in needs.dimmers.values()),
        *(("sensor", each) for each in needs.sensors.values()),
    )


async def open_optional(stack: AsyncExitStack, driver: Any, role: str, device: str) -> Any:  # noqa: ANN401 - a button's or a light's driver
    """Open a part that the socket can do without, or None; say what is missing."""
    if driver is None:
        return None
    try:
        return await stack.enter_async_context(driver.open())
    except DriverError as error:
        log.warning("part.missing", device=device, part=role, error=str(error))
        return None
