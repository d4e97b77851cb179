"""Samples of a thing that a test makes up."""

from agent.history.minutes import Count, Sample, gathered
from agent.model import Stamp, Trust

NOON = 1_800_000_000.0 - 1_800_000_000.0 % 3_600


def sample(at, values=None, count=0, *, wall=NOON, day_began=0, is_known=True):
    """Sample *at* seconds since boot; the clock stood at *wall* then (None: not known)."""
    stamp = Stamp(
        at=at,
        wall_time=None if wall is None else wall + at,
        trust=Trust.UNKNOWN if wall is None else Trust.SYNCHRONISED,
    )
    counts = {"energy": Count(count=count, day_began=day_began, is_known=is_known)}
    return Sample(stamp=stamp, values=values or {}, counts=counts)


def minutes_of(samples, ends=None):
    """Give the minutes that are over, and the one that goes on."""
    gathering, found = None, []
    for each in samples:
        gathering, over = gathered(gathering, each, ends or {})
        found += [] if over is None else [over]
    return [*found, gathering.minute]
