"""What a device answers to a request: its own codes, and where the answer goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agent.clouds.payload import Body
from agent.messages import Outcome, RefusalKind

SUCCESS: Final = 200

CODES: Final[Mapping[RefusalKind, int]] = {
    RefusalKind.MALFORMED: 400,
    RefusalKind.NOT_ALLOWED: 403,
    RefusalKind.UNKNOWN_NAME: 404,
    RefusalKind.READ_ONLY: 405,
    RefusalKind.TRIPPED: 409,
    RefusalKind.WRONG_TYPE: 415,
    RefusalKind.OUT_OF_RANGE: 416,
    RefusalKind.FAILED: 500,
}
"""The platform leaves all but 200 to the device; these are HTTP's numbers, which people know."""

MAX_MSG: Final = 160
"""Escaped, so many characters stay below the 1 KB that a command's answer may have."""

REPLY_QOS: Final = 0
"""A reply waits for no PUBACK: it is worth something at once or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyTo:
    """The context of a request that wants an answer."""

    topic: str


def result(outcome: Outcome) -> Body:
    """Tell what came of a request."""
    if outcome.refusal is None:
        return {"code": SUCCESS, "msg": "success"}
    return {"code": CODES[outcome.refusal.kind], "msg": outcome.refusal.reason[:MAX_MSG]}
