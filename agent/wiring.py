"""What a runtime is connected to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from agent.devices.effects import Record, Save
from agent.model import Factors
from agent.ports import Clock, Device, Indicator, Relay
from agent.reporting import Policy

S = TypeVar("S")


def _without_scale(factors: Factors) -> None:
    """Take factors where no meter can be rescaled."""
    del factors


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring(Generic[S]):
    """What a runtime decides with, drives and asks."""

    name: str
    device: Device[S]
    relay: Relay
    indicator: Indicator | None
    clock: Clock
    policy: Policy
    keep: Callable[[Save], None]
    record: Callable[[Record], None]
    rescale: Callable[[Factors], None] = _without_scale
