"""What one machine has only once: two devices must not share it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, assert_never

from agent.settings.device import AnyIndicatorSettings, IndicatorSettings, SocketSettings
from agent.settings.document import Document
from agent.settings.faults import Fault, shown
from agent.settings.findings import value_at
from agent.settings.generic import GenericSettings
from agent.settings.indicator import RgbIndicatorSettings, SpiIndicatorSettings
from agent.settings.locate import KeyPath
from agent.settings.meters import (
    Bl0942MeterSettings,
    MeterSettings,
    PulseMeterSettings,
    SimulatedMeterSettings,
)
from agent.settings.root import DeviceConfig
from agent.settings.section import Plugged, Section
from agent.settings.taken import pin_name, taken_by

FIRST_BUS: Final = "/dev/spidev0."
DATA_PIN: Final = "GPIO10"
"""Where a Raspberry Pi's first SPI bus puts its data out."""

Loaded = tuple[Document, DeviceConfig]


class _Claim(NamedTuple):
    """Something that a device takes for itself, and the key that takes it."""

    kind: str
    what: tuple[str, ...]
    key: KeyPath
    text: str = ""
    """What to call it, where the key's value does not say."""


class Claims:
    """What the devices have taken so far, in the order of their files."""

    def __init__(self) -> None:
        self._holders: dict[tuple[str, tuple[str, ...]], str] = {}

    def taken_by(self, loaded: Loaded) -> tuple[Fault, ...]:
        """Take what a device claims; tell what of it others have, and then take nothing."""
        document, config = loaded
        claims = tuple(_claims(config))
        faults = tuple(self.faults_of(document, claims))
        if not faults:
            self.take(document, claims)
        return faults

    def faults_of(self, document: Document, claims: Sequence[_Claim]) -> Iterator[Fault]:
        """Tell what is taken already, or claimed twice by the device itself."""
        own: dict[tuple[str, tuple[str, ...]], str] = {}
        for claim in claims:
            place = document.place(claim.key)
            here = f"{place.file}: {place.key}"
            key = (claim.kind, claim.what)
            holder = self._holders.get(key) or own.setdefault(key, here)
            if holder != here:
                yield place.fault(
                    found=f"{_called(document, claim)}, which {holder} has too",
                    allowed=f"{claim.kind} of its own",
                )

    def take(self, document: Document, claims: Sequence[_Claim]) -> None:
        """Take what nobody has taken yet."""
        for claim in claims:
            place = document.place(claim.key)
            self._holders.setdefault((claim.kind, claim.what), f"{place.file}: {place.key}")


def conflicts(devices: Sequence[Loaded]) -> Iterator[Fault]:
    """Find what is claimed twice: device ids, ports, pins, identities at a cloud."""
    taken = Claims()
    for document, config in devices:
        claims = tuple(_claims(config))
        yield from taken.faults_of(document, claims)
        taken.take(document, claims)


def _called(document: Document, claim: _Claim) -> str:
    return claim.text or shown(value_at(document, claim.key) or claim.what[0], claim.key)


def _claims(config: DeviceConfig) -> Iterator[_Claim]:
    device = config.device
    yield _Claim("a device id", (device.id,), ("device", "id"))
    if isinstance(device, SocketSettings):
        yield from _parts(device)
    elif isinstance(device, GenericSettings):
        yield from _declared_parts(device)
    for name, cloud in config.clouds.items():
        yield _Claim("an identity", (name, *cloud.identity), ("clouds", name, cloud.identity_key))


def _declared_parts(device: GenericSettings) -> Iterator[_Claim]:
    for name, switch in device.switches.items():
        if not isinstance(switch, Plugged) and switch.driver != "simulated":
            key = ("device", "switches", name, "pin")
            yield _Claim("a pin", (pin_name(switch.pin),), key)
    roles: dict[str, Mapping[str, Section]] = {"sensors": device.sensors, "dimmers": device.dimmers}
    for role, parts in roles.items():
        for name, part in parts.items():
            for each in taken_by(part):
                key = ("device", role, name, each.key)
                yield _Claim(each.kind, each.what, key, each.text)


def _parts(device: SocketSettings) -> Iterator[_Claim]:
    at = ("device", "meter")
    if isinstance(device.meter, Plugged):
        yield from _pins(device)
        return
    match device.meter:
        case MeterSettings(port=port) | Bl0942MeterSettings(port=port):
            yield _Claim("a port", (port,), (*at, "port"))
        case PulseMeterSettings() as meter:
            for key in ("cf", "cf1", "sel"):
                yield _Claim("a pin", (pin_name(getattr(meter, key)),), (*at, key))
        case SimulatedMeterSettings():
            pass
        case _:
            assert_never(device.meter)
    yield from _pins(device)


def _pins(device: SocketSettings) -> Iterator[_Claim]:
    """List the pins of drivers that drive real ones."""
    for name, part in (("relay", device.relay), ("button", device.button)):
        if not isinstance(part, Plugged) and part.driver not in ("simulated", "none"):
            yield _Claim("a pin", (pin_name(part.pin),), ("device", name, "pin"))
    if not isinstance(device.indicator, Plugged):
        yield from _light_pins(device.indicator)


def _light_pins(light: AnyIndicatorSettings) -> Iterator[_Claim]:
    at = ("device", "indicator")
    match light:
        case IndicatorSettings(driver="rpi_ws281x"):
            yield _Claim("a pin", (pin_name(light.pin),), (*at, "pin"))
        case IndicatorSettings():
            return
        case SpiIndicatorSettings():
            yield _Claim("a bus", (light.device,), (*at, "device"))
            if light.device.startswith(FIRST_BUS):
                text = f"{DATA_PIN}, the data of {light.device}"
                yield _Claim("a pin", (DATA_PIN,), (*at, "device"), text)
        case RgbIndicatorSettings():
            for place, pin in enumerate(light.pins):
                yield _Claim("a pin", (pin_name(pin),), (*at, "pins", place))
        case _:
            assert_never(light)
