"""A platform without rules: anyone may come in and say anything. For probes and floors."""

from collections.abc import Sequence
from typing import Final

from agent.emulator.packets import Connect, Publish
from agent.emulator.platform import Admitted, Receipt, Rules
from agent.emulator.values import DeviceKey, Instant, Publication

NAME: Final = "plain"


class PlainPlatform:
    """Pass every message on to whoever subscribed, as any broker does."""

    def __init__(self) -> None:
        self._nameless = 0

    @property
    def rules(self) -> Rules:
        """Take what the standard allows."""
        return Rules(keeps_retained=True)

    def authenticate(self, connect: Connect, at: Instant) -> Admitted:
        """Let everyone in."""
        del at
        name = connect.client_id
        if not name:
            self._nameless += 1
            name = f"nameless-{self._nameless}"
        return Admitted(device=DeviceKey(cloud=NAME, product="", name=name))

    def may_publish(self, device: DeviceKey, topic: str) -> bool:
        """Permit every topic."""
        del device, topic
        return True

    def may_subscribe(self, device: DeviceKey, topic_filter: str) -> bool:
        """Permit every filter."""
        del device, topic_filter
        return True

    def receive(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Route a message as it came; a subscription may lower its QoS."""
        del device, at
        routed = Publication(
            topic=message.topic,
            payload=message.payload,
            qos=message.qos,
            is_retained=message.is_retained,
        )
        return Receipt(publications=(routed,))

    def refuse(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Route nothing."""
        del device, message, at
        return Receipt()

    def garbage(self, device: DeviceKey) -> Sequence[Publication]:
        """Send something that is no JSON."""
        return (Publication(topic=device.name, payload=b"{"),)
