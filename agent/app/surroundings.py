"""What all devices of the process share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agent.app.held import HeldLines
from agent.app.local_time import machine_zone
from agent.app.networks import Networks
from agent.app.outboxes import Outboxes
from agent.clouds.attempts import Attempts
from agent.devices.effects import Record, Save, Saved
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
