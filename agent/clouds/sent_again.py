"""Commands that may be old: a platform sends them again to the next session, without a word."""

from dataclasses import replace
from typing import Final

from agent.messages import (
    ActionCall,
    BadRequest,
    Downlink,
    PropertySet,
    PropertyToggle,
    Refusal,
    RefusalKind,
)

OLD_TOGGLE: Final = Refusal(
    kind=RefusalKind.NOT_ALLOWED,
    reason="this toggle may have been sent before the connect, and nobody knows what it meant"
    " then; nothing was done: send it again, or on or off",
)


def as_stored(downlink: Downlink) -> Downlink:
    """Take a command as one that the platform had stored; one without an id is none of those."""
    match downlink:
        case PropertySet(request_id=request_id) | ActionCall(request_id=request_id) if request_id:
            return replace(downlink, is_live=False)
        case PropertyToggle(request_id=request_id, context=context) if request_id:
            return BadRequest(request_id=request_id, refusal=OLD_TOGGLE, context=context)
        case _:
            return downlink
