"""What a link asks of the agent: synchronous and at once, but for what must be remembered."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from agent.messages import (
    ActionCall,
    InfoReport,
    Outcome,
    PropertyReport,
    PropertySet,
    PropertyToggle,
    TimeAnswer,
)
from agent.model import Values


def _ignore_time(answer: TimeAnswer, round_trip_s: float) -> None:
    del answer, round_trip_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The callbacks of one link.

    `execute`: set values now and tell what came of it. `perform`: the same for an action or
    a toggle, which may wait for the disk; cancelled while it waits, it has not been performed.
    `values`: what is known of some properties. `on_change`: the link came up or went down.
    `snapshot`: a full report, for a platform that has just been reached.
    `info`: facts about this machine. `on_time`: the platform's clock, and how long the question
    and its answer took. `counted_wh`: the energy that was ever counted and is on the disk, which
    nobody sets back; None where nothing is counted.
    """

    execute: Callable[[PropertySet], Outcome]
    perform: Callable[[ActionCall | PropertyToggle], Coroutine[Any, Any, Outcome]]
    values: Callable[[Sequence[str]], Values]
    on_change: Callable[[bool], None]
    snapshot: Callable[[], PropertyReport | None]
    info: Callable[[], InfoReport | None]
    on_time: Callable[[TimeAnswer, float], None] = _ignore_time
    counted_wh: Callable[[], int | None] = lambda: None
