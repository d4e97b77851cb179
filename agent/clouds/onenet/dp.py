"""What is published to `$dp`: a type byte, a length, and JSON."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from agent.clouds.payload import Body, dump

TOPIC: Final = "$dp"

POINTS: Final = 1
"""`{"datastreams": [{"id": "stream", "datapoints": [{"at": "…", "value": value}, …]}]}`."""
VALUES: Final = 3
"""`{"stream": value}`: measured now."""
STAMPED: Final = 4
"""`{"stream": {"YYYY-MM-DD HH:MM:SS": value}}`."""

MAX_JSON: Final = 65_535
HEAD: Final = 3

ZONES: Final[Mapping[str, tzinfo]] = {"beijing": timezone(timedelta(hours=8)), "utc": UTC}
"""The platform does not say whose time its stamps are in."""


def frame(kind: int, body: Body) -> bytes:
    """Write a frame. One whose JSON is too long for its length is above `HEAD + MAX_JSON`."""
    document = dump(body)
    return bytes([kind]) + min(len(document), MAX_JSON).to_bytes(2, "big") + document


def points(streams: Mapping[str, Sequence[object]]) -> Body:
    """List the points of each stream: in this form several may have one stamp."""
    listed = [{"id": stream, "datapoints": list(each)} for stream, each in streams.items()]
    return {"datastreams": listed}


def stamp(wall_time: float, zone: tzinfo) -> str:
    """Write a time."""
    return datetime.fromtimestamp(wall_time, zone).strftime("%Y-%m-%d %H:%M:%S")
