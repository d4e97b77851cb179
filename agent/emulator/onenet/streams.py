"""Data points: values of named streams, with a time where one came with them."""

from collections.abc import Iterable
from dataclasses import dataclass

from agent.emulator.onenet.twin import Twin
from agent.emulator.values import Instant, Json


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPoint:
    """One value of one stream; `time` is Unix seconds."""

    stream: str
    value: Json
    time: float | None = None


def keep(twin: Twin, points: Iterable[DataPoint], at: Instant) -> None:
    """Count points, and take of each stream the one that is shown as now."""
    for point in points:
        twin.points += 1
        twin.reported_at = at.wall_time
        time_ms = None if point.time is None else point.time * 1000
        if not twin.moments.replaces(point.stream, time_ms, at.wall_time):
            continue
        twin.reported[point.stream] = point.value
        if point.time is None:
            twin.stream_times.pop(point.stream, None)
        else:
            twin.stream_times[point.stream] = point.time
