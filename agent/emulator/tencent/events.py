"""The event topic: event_post and events_post."""

from collections.abc import Mapping

from agent.emulator.json_text import as_list, as_object
from agent.emulator.records import EventRecord
from agent.emulator.tencent.dialogue import (
    BAD_VALUE,
    NOT_IN_MODEL,
    SUCCESS,
    Exchange,
    Verdict,
    judge_timestamp,
    judge_values,
    reply_to,
)
from agent.emulator.tencent.twin import Twin
from agent.emulator.values import Instant, Json

Message = Mapping[str, Json]


def converse(twin: Twin, message: Message, at: Instant) -> Exchange:
    """Take one message of the event topic."""
    method = message.get("method")
    reply_method = "events_reply" if method == "events_post" else "event_reply"
    if method not in {"event_post", "events_post"}:
        verdict = Verdict(NOT_IN_MODEL, f"method {method!r:.60} is unknown")
    else:
        verdict = _take(twin, _posts(message), at)
    reply = reply_to(reply_method, message, verdict)
    return Exchange(reply | {"version": "1.0", "data": {}}, verdict)


def _posts(message: Message) -> list[Json]:
    """List the events; the official Python SDK puts one into `events` of an event_post too."""
    posts = as_list(message.get("events"))
    return [message] if posts is None else posts


def _take(twin: Twin, posts: list[Json], at: Instant) -> Verdict:
    """Record every event, or none when one of them is wrong."""
    records: list[EventRecord] = []
    for post in posts:
        event = as_object(post)
        if event is None:
            return Verdict(BAD_VALUE, "an event is an object")
        verdict = _judge(twin, event, at)
        if verdict.code != 0:
            return verdict
        records.append(_record(event, at))
    twin.events.extend(records)
    return SUCCESS


def _judge(twin: Twin, event: Message, at: Instant) -> Verdict:
    name, level = event.get("eventId"), event.get("type")
    row = twin.template.events.get(name) if isinstance(name, str) else None
    if row is None:
        return Verdict(NOT_IN_MODEL, f"event {name!r:.60} is not in the model")
    if level != row.level:
        return Verdict(BAD_VALUE, f"event {name} is of type {row.level}, not {level!r:.40}")
    verdict = judge_values(event.get("params", {}), row.fields)
    return verdict if verdict.code else judge_timestamp(event, at)


def _record(event: Message, at: Instant) -> EventRecord:
    stamp = event.get("timestamp")
    return EventRecord(
        id=str(event.get("eventId")),
        type=str(event.get("type")),
        params=as_object(event.get("params")) or {},
        timestamp_ms=int(stamp) if isinstance(stamp, int | float) else None,
        received_at=at.wall_time,
    )
