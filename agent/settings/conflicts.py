"""What one machine has only once: two devices must not share it."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, assert_never

from agent.settings.device import AnyIndicatorSettings, IndicatorSettings, SocketSettings
from agent.settings.document import Document
from agent.settings.faults import Fault, shown
from agent.settings.findings import value_at
from agent.settings.generic import GenericSettings
from agent.settings.indicator import RgbIndicatorSettings, SpiIndicatorSettings
from agent.settings.locate import KeyPath
from agent.settings.meters import (
    AnyMeterSettings,
    Bl0942MeterSettings,
    MeterSettings,
    PulseMeterSettings,
    PzemSettings,
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
    use: str = ""
    """How it is used: those who use it in the same way may share it; empty: nobody shares it."""


class _Holder(NamedTuple):
    """Who claimed something first, and how it is used there."""

    place: str
    use: str

    def shares_with(self, claim: _Claim) -> bool:
        """Tell whether another may have it too."""
        return bool(self.use) and self.use == claim.use


class Claims:
    """What the devices have taken so far, in the order of their files."""

    def __init__(self) -> None:
        self._holders: dict[tuple[str, tuple[str, ...]], _Holder] = {}

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
        own: dict[tuple[str, tuple[str, ...]], _Holder] = {}
        for claim in claims:
            place = document.place(claim.key)
            here = _Holder(f"{place.file}: {place.key}", claim.use)
            key = (claim.kind, claim.what)
            holder = self._holders.get(key) or own.setdefault(key, here)
            if holder.place != here.place and not holder.shares_with(claim):
                yield place.fault(
                    found=f"{_called(document, claim)}, which {holder.place} has too",
                    allowed=_allowed(claim, holder.use),
                )

    def take(self, document: Document, claims: Sequence[_Claim]) -> None:
        """Take what nobody has taken yet."""
        for claim in claims:
            place = document.place(claim.key)
            holder = _Holder(f"{place.file}: {place.key}", claim.use)
            self._holders.setdefault((claim.kind, claim.what), holder)


def conflicts(devices: Sequence[Loaded]) -> Iterator[Fault]:
    """Find what is claimed twice: device ids, ports, pins, identities at a cloud."""
    taken = Claims()
    for document, config in devices:
        claims = tuple(_claims(config))
        yield from taken.faults_of(document, claims)
        taken.take(document, claims)


def _allowed(claim: _Claim, use: str) -> str:
    shared = f", or shared by {use}" if use and claim.use else ""
    return f"{claim.kind} of its own{shared}"


def _called(document: Document, claim: _Claim) -> str:
    return claim.text or shown(value_at(document, claim.key) or claim.what[-1], claim.key)


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
    for role, parts in device.roles.items():
        for name, part in parts.items():
            yield from _taken(part, ("device", role, name))


def _taken(part: Section, at: KeyPath) -> Iterator[_Claim]:
    for each in taken_by(part):
        yield _Claim(each.kind, each.what, (*at, each.key), each.text, each.use)


def _parts(device: SocketSettings) -> Iterator[_Claim]:
    if not isinstance(device.meter, Plugged):
        yield from _of_meter(device.meter)
    for place, contact in device.contacts.items():
        yield from _taken(contact, ("device", *place))
    yield from _pins(device)


def _of_meter(meter: AnyMeterSettings) -> Iterator[_Claim]:
    at = ("device", "meter")
    match meter:
        case MeterSettings(port=port) | Bl0942MeterSettings(port=port):
            yield _Claim("a port", (port,), (*at, "port"))
        case PulseMeterSettings():
            for key in ("cf", "cf1", "sel"):
                yield _Claim("a pin", (pin_name(getattr(meter, key)),), (*at, key))
        case PzemSettings():
            yield from _taken(meter, at)
        case SimulatedMeterSettings():
            pass
        case _:
            assert_never(meter)


def _pins(device: SocketSettings) -> Iterator[_Claim]:
    """List the pins of drivers that drive real ones."""
    button, light = device.button, device.indicator
    if not isinstance(button, Plugged) and button.driver not in ("simulated", "none"):
        yield _Claim("a pin", (pin_name(button.pin),), ("device", "button", "pin"))
    if not isinstance(light, Plugged):
        yield from _light_pins(light)


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
