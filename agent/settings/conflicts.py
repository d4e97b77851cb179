"""What one machine has only once: two devices must not share it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.settings.device import MeterSettings, SocketSettings
from agent.settings.document import Document
from agent.settings.faults import Fault, shown
from agent.settings.findings import value_at
from agent.settings.locate import KeyPath
from agent.settings.root import DeviceConfig

Loaded = tuple[Document, DeviceConfig]


class _Claim(NamedTuple):
    """Something that a device takes for itself, and the key that takes it."""

    kind: str
    what: tuple[str, ...]
    key: KeyPath


def conflicts(devices: Sequence[Loaded]) -> Iterator[Fault]:
    """Find what is claimed twice: device ids, ports, pins, identities at a cloud."""
    holders: dict[tuple[str, tuple[str, ...]], str] = {}
    for document, config in devices:
        for claim in _claims(config):
            place = document.place(claim.key)
            holder = holders.setdefault((claim.kind, claim.what), f"{place.file}: {place.key}")
            if holder != f"{place.file}: {place.key}":
                yield place.fault(
                    found=f"{shown(value_at(document, claim.key) or claim.what[0], claim.key)},"
                    f" which {holder} has too",
                    allowed=f"{claim.kind} of its own",
                )


def _claims(config: DeviceConfig) -> Iterator[_Claim]:
    device = config.device
    yield _Claim("a device id", (device.id,), ("device", "id"))
    if isinstance(device.meter, MeterSettings):
        yield _Claim("a port", (device.meter.port,), ("device", "meter", "port"))
    yield from _pins(device)
    for name, cloud in config.clouds.items():
        yield _Claim("an identity", (name, *cloud.identity), ("clouds", name, cloud.identity_key))


def _pins(device: SocketSettings) -> Iterator[_Claim]:
    """List the pins of drivers that drive real ones."""
    parts = (
        ("relay", device.relay.driver, device.relay.pin),
        ("button", device.button.driver, device.button.pin),
        ("indicator", device.indicator.driver, device.indicator.pin),
    )
    for name, driver, pin in parts:
        if driver not in ("simulated", "none"):
            yield _Claim("a pin", (_pin(pin),), ("device", name, "pin"))


def _pin(name: str) -> str:
    """Write the same pin in one way: BCM17 and gpio17 are GPIO17."""
    text = name.strip().upper().removeprefix("BCM").removeprefix("GPIO")
    return f"GPIO{int(text)}" if text.isascii() and text.isdigit() else name.strip()
