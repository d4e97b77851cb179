"""What every dialogue shares: judgements with the platform's codes, and checks of values."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from agent.emulator.json_text import JsonError, as_object, decode
from agent.emulator.values import Answered, Instant, Json
from agent.emulator.wiretypes import WireType, is_number, shown

MAX_SKEW_S: Final = 86_400

NOT_JSON: Final = 400
NOT_IN_MODEL: Final = 403
BAD_TIMESTAMP: Final = 405
BAD_VALUE: Final = 406
OUT_OF_ORDER: Final = 500
"""The platform's own trouble, which its documents list no code for."""

_POSTS: Final[Mapping[str, str]] = {
    "report": "report_reply",
    "event_post": "event_reply",
    "events_post": "events_reply",
}


class Verdict(NamedTuple):
    """A code of the thing model, with the reason that goes out as `status`."""

    code: int
    status: str


SUCCESS: Final = Verdict(0, "success")


class Exchange(NamedTuple):
    """What one uplink leads to: a reply to the device, and answers to the control API."""

    reply: dict[str, Json] | None = None
    verdict: Verdict = SUCCESS
    answers: tuple[Answered, ...] = ()


def replied(method: str, message: Mapping[str, Json], verdict: Verdict = SUCCESS) -> Exchange:
    """Reply with the same clientToken."""
    reply = reply_to(method, message, verdict)
    return Exchange(reply, verdict)


def reply_to(
    method: str, message: Mapping[str, Json], verdict: Verdict = SUCCESS
) -> dict[str, Json]:
    """Compose a reply's common fields."""
    return {
        "method": method,
        "clientToken": message.get("clientToken", ""),
        "code": verdict.code,
        "status": verdict.status,
    }


def refusal(payload: bytes) -> dict[str, Json] | None:
    """Compose the refusal of a post; None for what is none."""
    try:
        message = as_object(decode(payload)) or {}
    except JsonError:
        return None
    method = _POSTS.get(str(message.get("method")))
    if method is None:
        return None
    return reply_to(method, message, Verdict(OUT_OF_ORDER, "refused on purpose"))


def judge_values(values: Json, kinds: Mapping[str, WireType]) -> Verdict:
    """Judge `params` against the model: 403 for an id that it lacks, 406 for a value."""
    found = as_object(values)
    if found is None:
        return Verdict(BAD_VALUE, f"params is an object, not {shown(values)}")
    for name, value in found.items():
        kind = kinds.get(name)
        if kind is None:
            return Verdict(NOT_IN_MODEL, f"{name!r:.60} is not in the model")
        reason = kind.fault(value)
        if reason is not None:
            return Verdict(BAD_VALUE, f"{name}: {reason}")
    return SUCCESS


def judge_timestamp(message: Mapping[str, Json], at: Instant) -> Verdict:
    """Judge `timestamp`: milliseconds, within a day of the server's; 0 or none is fine."""
    stamp = message.get("timestamp", 0)
    if not is_number(stamp) or not isinstance(stamp, int | float):
        return Verdict(BAD_TIMESTAMP, f"timestamp is milliseconds, not {shown(stamp)}")
    if stamp and not abs(stamp - at.wall_time * 1000) <= MAX_SKEW_S * 1000:
        return Verdict(BAD_TIMESTAMP, f"timestamp {shown(stamp)} is not within a day of now (ms)")
    return SUCCESS
