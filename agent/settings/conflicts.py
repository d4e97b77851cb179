"""What one machine has only once: two devices must not share it."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, assert_never

from agent.settings.bus import BusSettings
from agent.settings.device import (
    AnyIndicatorSettings,
    IndicatorSettings,
    MeterSettings,
    SocketSettings,
)
from agent.settings.document import Document
from agent.settings.faults import Fault, shown
from agent.settings.findings import value_at
from agent.settings.indicator import RgbIndicatorSettings, SpiIndicatorSettings
from agent.settings.locate import KeyPath
from agent.settings.pzem import PzemSettings
from agent.settings.relays import (
    AnyRelaySettings,
    ModbusRelaySettings,
    RelaySettings,
    UsbRelaySettings,
)
from agent.settings.root import DeviceConfig

FIRST_BUS: Final = "/dev/spidev0."
DATA_PIN: Final = "GPIO10"
"""Where a Raspberry Pi's first SPI bus puts its data out."""

COILS: Final = "coils of one board"

Loaded = tuple[Document, DeviceConfig]


class _Claim(NamedTuple):
    """Something that a device takes for itself, and the key that takes it."""

    kind: str
    what: tuple[str, ...]
    key: KeyPath
    text: str = ""
    """What to call it, where the key's value does not say."""
    use: str = ""
    """How it is used: those who use it in the same way may share it; empty: nobody shares it."""


def conflicts(devices: Sequence[Loaded]) -> Iterator[Fault]:
    """Find what is claimed twice: device ids, ports, pins, identities at a cloud."""
    holders: dict[tuple[str, tuple[str, ...]], tuple[str, str]] = {}
    for document, config in devices:
        for claim in _claims(config):
            place = document.place(claim.key)
            mine = f"{place.file}: {place.key}"
            holder, use = holders.setdefault((claim.kind, claim.what), (mine, claim.use))
            if holder != mine and not (use and use == claim.use):
                yield place.fault(
                    found=f"{_called(document, claim)}, which {holder} has too",
                    allowed=_allowed(claim, use),
                )


def _allowed(claim: _Claim, use: str) -> str:
    shared = f", or shared by {use}" if use and claim.use else ""
    return f"{claim.kind} of its own{shared}"


def _called(document: Document, claim: _Claim) -> str:
    return claim.text or shown(value_at(document, claim.key) or claim.what[0], claim.key)


def _claims(config: DeviceConfig) -> Iterator[_Claim]:
    device = config.device
    yield _Claim("a device id", (device.id,), ("device", "id"))
    if isinstance(device, SocketSettings):
        yield from _parts(device)
    for name, cloud in config.clouds.items():
        yield _Claim("an identity", (name, *cloud.identity), ("clouds", name, cloud.identity_key))


def _parts(device: SocketSettings) -> Iterator[_Claim]:
    if isinstance(device.meter, MeterSettings):
        yield _Claim("a port", (device.meter.port,), ("device", "meter", "port"))
    if isinstance(device.meter, PzemSettings):
        yield from _on_bus(device.meter, ("device", "meter"))
    yield from _contact(device.relay, ("device", "relay"))
    yield from _pins(device)


def _on_bus(part: BusSettings, at: KeyPath, use: str = "") -> Iterator[_Claim]:
    """List what a part on a Modbus line takes; *use*: who may share its address."""
    yield _Claim("a port", (part.port,), (*at, "port"), use=part.line)
    text = f"address {part.address} on {part.port}"
    yield _Claim("an address", (part.port, str(part.address)), (*at, "address"), text, use)


def _contact(relay: AnyRelaySettings, at: KeyPath) -> Iterator[_Claim]:
    """List what a contact of a board takes: boards are shared, contacts are not."""
    match relay:
        case ModbusRelaySettings():
            yield from _on_bus(relay, at, COILS)
            what = (relay.port, str(relay.address), str(relay.coil))
            text = f"coil {relay.coil} of {relay.port}, address {relay.address}"
            yield _Claim("a coil", what, (*at, "coil"), text)
        case UsbRelaySettings():
            yield _Claim("a port", (relay.port,), (*at, "port"), use=relay.line)
            text = f"channel {relay.channel} of {relay.port}"
            yield _Claim("a channel", (relay.port, str(relay.channel)), (*at, "channel"), text)
        case RelaySettings():
            if relay.driver != "simulated":
                yield _Claim("a pin", (_pin(relay.pin),), (*at, "pin"))
        case _:
            assert_never(relay)


def _pins(device: SocketSettings) -> Iterator[_Claim]:
    """List the pins of drivers that drive real ones."""
    if device.button.driver not in ("simulated", "none"):
        yield _Claim("a pin", (_pin(device.button.pin),), ("device", "button", "pin"))
    yield from _light_pins(device.indicator)


def _light_pins(light: AnyIndicatorSettings) -> Iterator[_Claim]:
    at = ("device", "indicator")
    match light:
        case IndicatorSettings(driver="rpi_ws281x"):
            yield _Claim("a pin", (_pin(light.pin),), (*at, "pin"))
        case IndicatorSettings():
            return
        case SpiIndicatorSettings():
            yield _Claim("a bus", (light.device,), (*at, "device"))
            if light.device.startswith(FIRST_BUS):
                text = f"{DATA_PIN}, the data of {light.device}"
                yield _Claim("a pin", (DATA_PIN,), (*at, "device"), text)
        case RgbIndicatorSettings():
            for place, pin in enumerate(light.pins):
                yield _Claim("a pin", (_pin(pin),), (*at, "pins", place))
        case _:
            assert_never(light)


def _pin(name: str) -> str:
    """Write the same pin in one way: BCM17 and gpio17 are GPIO17."""
    text = name.strip().upper().removeprefix("BCM").removeprefix("GPIO")
    return f"GPIO{int(text)}" if text.isascii() and text.isdigit() else name.strip()
