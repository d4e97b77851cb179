"""A device's replies to set, get and invoke, and the log codes of those that nobody awaits."""

from typing import Final, assert_never

from agent.emulator.json_text import JsonError, as_object, decode
from agent.emulator.onenet import notes
from agent.emulator.onenet.pending import Match
from agent.emulator.onenet.twin import Twin
from agent.emulator.platform import Receipt
from agent.emulator.values import Answered, Instant, Json
from agent.emulator.wiretypes import is_integer

TOO_LATE: Final = 1023
BAD_REPLY: Final = 1027
NOT_AWAITED: Final = 1028


def take_answer(twin: Twin, topic: str, payload: bytes, at: Instant) -> Receipt:
    """Match a reply with its request by id and topic; a bad one is noted and dropped."""
    try:
        message = as_object(decode(payload)) or {}
    except JsonError as error:
        return _dropped(twin, topic, BAD_REPLY, str(error))
    request_id, code = message.get("id"), message.get("code")
    if not isinstance(request_id, str):
        return _dropped(twin, topic, BAD_REPLY, "id is missing or no text")
    if not is_integer(code) or not isinstance(code, int):
        return _dropped(twin, topic, BAD_REPLY, "code is missing or no integer")
    match twin.waiting.settle(request_id, topic, at.now):
        case Match.LATE:
            return _dropped(twin, topic, TOO_LATE, "the reply came too late")
        case Match.UNKNOWN:
            return _dropped(twin, topic, NOT_AWAITED, f"no request waits for {request_id!r:.40}")
        case Match.EXPECTED:
            answered = Answered(
                device=twin.device,
                request_id=request_id,
                code=code,
                message=message_of(message),
                output=as_object(message.get("data")) or {},
            )
            return Receipt(answers=(answered,))
        case _ as unknown:
            assert_never(unknown)


def message_of(message: dict[str, Json]) -> str:
    """Return `msg`, or `message` as some firmware calls it; it may be absent."""
    text = message.get("msg", message.get("message"))
    return text if isinstance(text, str) else ""


def _dropped(twin: Twin, topic: str, code: int, reason: str) -> Receipt:
    return Receipt(note=notes.refused(twin, topic, code, reason))
