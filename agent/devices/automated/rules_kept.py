"""The rules of a device on disk: as they are written, and as they are read back."""

from collections.abc import Mapping
from dataclasses import asdict

from pydantic import BaseModel, ConfigDict, Field

from agent.automation.rules.book import MAX_RULES, Added, Remembered, RuleBook, after_start
from agent.automation.rules.memory import Memory
from agent.automation.rules.rule import MAX_PER_HOUR
from agent.devices.starts import CLEAN, SAME_BOOT, UNWATCHED_S
from agent.model import StartCause


def written(book: RuleBook) -> Mapping[str, object]:
    """Write down what `KeptRules` reads."""
    return {
        "added": [asdict(each) for each in book.added],
        "disabled": list(book.disabled),
        "memory": [_row(each) for each in book.memory],
    }


def _row(each: Remembered) -> Mapping[str, object]:
    memory = asdict(each.memory)
    return {"name": each.name, "text": each.text, **memory, "fired": list(each.memory.fired)}


class Kept(BaseModel):
    """A part of what is kept; unknown keys, of a later version, are passed over."""

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)


class KeptAdded(Kept):
    """A rule that was added."""

    name: str
    text: str


class KeptMemory(Kept):
    """What one rule remembers."""

    name: str
    text: str
    since: float | None = None
    is_ready: bool = False
    is_spent: bool = False
    fired: list[float] = []
    fired_wall: float | None = None
    is_resting: bool = False


class KeptRules(Kept):
    """What is kept of the rules."""

    added: list[KeptAdded] = Field(default=[], max_length=MAX_RULES)
    disabled: list[str] = Field(default=[], max_length=2 * MAX_RULES)
    memory: list[KeptMemory] = Field(default=[], max_length=2 * MAX_RULES)

    def book(self) -> RuleBook:
        """Make the book that was kept."""
        return RuleBook(
            added=tuple(Added(name=each.name, text=each.text) for each in self.added),
            disabled=tuple(self.disabled),
            memory=tuple(_remembered(each) for each in self.memory),
        )


def taken_back(kept: KeptRules, saved_at: float | None, cause: StartCause, now: float) -> RuleBook:
    """Take the rules back; what held goes on where the process was away for a moment only."""
    away_s = None if saved_at is None else now - saved_at
    is_brief = away_s is not None and away_s <= UNWATCHED_S and cause in CLEAN
    return after_start(
        kept.book(),
        now,
        is_same_boot=cause in SAME_BOOT,
        away_s=away_s if is_brief else None,
    )


def _remembered(kept: KeptMemory) -> Remembered:
    memory = Memory(
        since=kept.since,
        is_ready=kept.is_ready,
        is_spent=kept.is_spent,
        fired=tuple(kept.fired[-MAX_PER_HOUR:]),
        fired_wall=kept.fired_wall,
        is_resting=kept.is_resting,
    )
    return Remembered(name=kept.name, text=kept.text, memory=memory)
