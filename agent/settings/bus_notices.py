"""What the owner of a gateway without GPIO has to know about its relay boards and meters."""

from collections.abc import Iterator
from typing import Final

from agent.settings.device import SocketSettings
from agent.settings.meters import PzemSettings
from agent.settings.relays import ContactSettings, ModbusRelaySettings, UsbRelaySettings

NOT_FAIL_SAFE: Final = (
    "not fail-safe: a relay board keeps its contact where it stands while it has power, whatever"
    " becomes of the bus or of this machine; have a switch within reach (docs/gateways.md)"
)
UNCONFIRMED: Final = (
    'protocol = "lcus" tells nothing back: a relay that did not move is not noticed; use'
    ' "lcus_status" where the board answers'
)
LEAST_LOST_S: Final = 3.0


def relay_notices(relay: ContactSettings) -> Iterator[str]:
    """List what has to be known of a contact: a generic device's too."""
    if isinstance(relay, ModbusRelaySettings | UsbRelaySettings):
        yield NOT_FAIL_SAFE
    if isinstance(relay, UsbRelaySettings) and relay.protocol == "lcus":
        yield UNCONFIRMED


def meter_notices(device: SocketSettings) -> Iterator[str]:
    """List what has to be known of a meter on a bus."""
    meter, protection = device.meter, device.protection
    if not isinstance(meter, PzemSettings):
        return
    at_once_s = 2 * meter.interval_s + 3
    yield (
        f"a PZEM-004T is asked each {meter.interval_s:g} s: what opens 'at once' opens within"
        f" {at_once_s:g} s, not 0.5 s; the fuse has to do the rest"
    )
    least_s = max(LEAST_LOST_S, 3 * meter.interval_s)
    if protection.meter_lost == "open" and protection.meter_lost_s < least_s:
        yield (
            f"meter_lost_s = {protection.meter_lost_s:g}: two answers of the PZEM-004T lost in a"
            f" row open the contact; {least_s:g} s or more bears that"
        )
