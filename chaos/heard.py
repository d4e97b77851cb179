"""What a platform was told, read from its wire: each report or event, with the stamp it had."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from agent.emulator.journal import Entry

BEIJING: Final = timezone(timedelta(hours=8))
EVENT_STREAMS: Final = frozenset({"trip", "low_voltage", "hardware_fault", "notice"})
POINTS, STAMPED = 1, 4

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One report or event: its stamp in the wire's own unit (None: none), and what it said.

    `event` is its name in small letters alone, or empty: it is a report.
    """

    at: float
    stamp: int | None
    event: str
    values: Json


def resolution(cloud: str) -> int:
    """Tell how many of a cloud's stamps there are in a second."""
    return 1 if cloud in {"onenet-datastream", "onenet-legacy"} else 1000


def stamp_of(cloud: str, wall_time: float) -> int:
    """Write a moment as *cloud* is told of it."""
    return int(wall_time * resolution(cloud))


def heard(cloud: str, entry: Entry) -> list[Heard]:
    """Read one uplink; nothing comes of one that tells of no moment."""
    read = _READERS[cloud]
    return [
        Heard(at=entry.wall_time, stamp=stamp, event=_small(event), values=values)
        for event, stamp, values in read(entry.topic, entry.payload)
    ]


Told = tuple[str, int | None, Json]


def _small(name: str) -> str:
    return name.replace("_", "").lower()


def _tencent(topic: str, payload: bytes) -> Iterator[Told]:
    del topic
    body = json.loads(payload)
    match body.get("method"):
        case "report":
            yield "", body.get("timestamp"), body["params"]
        case "event_post":
            yield body["eventId"], body.get("timestamp"), body["params"]
        case "events_post":
            for each in body["events"]:
                yield each["eventId"], each.get("timestamp"), each["params"]
        case _:
            return


def _aliyun(topic: str, payload: bytes) -> Iterator[Told]:
    if not topic.endswith("/post") or "/thing/event/" not in topic:
        return
    params = json.loads(payload)["params"]
    name = topic.removesuffix("/post").rpartition("/thing/event/")[2]
    match name:
        case "property":
            yield from _stamped_reports([params])
        case "property/history":
            for part in params:
                yield from _stamped_reports(part.get("properties", []))
                for row in part.get("events", []):
                    yield from _events(row)
        case "property/batch":
            yield from _columns(params)
        case _:
            yield name, params.get("time"), params["value"]


def _onenet(topic: str, payload: bytes) -> Iterator[Told]:
    channel = topic.rpartition("/thing/")[2]
    if not channel.endswith("/post"):
        return
    params = json.loads(payload)["params"]
    match channel:
        case "property/post":
            yield from _stamped_reports([params])
        case "event/post":
            yield from _events(params)
        case "history/post":
            for part in params:
                yield from _columns(part)
        case "pack/post":
            for part in params:
                yield from _stamped_reports([part["properties"]] if "properties" in part else [])
                yield from _events(part.get("events", {}))
        case _:
            return


def _stamped_reports(rows: Sequence[Json]) -> Iterator[Told]:
    """Read reports whose values are wrapped with their time."""
    for row in rows:
        wrapped = {
            key: each if isinstance(each, Mapping) and "value" in each else {"value": each}
            for key, each in row.items()
        }
        stamps = {each.get("time") for each in wrapped.values()}
        if len(stamps) == 1:
            yield "", stamps.pop(), {key: each["value"] for key, each in wrapped.items()}


def _events(row: Json) -> Iterator[Told]:
    for name, each in row.items():
        yield name, each.get("time"), each["value"]


def _columns(part: Json) -> Iterator[Told]:
    """Read lists by identifier: what has one stamp was one report."""
    found: list[tuple[int | None, str, Any]] = [
        (each.get("time"), name, each["value"])
        for name, column in part.get("properties", {}).items()
        for each in column
    ]
    yield from _reports(found)
    events = [
        (name, each.get("time"), each["value"])
        for name, column in part.get("events", {}).items()
        for each in column
    ]
    yield from sorted(events, key=lambda each: each[1] or 0)


def _reports(points: Sequence[tuple[int | None, str, Any]]) -> Iterator[Told]:
    by_stamp: dict[int | None, dict[str, Any]] = {}
    for stamp, name, value in points:
        by_stamp.setdefault(stamp, {})[name] = value
    for stamp, values in sorted(by_stamp.items(), key=lambda each: each[0] or 0):
        yield "", stamp, values


def _points(points: Sequence[tuple[int | None, str, Any]]) -> Iterator[Told]:
    """Read data points: an event is a stream of its own."""
    yield from _reports([each for each in points if each[1] not in EVENT_STREAMS])
    events = [(name, stamp, value) for stamp, name, value in points if name in EVENT_STREAMS]
    yield from sorted(events, key=lambda each: each[1] or 0)


def _datastream(topic: str, payload: bytes) -> Iterator[Told]:
    if topic.endswith("/dp/post/json"):
        streams = json.loads(payload)["dp"]
        yield from _points(
            [(each.get("t"), name, each["v"]) for name, row in streams.items() for each in row]
        )


def _legacy(topic: str, payload: bytes) -> Iterator[Told]:
    if topic != "$dp":
        return
    kind, body = payload[0], json.loads(payload[3:])
    if kind == POINTS:
        yield from _points(
            [
                (_seconds(each["at"]), stream["id"], each["value"])
                for stream in body["datastreams"]
                for each in stream["datapoints"]
            ]
        )
    elif kind == STAMPED:
        rows = [(name, *row) for name, points in body.items() for row in points.items()]
        yield from _points([(_seconds(at), name, value) for name, at, value in rows])
    else:
        yield from _points([(None, name, value) for name, value in body.items()])


def _seconds(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING).timestamp())


_READERS: Final = {
    "tencent": _tencent,
    "aliyun": _aliyun,
    "onenet": _onenet,
    "onenet-datastream": _datastream,
    "onenet-legacy": _legacy,
}
