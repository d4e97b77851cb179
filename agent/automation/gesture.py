"""What a button's gesture does: anything that can be done, or a countdown that ends it."""

from dataclasses import dataclass
from typing import Final

from agent.automation.doing import ALLOWED as DOINGS
from agent.automation.doing import Doing, parse_doing
from agent.automation.durations import parse_duration

NOTHING: Final = "none"
ALLOWED: Final = f"{DOINGS} | countdown DURATION | {NOTHING}"
LONGEST_S: Final = 86_400

_COUNTDOWN: Final = "countdown "


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFor:
    """Switch on, and off again after so many seconds."""

    seconds: int


Action = Doing | OnFor


def parse_action(text: str) -> Action | None:
    """Understand what a gesture does, None for nothing; raise `ValueError` for anything else."""
    written = text.strip()
    if written == NOTHING:
        return None
    if not written.startswith(_COUNTDOWN):
        return _doing(written)
    seconds = parse_duration(written.removeprefix(_COUNTDOWN))
    if not 0 < seconds <= LONGEST_S:
        raise ValueError(f"{written!r:.80}: a countdown lasts from 1s to 24h")
    return OnFor(seconds=seconds)


def _doing(written: str) -> Doing:
    try:
        return parse_doing(written)
    except ValueError:
        raise ValueError(
            f"{written!r:.80} is nothing that a gesture does; allowed: {ALLOWED}"
        ) from None
