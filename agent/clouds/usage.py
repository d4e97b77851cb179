"""How much goes to one cloud: counted up, compared with its limits, and forecast for a month."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from agent.ports import PlatformLimits

MINUTE_S: Final = 60
HOUR_S: Final = 3600
MONTH_S: Final = 30 * 86_400

SECONDS_KEPT: Final = MINUTE_S + 1
"""A whole minute back from any moment within a second."""

HOURS_KEPT: Final = 24

FORECAST_FROM_S: Final = 600.0
"""A shorter observation is mostly the greeting: it says nothing of a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What 30 days come to at this pace; `billed` is None where the platform bills otherwise."""

    messages: float
    payload_bytes: float
    billed: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How much was sent, and how much more there may be.

    Head-room is the share of the limit that the last minute left unused. `forecast` is None
    while the observation is too short for one.
    """

    messages_last_minute: int
    connects_last_minute: int
    publish_headroom: float
    connect_headroom: float
    observed_s: float
    forecast: Forecast | None


@dataclass(slots=True)
class _Bucket:
    """What one second or one hour held."""

    number: int
    messages: int = 0
    payload_bytes: int = 0
    billed: int = 0
    connects: int = 0


@dataclass(slots=True)
class _Ring:
    """The newest buckets of one width, at most `kept` of them."""

    width_s: int
    kept: int
    buckets: deque[_Bucket] = field(default_factory=deque[_Bucket])

    def at(self, now: float) -> _Bucket:
        number = int(now // self.width_s)
        if not self.buckets or self.buckets[-1].number < number:
            self.buckets.append(_Bucket(number))
            self._forget(number)
        return self.buckets[-1]

    def total(self, now: float) -> _Bucket:
        """Add up what is kept and not too old."""
        self._forget(int(now // self.width_s))
        total = _Bucket(0)
        for each in self.buckets:
            total.messages += each.messages
            total.payload_bytes += each.payload_bytes
            total.billed += each.billed
            total.connects += each.connects
        return total

    def begins(self, now: float) -> float:
        """Tell when the oldest bucket began that is kept now."""
        return (now // self.width_s - self.kept + 1) * self.width_s

    def _forget(self, number: int) -> None:
        while self.buckets and self.buckets[0].number <= number - self.kept:
            self.buckets.popleft()


class Usage:
    """Counts the messages, their payload and the connects of one identity in bounded memory.

    Times are monotonic seconds; they never fall.
    """

    def __init__(self, began: float) -> None:
        self._began = began
        self._seconds = _Ring(1, SECONDS_KEPT)
        self._hours = _Ring(HOUR_S, HOURS_KEPT)

    def add_message(self, size: int, billed_bytes: int | None, now: float) -> None:
        """Count a message with a payload of *size* bytes."""
        billed = 1 if billed_bytes is None else max(1, -(-size // billed_bytes))
        for bucket in (self._seconds.at(now), self._hours.at(now)):
            bucket.messages += 1
            bucket.payload_bytes += size
            bucket.billed += billed

    def add_connect(self, now: float) -> None:
        """Count an attempt to connect."""
        for bucket in (self._seconds.at(now), self._hours.at(now)):
            bucket.connects += 1

    def report(self, limits: PlatformLimits, now: float) -> Report:
        """Compare the last minute with *limits*, and forecast from the last day at most."""
        minute = self._seconds.total(now)
        return Report(
            messages_last_minute=minute.messages,
            connects_last_minute=minute.connects,
            publish_headroom=_left(minute.messages, limits.messages_per_s * MINUTE_S),
            connect_headroom=_left(minute.connects, MINUTE_S / limits.connect_interval_s),
            observed_s=self._observed_s(now),
            forecast=self._forecast(limits, now),
        )

    def _observed_s(self, now: float) -> float:
        return now - max(self._began, self._hours.begins(now))

    def _forecast(self, limits: PlatformLimits, now: float) -> Forecast | None:
        observed_s = self._observed_s(now)
        if observed_s < FORECAST_FROM_S:
            return None
        day = self._hours.total(now)
        times = MONTH_S / observed_s
        return Forecast(
            messages=day.messages * times,
            payload_bytes=day.payload_bytes * times,
            billed=None if limits.billed_bytes is None else day.billed * times,
        )


def _left(used: int, allowed: float) -> float:
    return max(0.0, 1.0 - used / allowed)
