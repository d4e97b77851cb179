"""What becomes of an uplink: its dialogue, and the messages that leads to."""

from collections.abc import Callable
from typing import Final, assert_never

from agent.emulator.aliyun import (
    answers,
    batches,
    desired,
    events,
    inquiries,
    labels,
    properties,
)
from agent.emulator.aliyun.dialogue import (
    DEVICE_DISABLED,
    DEVICE_NOT_FOUND,
    NOT_JSON,
    PARAMETER_ERROR,
    SUCCESS,
    Outcome,
    Uplink,
    failed,
    reply_to,
)
from agent.emulator.aliyun.requests import down
from agent.emulator.aliyun.rules import AliyunRules
from agent.emulator.aliyun.topics import Channel, Route
from agent.emulator.aliyun.twin import Standing, Twin
from agent.emulator.aliyun.written import decode_written
from agent.emulator.json_text import JsonError, as_object, decode, encode
from agent.emulator.packets import Publish
from agent.emulator.platform import Receipt
from agent.emulator.values import Instant, Json, Noted, Publication

Dialogue = Callable[[Twin, Uplink], Outcome]


def converse(
    twin: Twin, route: Route, message: Publish, at: Instant, rules: AliyunRules
) -> Receipt:
    """Take one uplink on a topic that the device may publish to."""
    match route.channel:
        case Channel.SILENT:
            return Receipt()
        case Channel.CUSTOM:
            echo = to_user(twin, message.topic, message.payload, message.qos)
            return Receipt(publications=(echo,))
        case Channel.NTP:
            return _tell_time(twin, message, at)
        case Channel.RRPC:
            outcome = answers.rrpc(twin, route.name, message, at)
            return Receipt(answers=outcome.answers, note=_note(twin, message, outcome))
        case Channel.REPLY:
            envelope = _read_envelope(message.payload, rules)
            uplink = Uplink(envelope or {}, route.name, at, rules)
            outcome = answers.reply(twin, uplink)
            return Receipt(answers=outcome.answers, note=_note(twin, message, outcome))
        case _:
            return _answer(twin, route, message, at, rules)


def to_user(twin: Twin, topic: str, payload: bytes, qos: int) -> Publication:
    """Address a topic of the user's own, which always needs a subscription."""
    return Publication(topic=topic, payload=payload, qos=qos, client_id=twin.client_id)


def _answer(twin: Twin, route: Route, message: Publish, at: Instant, rules: AliyunRules) -> Receipt:
    """Judge a request of the device, and reply unless it wants no reply."""
    envelope = _read_envelope(message.payload, rules)
    uplink = Uplink(envelope or {}, route.name, at, rules)
    outcome = _refusal(twin, rules)
    if outcome is None and envelope is None:
        outcome = failed(NOT_JSON, "the payload is not a JSON object")
    if outcome is None:
        outcome = _DIALOGUES[route.channel](twin, uplink)
    note = _note(twin, message, outcome)
    if not uplink.wants_reply:
        return Receipt(note=note)
    method = message.topic.removeprefix(twin.topics.root).replace("/", ".")
    reply = reply_to(uplink.message, method, outcome, rules.quirks)
    publication = down(twin, f"{message.topic}_reply", encode(reply))
    count = 2 if rules.quirks.duplicates_replies else 1
    return Receipt(publications=(publication,) * count, note=note)


def _refusal(twin: Twin, rules: AliyunRules) -> Outcome | None:
    """Refuse whatever a device asks that the platform no longer knows, or by a quirk."""
    if rules.quirks.refuses_with is not None:
        return failed(rules.quirks.refuses_with, "refused on purpose")
    match twin.standing:
        case Standing.ENABLED:
            return None
        case Standing.DISABLED:
            return failed(DEVICE_DISABLED, "the device is disabled")
        case Standing.DELETED:
            return failed(DEVICE_NOT_FOUND, "the device is deleted")
        case _:
            assert_never(twin.standing)


def _read_envelope(payload: bytes, rules: AliyunRules) -> dict[str, Json] | None:
    """Decode an envelope; None where it is no JSON object."""
    try:
        document = decode(payload)
    except JsonError:
        return None
    return as_object(decode_written(payload) if rules.demands_decimal_point else document)


def _tell_time(twin: Twin, message: Publish, at: Instant) -> Receipt:
    told = inquiries.tell_time(message.payload, at)
    if told is None:
        outcome = failed(PARAMETER_ERROR, "deviceSendTime is milliseconds, a number or a text")
        return Receipt(note=_note(twin, message, outcome))
    return Receipt(publications=(down(twin, twin.topics.ntp, encode(told)),))


def _note(twin: Twin, message: Publish, outcome: Outcome) -> Noted | None:
    """Tell whoever watches what was refused, or left out although the reply is good."""
    code, reason = outcome.verdict
    if code == SUCCESS.code and not outcome.remark:
        return None
    return Noted(
        event="uplink.refused" if code != SUCCESS.code else "uplink.filtered",
        level="warning",
        device=twin.device,
        facts={"topic": message.topic, "code": code, "reason": outcome.remark or reason},
    )


POSTS: Final = frozenset(
    [Channel.PROPERTY_POST, Channel.BATCH_POST, Channel.HISTORY_POST, Channel.EVENT_POST]
)

_DIALOGUES: Final[dict[Channel, Dialogue]] = {
    Channel.PROPERTY_POST: properties.post,
    Channel.BATCH_POST: batches.batch,
    Channel.HISTORY_POST: batches.history,
    Channel.EVENT_POST: events.post,
    Channel.DESIRED_GET: desired.get,
    Channel.DESIRED_DELETE: desired.delete,
    Channel.LABELS_UPDATE: labels.update,
    Channel.LABELS_DELETE: labels.delete,
    Channel.CONFIG_GET: inquiries.config,
    Channel.LOG_CONFIG_GET: inquiries.log_config,
    Channel.LOG_POST: inquiries.log,
    Channel.TSL_GET: inquiries.tsl,
}
