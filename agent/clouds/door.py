"""What a link asks of the agent: all of it synchronous, all of it at once."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.messages import InfoReport, Outcome, PropertyReport, Request, TimeAnswer


def _ignore_time(answer: TimeAnswer, round_trip_s: float) -> None:
    del answer, round_trip_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The callbacks of one link.

    `execute`: carry out a request now and tell what came of it. `on_change`: the link came up
    or went down. `snapshot`: a full report, for a platform that has just been reached.
    `info`: facts about this machine. `on_time`: the platform's clock, and how long the question
    and its answer took.
    """

    execute: Callable[[Request], Outcome]
    on_change: Callable[[bool], None]
    snapshot: Callable[[], PropertyReport | None]
    info: Callable[[], InfoReport | None]
    on_time: Callable[[TimeAnswer, float], None] = _ignore_time
