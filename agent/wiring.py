"""What a runtime decides with, drives, asks and tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar, assert_never

import structlog

from agent.devices.effects import Forget, Log, Provision, Record, Rescale, Save
from agent.driving import Outputs
from agent.messages import Uplink
from agent.model import Factors
from agent.ports import Clock, Device, Indicator
from agent.recording.turns import Turn
from agent.reporting import Policy

S = TypeVar("S")
T = TypeVar("T")
log: Final = structlog.get_logger()

Sink = Callable[[Uplink], None]
"""Takes a message for one cloud; never blocks."""


class Timer(Protocol):
    """Calls the runtime's `wake` back once; arming again replaces what was armed."""

    def arm(self, at: float | None) -> None:
        """Call back at *at* (monotonic seconds), or not at all."""
        ...


def _without_scale(factors: Factors) -> None:
    """Take factors where no meter can be rescaled."""
    del factors


def _nothing() -> None:
    """Do nothing, where there is nothing to do it with."""


def _tell(device: str, effect: Log) -> None:
    tell = log.warning if effect.is_warning else log.info
    tell(effect.event, device=device, **effect.details)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring(Generic[S]):
    """What a runtime decides with, drives and asks."""

    name: str
    device: Device[S]
    outputs: Outputs
    indicator: Indicator | None
    clock: Clock
    policy: Policy
    keep: Callable[[Save], None]
    record: Callable[[Record], None]
    rescale: Callable[[Factors], None] = _without_scale
    provision: Callable[[], None] = _nothing
    forget: Callable[[], None] = _nothing
    tell: Callable[[str, Log], None] = _tell

    def hand_over(self, effect: Log | Record | Save | Rescale | Provision | Forget) -> None:
        """Perform what others do."""
        match effect:
            case Log():
                self.tell(self.name, effect)
            case Record():
                self.record(effect)
            case Save():
                self.keep(effect)
            case Rescale(factors=factors):
                self.rescale(factors)
            case Provision():
                self.provision()
            case Forget():
                self.forget()
            case _:
                assert_never(effect)


class Tap(Protocol[S]):
    """Stands between a runtime and everything around it while a period is recorded."""

    def turn(self, turn: Turn | Device[S], act: Callable[[], T]) -> T:
        """Act, then note what entered (of a device: that it decides now) and all that came."""
        ...

    def between(self, wiring: Wiring[S]) -> Wiring[S]:
        """Note what is done to the parts of *wiring*, and what they answer."""
        ...

    def told(self, sinks: Mapping[str, Sink]) -> Mapping[str, Sink]:
        """Note what is told to *sinks*."""
        ...
