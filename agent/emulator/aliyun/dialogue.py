"""What every dialogue shares: an uplink, its verdict with the platform's code, and the reply."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from agent.emulator.aliyun.rules import AliyunRules, Quirks
from agent.emulator.json_text import as_object
from agent.emulator.values import Answered, Instant, Json
from agent.emulator.wiretypes import is_number, shown

MAX_AHEAD_MS: Final = 86_400_000
MAX_PROPERTIES: Final = 200
MAX_EVENTS: Final = 20
MAX_DEVICES: Final = 20
"""In one post; by another page it takes 200 events."""
MAX_ID: Final = 64

PARAMETER_ERROR: Final = 460
SYSTEM_ERROR: Final = 500
DEVICE_NOT_FOUND: Final = 6100
TOO_MANY_DESIRED: Final = 6104
TOO_MANY_PROPERTIES: Final = 6106
TOO_MANY_EVENTS: Final = 6356
TOO_MANY_DEVICES: Final = 6357
DEVICE_DISABLED: Final = 6204
NOT_JSON: Final = 6207
NOT_IN_STRUCT: Final = 6304
NOT_IN_TSL: Final = 6320
BAD_TIME: Final = 6326
EVENT_UNKNOWN: Final = 5160
NO_TOPOLOGY: Final = 6401


class Verdict(NamedTuple):
    """A code, with the text that goes out as `message`."""

    code: int
    message: str


SUCCESS: Final = Verdict(200, "success")


class Uplink(NamedTuple):
    """One message of the device: its envelope, and the level of its topic that varies."""

    message: Mapping[str, Json]
    name: str
    at: Instant
    rules: AliyunRules

    @property
    def params(self) -> Json:
        """Return what the envelope holds."""
        return self.message.get("params")

    @property
    def wants_reply(self) -> bool:
        """Tell whether the device wants a reply: `"sys": {"ack": 0}` says no."""
        ack = (as_object(self.message.get("sys")) or {}).get("ack")
        return not (is_number(ack) and ack == 0)


class Outcome(NamedTuple):
    """What one uplink leads to: a verdict with data, and answers to the control API."""

    verdict: Verdict = SUCCESS
    data: Json = None
    """None: an empty object."""
    answers: tuple[Answered, ...] = ()
    remark: str = ""
    """What was left out although the verdict is good."""


def failed(code: int, message: str) -> Outcome:
    """Refuse with the platform's code."""
    return Outcome(Verdict(code, message))


def reply_to(
    message: Mapping[str, Json], method: str, outcome: Outcome, quirks: Quirks
) -> dict[str, Json]:
    """Compose a reply; the id comes back in the type that it came in."""
    request_id = message.get("id", "")
    if not isinstance(request_id, str) and not is_number(request_id):
        request_id = ""
    if quirks.id_as_number and isinstance(request_id, str):
        is_digits = request_id.isascii() and request_id.isdigit() and len(request_id) <= MAX_ID
        request_id = int(request_id) if is_digits else request_id
    code, text = outcome.verdict
    return {
        "code": str(code) if quirks.code_as_text else code,
        "data": {} if outcome.data is None else outcome.data,
        "id": request_id,
        "message": text,
        "method": method,
        "version": "1.0",
    }


def time_fault(time: Json, at: Instant) -> Verdict | None:
    """Judge `time`: milliseconds, at most a day ahead; None is fine."""
    if time is None:
        return None
    if not is_number(time) or not isinstance(time, int | float):
        return Verdict(BAD_TIME, f"time is milliseconds, not {shown(time)}")
    if time > at.wall_time * 1000 + MAX_AHEAD_MS:
        return Verdict(BAD_TIME, f"time {shown(time)} is more than 24 h ahead")
    return None
