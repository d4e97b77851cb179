"""The topics of one device at the broker."""

from dataclasses import dataclass

from agent.settings.clouds import HomeassistantSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """What is published and heard where. `status` is Home Assistant's own."""

    root: str
    config: str
    status: str

    @property
    def state(self) -> str:
        """Where values are told."""
        return f"{self.root}/state"

    @property
    def availability(self) -> str:
        """Where it stands whether the device can be reached."""
        return f"{self.root}/availability"

    def event(self, wire_id: str) -> str:
        """Where an event is told."""
        return f"{self.root}/{wire_id}/event"

    def set(self, wire_id: str) -> str:
        """Where a property is set; '+' stands for any."""
        return f"{self.root}/{wire_id}/set"

    def press(self, wire_id: str) -> str:
        """Where an action is asked for; '+' stands for any."""
        return f"{self.root}/{wire_id}/press"

    def asked(self, topic: str) -> tuple[str, str] | None:
        """Take a command's topic apart: the identifier, and 'set' or 'press'."""
        levels = topic.removeprefix(f"{self.root}/").split("/")
        if not topic.startswith(f"{self.root}/") or len(levels) != 2:
            return None
        wire_id, verb = levels
        return (wire_id, verb) if verb in {"set", "press"} else None


def object_id_of(settings: HomeassistantSettings) -> str:
    """Name the device in Home Assistant, apart from other software's devices."""
    return f"polycloud_{settings.device_name}"


def topics_of(settings: HomeassistantSettings) -> Topics:
    """List the topics of the device that a section is of."""
    return Topics(
        root=f"{settings.base_topic}/{settings.device_name}",
        config=f"{settings.discovery_prefix}/device/{object_id_of(settings)}/config",
        status=settings.status_topic,
    )
