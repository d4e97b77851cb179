"""The text of a rule, read: one fault of it is told with its place and with what is allowed."""

from collections.abc import Sequence
from datetime import time
from functools import lru_cache
from typing import Final

from agent.automation.doing import ALLOWED as DOINGS
from agent.automation.doing import Doing, parse_doing, parse_value
from agent.automation.durations import ALLOWED as DURATIONS
from agent.automation.durations import parse_duration, write_duration
from agent.automation.rules.presets import PRESET, expanded
from agent.automation.rules.rule import (
    MAX_CONDITIONS,
    MAX_DOINGS,
    MAX_FOR_S,
    MAX_TEXT,
    REST_S,
    After,
    Between,
    Condition,
    Op,
    Rule,
    implied_name,
)
from agent.automation.rules.tokens import Token, tokens_of
from agent.automation.rules.writing import write_rule
from agent.model import Value
from agent.settings.names import nearest

ALLOWED: Final = (
    "when NAME OP VALUE [and NAME OP VALUE]… [for DURATION] [after [NAME] OP VALUE [for DURATION]]"
    " [between HH:MM and HH:MM] [rest DURATION]: ACTION[; ACTION]…"
)
KEYWORDS: Final = ("when", "and", "for", "after", "between", "rest")
_OPS: Final = "< <= > >= == !="
_VALUES: Final = 'a number, true, false, on, off or a "text"'


class RuleTextError(ValueError):
    """A text that is no rule; it says what stands where, and what is allowed."""


@lru_cache(maxsize=256)
def parse_rule(text: str) -> Rule:
    """Understand a rule or a preset; raise `RuleTextError` for anything else."""
    written = text.replace("\n", " ").replace("\t", " ").strip()
    if len(written) > MAX_TEXT:
        raise RuleTextError(f"it has {len(written)} characters; allowed: up to {MAX_TEXT}")
    if not written.isprintable():
        raise RuleTextError("it has characters that cannot be printed; allowed: plain text")
    if written.partition(" ")[0] == PRESET:
        try:
            written = expanded(written)
        except ValueError as error:
            raise RuleTextError(str(error)) from error
    rule = _Reader(written).rule()
    whole = len(write_rule(rule))
    if whole > MAX_TEXT:
        raise RuleTextError(f"written out it has {whole} characters; allowed: up to {MAX_TEXT}")
    return rule


class _Reader:
    """Reads the tokens of one text, in order."""

    def __init__(self, text: str) -> None:
        self._tokens, self._rest, self._rest_at = tokens_of(text)
        self._place = 0

    def rule(self) -> Rule:
        """Read the whole text."""
        self._expect("when")
        conditions = [self._condition(None)]
        while self._takes("and"):
            if len(conditions) == MAX_CONDITIONS:
                raise self._fault(f"at most {MAX_CONDITIONS} conditions", back=1)
            conditions.append(self._condition(None))
        for_s = self._duration() if self._takes("for") else 0
        after = self._after(conditions) if self._takes("after") else None
        between = self._between() if self._takes("between") else None
        rest_s = self._duration() if self._takes("rest") else REST_S
        self._end(len(conditions), for_s, after, between)
        return Rule(
            conditions=tuple(conditions),
            doings=self._doings(),
            for_s=for_s,
            after=after,
            between=between,
            rest_s=rest_s,
        )

    # ── parts ───────────────────────────────────────────────────────────────────────────────

    def _condition(self, name: str | None) -> Condition:
        """Read a comparison, of *name* where the text gives none."""
        token = self._next
        if token.kind == "word" and token.text not in KEYWORDS:
            name = self._take().text
        if name is None:
            raise self._fault("the name of a value, such as active_power")
        token = self._next
        if token.kind != "op":
            raise self._fault(f"one of {_OPS}")
        op = Op(self._take().text)
        return Condition(name=name, op=op, value=self._value())

    def _value(self) -> Value:
        token = self._next
        if token.kind == "number":
            return parse_value(self._take().text)
        if token.kind == "text":
            return self._take().text.strip('"')
        value = parse_value(token.text) if token.kind == "word" else None
        if not isinstance(value, bool):
            raise self._fault(_VALUES)
        self._take()
        return value

    def _after(self, conditions: Sequence[Condition]) -> After:
        token = self._next
        name = implied_name(conditions, Op(token.text)) if token.kind == "op" else None
        condition = self._condition(name)
        return After(condition=condition, for_s=self._duration() if self._takes("for") else 0)

    def _between(self) -> Between:
        start = self._time()
        if not self._takes("and"):
            raise self._fault("and HH:MM")
        end = self._time()
        if start == end:
            raise self._fault("two different times", back=1)
        return Between(start=start, end=end)

    def _time(self) -> time:
        hours, _, minutes = self._next.text.partition(":")
        if self._next.kind != "time" or int(hours) > 23 or int(minutes) > 59:
            raise self._fault("a time from 00:00 to 23:59")
        self._take()
        return time(int(hours), int(minutes))

    def _duration(self) -> int:
        token = self._next
        try:
            seconds = parse_duration(token.text)
        except ValueError:
            raise self._fault(DURATIONS) from None
        if not 1 <= seconds <= MAX_FOR_S:
            raise self._fault(f"1s to {write_duration(MAX_FOR_S)}")
        self._take()
        return seconds

    def _end(
        self, conditions: int, for_s: int, after: After | None, between: Between | None
    ) -> None:
        """Take the colon, or say what may stand in its place by what has been read."""
        if self._next.kind == "colon":
            return
        can_go_on = not (for_s or after or between) and conditions < MAX_CONDITIONS
        open_words = (
            *(("and",) if can_go_on else ()),
            *(("for",) if not (for_s or after or between) else ()),
            *(("after",) if not (after or between) else ()),
            *(("between",) if not between else ()),
            "rest",
        )
        raise self._fault(" | ".join((*open_words, "':'")), words=open_words)

    def _doings(self) -> tuple[Doing, ...]:
        parts = self._rest.split(";")
        if len(parts) > MAX_DOINGS:
            raise RuleTextError(f"it does {len(parts)} things; allowed: up to {MAX_DOINGS}")
        doings: list[Doing] = []
        place = self._rest_at
        for part in parts:
            doings.append(_doing(part, place + 1 + len(part) - len(part.lstrip())))
            place += len(part) + 1
        return tuple(doings)

    # ── tokens ──────────────────────────────────────────────────────────────────────────────

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._next
        self._place += 1
        return token

    def _takes(self, word: str) -> bool:
        """Take *word* if it is the next one."""
        token = self._next
        if token.kind != "word" or token.text != word:
            return False
        self._place += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._takes(word):
            raise self._fault(ALLOWED, words=(word, PRESET))

    def _fault(self, allowed: str, *, words: Sequence[str] = (), back: int = 0) -> RuleTextError:
        token = self._tokens[self._place - back]
        found = token.text if not token.kind else repr(token.text)
        hint = nearest(token.text, words) if words else ""
        text = f"character {token.at}: found {found:.60}; allowed: {allowed}"
        return RuleTextError(f"{text}; {hint}" if hint else text)


def _doing(part: str, at: int) -> Doing:
    try:
        return parse_doing(part)
    except ValueError:
        found = repr(part.strip()) if part.strip() else "nothing"
        hint = nearest(part.strip().partition(" ")[0], ("on", "off", "toggle", "set", "event"))
        text = f"character {at}: found {found:.60}; allowed: {DOINGS}"
        raise RuleTextError(f"{text}; {hint}" if hint else text) from None
