"""What all devices of the process share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agent.app.held import HeldLines
from agent.app.local_time import machine_zone
from agent.app.networks import Networks
from agent.app.outboxes import Outboxes
from agent.clouds.attempts import Attempts
from agent.devices.effects import MAIN, Record, Save, Saved
from agent.devices.inputs import Found
from agent.memory import RequestMemory
from agent.model import Condition, StartCause
from agent.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all devices of the process share."""

    clock: Clock
    cause: StartCause
    load: Callable[[str], Saved | None]
    keep: Callable[[str, Save, Callable[[], None]], None]
    record: Callable[[str, Record], None]
    condition: Callable[[str], Condition]
    stops_cleanly: Callable[[], bool]
    requests: RequestMemory
    attempts: Attempts
    outboxes: Outboxes
    held: HeldLines
    machine: Mapping[str, str]
    networks: Networks = field(default_factory=Networks)
    forget: Callable[[str], None] = lambda _device: None
    zone: Callable[[], str] = machine_zone
    """The time zone of the machine."""

    def found(self, name: str, held: Mapping[str, bool]) -> Found:
        """Tell what a device finds as it starts; *held* is where lines that came back stand."""
        return Found(
            saved=self.load(name),
            cause=self.cause,
            condition=self.condition(name),
            is_held_on=held.get(MAIN) is True,
            is_held_off=held.get(MAIN) is False,
            held=held,
        )
