"""A device's settings as far as a decision may depend on them."""

from collections.abc import Mapping
from typing import Final

from agent.settings.bus import BusSettings
from agent.settings.device import SocketSettings
from agent.settings.relays import UsbRelaySettings

SOME_PORT: Final = "/dev/left-out"
"""Stands for a port that a section cannot be without."""


def trimmed(settings: SocketSettings) -> Mapping[str, object]:
    """Leave out where the parts are: a port's address may hold what nobody else should read."""
    found = settings.model_dump(
        mode="json", exclude={"meter": {"port"}, "relay": {"state_file", "port"}}
    )
    for name, part in (("meter", settings.meter), ("relay", settings.relay)):
        if isinstance(part, BusSettings | UsbRelaySettings):
            found[name]["port"] = SOME_PORT
    return found
