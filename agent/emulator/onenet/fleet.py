"""The devices that a platform knows, and the ids of what it asks them."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from agent.emulator.onenet.model import NO_MODEL, Model
from agent.emulator.onenet.twin import Secrets, Twin
from agent.emulator.records import Moments
from agent.emulator.values import DeviceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One device that the platform knows."""

    product: str
    name: str
    secrets: Secrets = field(repr=False)
    model: Model = NO_MODEL


class Fleet:
    """Twins by device, and ids that no other run of the emulator gives out."""

    def __init__(
        self,
        cloud: str,
        devices: Iterable[Registration],
        *,
        nonce: str,
        newest_wins: bool = False,
    ) -> None:
        self._nonce = nonce
        self._number = int.from_bytes(hashlib.sha256(nonce.encode()).digest()[:5], "big")
        self._twins: dict[DeviceKey, Twin] = {}
        for each in devices:
            key = DeviceKey(cloud=cloud, product=each.product, name=each.name)
            self._twins[key] = Twin(
                device=key,
                secrets=each.secrets,
                model=each.model,
                moments=Moments(newest_wins=newest_wins),
            )
        self._by_login = {(key.product, key.name): twin for key, twin in self._twins.items()}

    @property
    def devices(self) -> Sequence[DeviceKey]:
        """List the devices."""
        return tuple(self._twins)

    def __getitem__(self, device: DeviceKey) -> Twin:
        return self._twins[device]

    def find(self, product: str | None, name: str) -> Twin | None:
        """Find the twin of whoever logs in by these names."""
        return self._by_login.get((product or "", name))

    def peers(self, product: str) -> Sequence[Twin]:
        """List the twins of one product."""
        return [twin for key, twin in self._twins.items() if key.product == product]

    def next_number(self) -> str:
        """Make the id of a request of the thing model: at most 13 digits."""
        self._number += 1
        return str(self._number)

    def next_uuid(self) -> str:
        """Make the id of a command."""
        self._number += 1
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._nonce}/{self._number}"))
