"""How each rule of several reports in one message is broken once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent.conformance.subject import WALL_S
from agent.messages import EventReport
from agent.ports import Batch
from tests.contract.breaks import breaks
from tests.contract.subjects import subject


def taking(change: Callable[[int], int]) -> Callable[..., Any]:
    """Tell of another number than went up."""

    def way(inner: Any, *args: Any) -> Batch:
        batch = inner(*args)
        return replace(batch, taken=change(batch.taken))

    return way


def given(change: Callable[[Any], Any]) -> Callable[..., Any]:
    """Send others than were given, and tell of as many as were."""

    def way(inner: Any, messages: Any, *rest: Any) -> Batch:
        taken = inner(messages, *rest).taken
        return replace(inner(change(messages[:taken]), *rest), taken=taken)

    return way


def posting(**changes: Any) -> Callable[..., Any]:
    def way(inner: Any, *args: Any) -> Batch:
        batch = inner(*args)
        return replace(batch, publish=batch.publish and replace(batch.publish, **changes))

    return way


def only_stamped(inner: Any, messages: Any, *rest: Any) -> Batch:
    return Batch(publish=None) if messages[0].wall_time is None else inner(messages, *rest)


def timed(wall_time: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Measure everything at another time."""

    def way(inner: Any, messages: Any, message_id: str, now: Any) -> Batch:
        moved = [replace(each, wall_time=wall_time(each.wall_time, now)) for each in messages]
        return inner(moved, message_id, now)

    return way


def events_now(inner: Any, messages: Any, *rest: Any) -> Batch:
    """Give events a time that nobody knew."""
    return inner(
        [
            replace(each, wall_time=each.wall_time or WALL_S)
            if isinstance(each, EventReport)
            else each
            for each in messages
        ],
        *rest,
    )


def untold(*_: Any) -> Batch:
    return Batch(publish=None)


def reports_only(inner: Any, messages: Any, *rest: Any) -> Batch:
    return untold() if isinstance(messages[0], EventReport) else inner(messages, *rest)


def unbounded(**limits: int) -> Callable[..., Any]:
    return lambda each: replace(each, **limits)


BREAKS_OF_BATCHES = (
    breaks(
        "batches-whole",
        "past: ",
        "homeassistant",
        encode_past=lambda inner, messages, *rest: replace(
            inner(messages, *rest),
            publish=subject("homeassistant").make().encode(messages[0], *rest),
        ),
    ),
    breaks("batches-whole", "0 of 300", encode_past=taking(lambda _: 0)),
    breaks("batches-whole", "302 of", "aliyun", encode_together=taking(lambda _: 302)),
    breaks("batches-whole", "is told of", "aliyun", encode_past=taking(lambda taken: taken + 1)),
    breaks("batches-whole", "is told of", "onenet", encode_past=given(lambda sent: sent[::-1])),
    breaks(
        "batches-whole",
        "together",
        "onenet",
        encode_together=given(lambda sent: sent[:-1] or sent),
    ),
    breaks(
        "batches-whole",
        "is told of",
        "onenet-datastream",
        encode_together=given(lambda sent: [sent[0], *sent]),
    ),
    breaks("batches-whole", "past: ([], [])", encode_past=untold),
    breaks("batches-whole", "reaches the wire", encode=lambda *_: None),
    breaks("batches-bounded", "200 values go", "aliyun", limits=unbounded(batch_values=9)),
    breaks("batches-bounded", "100 of one", "onenet", limits=unbounded(batch_values_of_one=99)),
    breaks("batches-bounded", "10 events", limits=unbounded(batch_events=5)),
    breaks("batches-bounded", "more than", "onenet-legacy", limits=unbounded(payload_bytes=999)),
    breaks("batches-bounded", "no topic", "aliyun", encode_past=posting(topic="a/+")),
    breaks("batches-acked", "acknowledged as []", "onenet", decode=lambda *_: None),
    breaks("batches-acked", "acknowledged as", "aliyun", encode_past=posting(is_answered=False)),
    breaks(
        "batches-acked",
        "is not subscribed to",
        "aliyun",
        subscriptions=lambda inner: inner()[:3],
    ),
    breaks("batches-stamped", "when that was", encode_past=timed(lambda _at, _now: WALL_S)),
    breaks(
        "batches-stamped", "when it is sent", "aliyun", encode_together=timed(lambda _, now: now)
    ),
    breaks("batches-told", "and not together", encode_together=only_stamped),
    breaks("past-unstamped", "is told", encode_past=timed(lambda at, _: at or WALL_S)),
    breaks("past-unstamped", "is stamped", "onenet", encode_past=events_now),
    breaks("past-unstamped", "is stamped", "onenet-legacy", encode_together=events_now),
    breaks("past-unstamped", "is not told", "aliyun", encode_past=reports_only),
    breaks(
        "past-no-position",
        "a position of the past",
        encode_past=lambda inner, messages, *rest: inner.__self__.encode_together(messages, *rest),
    ),
    breaks(
        "past-no-position",
        "power_switch of the past",
        encode_past=lambda inner, messages, *rest: inner.__self__.encode_together(messages, *rest),
    ),
    breaks(
        "past-too-old",
        "no stamp so old",
        encode_past=lambda inner, messages, message_id, _: inner(messages, message_id, WALL_S),
    ),
    breaks("past-too-old", "is not told", encode_past=reports_only),
)
