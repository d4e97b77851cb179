"""What must not be in the books of a storm."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from agent.clouds.limits import LIMITS
from chaos.storm import CONNECT_S, Storm
from chaos.virtual import ROUNDING_S

SENDINGS: Final = 4


def wrongs(storm: Storm) -> Iterator[str]:
    """Tell what must not be."""
    limits, counters = LIMITS[storm.cloud], storm.counters
    if storm.back_s is None:
        yield f"the link was not up {CONNECT_S:g} s after the last fault"
    if storm.pending:
        yield f"{storm.pending} messages wait for ever"
    if storm.never_heard:
        yield f"{len(storm.never_heard)} messages were never heard: {storm.never_heard[:5]}"
    if counters.lost or counters.local or counters.thinned:
        yield f"{counters} with room to spare"
    often = sum(len(times) >= SENDINGS for times in storm.heard_at.values())
    if counters.unconfirmed > often:
        yield f"{counters.unconfirmed} unconfirmed, and {often} were sent four times"
    first = [storm.heard_at[each][0] for each in storm.events if each in storm.heard_at]
    if first != sorted(first):
        yield "events came out of order"
    yield from _too_often(storm)
    closest = min((after - before for before, after in pairwise(storm.connects)), default=None)
    if closest is not None and closest < limits.connect_interval_s - ROUNDING_S:
        yield f"two connects {closest:.2f} s apart"
    if _most_in(storm.sent, 1.0) > limits.messages_per_s:
        yield f"{_most_in(storm.sent, 1.0)} messages within a second"


def _too_often(storm: Storm) -> Iterator[str]:
    """Tell of messages that came again though nothing was wrong with their session."""
    for number, times in storm.heard_at.items():
        if times[0] > storm.calm_at and len(times) > 1:
            yield f"message {number} came {len(times)} times in good weather"


def _most_in(times: Sequence[float], span_s: float) -> int:
    return max(
        (bisect_left(times, first + span_s) - index for index, first in enumerate(times)),
        default=0,
    )
