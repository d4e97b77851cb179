"""The concrete parts of one device, found by name."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

import structlog

from agent import registry
from agent.app.codecs import make_codec
from agent.errors import DriverError, LineBusyError
from agent.ports import (
    ButtonDriver,
    Clock,
    Codec,
    IndicatorDriver,
    Line,
    Meter,
    Relay,
    RelayDriver,
    Thermometer,
    Transport,
)
from agent.settings.clouds import CloudSettings
from agent.settings.device import SocketSettings

log: Final = structlog.get_logger()

BUSY_S: Final = 2.0
"""How long a line may stay in use: by a service manager that closes what we refused, or a guard."""

BUSY_POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a device is made of; a demo or a test puts its own parts in."""

    meter: Meter
    relay: RelayDriver
    button: ButtonDriver | None
    indicator: IndicatorDriver | None
    transport: Transport
    thermometer: Thermometer | None = None
    codec: Callable[[str, CloudSettings], Codec] = make_codec


@runtime_checkable
class FollowsContact(Protocol):
    """A meter that wants to know where the contact stands: a simulated one."""

    def set_contact(self, *, on: bool) -> None:
        """Take note of the contact."""
        ...


def build(settings: SocketSettings, thing: object) -> Parts:
    """Import and make the drivers that *settings* names, and nothing else."""
    from agent.clouds.mqtt import MqttTransport  # noqa: PLC0415 - costs 50 ms; not for `[]`

    button = registry.button(settings.button.driver)
    indicator = registry.indicator(settings.indicator.driver)
    thermometer = registry.thermometer(settings.temperature.driver)
    return Parts(
        meter=registry.meter(settings.meter.driver)(settings.meter, thing),
        relay=registry.relay(settings.relay.driver)(settings.relay, thing),
        button=button and button(settings.button, thing),
        indicator=indicator and indicator(settings.indicator, thing),
        transport=MqttTransport(),
        thermometer=thermometer and thermometer(settings.temperature, thing),
    )


async def claim_relay(
    stack: AsyncExitStack, parts: Parts, clock: Clock, *, on: bool, held: int | None
) -> Relay:
    """Open the relay until *stack* ends; wait a moment for a line that is in use."""
    give_up_at = clock.now() + BUSY_S
    while True:
        try:
            return await stack.enter_async_context(open_relay(parts, on=on, held=held))
        except LineBusyError:
            if clock.now() >= give_up_at:
                raise
            await clock.sleep(BUSY_POLL_S)


async def open_optional(stack: AsyncExitStack, driver: Any, role: str, device: str) -> Any:  # noqa: ANN401 - a button's or a light's driver
    """Open a part that the socket can do without, or None; say what is missing."""
    if driver is None:
        return None
    try:
        return await stack.enter_async_context(driver.open())
    except DriverError as error:
        log.warning("part.missing", device=device, part=role, error=str(error))
        return None


@asynccontextmanager
async def open_relay(
    parts: Parts, *, on: bool, held: int | None = None
) -> AsyncGenerator[Relay, None]:
    """Open the relay at *on*; a simulated meter is told of every movement."""
    async with parts.relay.open(on=on, held=held) as relay:
        meter = parts.meter
        if not isinstance(meter, FollowsContact):
            yield relay
            return
        meter.set_contact(on=on)
        yield _Followed(relay, meter)


class _Followed:
    """A relay whose contact a simulated meter measures behind."""

    def __init__(self, relay: Relay, meter: FollowsContact) -> None:
        self._relay = relay
        self._meter = meter

    @property
    def line(self) -> Line | None:
        return self._relay.line

    @property
    def descriptor(self) -> int | None:
        return self._relay.descriptor

    def set(self, *, on: bool) -> None:
        self._relay.set(on=on)
        self._meter.set_contact(on=on)
