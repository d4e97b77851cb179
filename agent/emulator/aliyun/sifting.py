"""Sorting what fits the TSL from what does not."""

from collections.abc import Mapping
from typing import NamedTuple

from agent.emulator.aliyun.dialogue import SUCCESS, Outcome, Verdict
from agent.emulator.aliyun.rules import AliyunRules
from agent.emulator.aliyun.types import DataType
from agent.emulator.json_text import as_object
from agent.emulator.values import Json


class Stamped(NamedTuple):
    """A value, and the time that the device gave it."""

    value: Json
    time: Json = None


class Sifted(NamedTuple):
    """The values that fit, and the verdict on each of the others by its name."""

    values: dict[str, Json]
    misfits: dict[str, Verdict]

    def outcome(self, rules: AliyunRules) -> Outcome:
        """Judge the whole: strong validation refuses it for one misfit, weak takes the rest."""
        if not self.misfits:
            return Outcome()
        first = next(iter(self.misfits.values()))
        if rules.refuses_unknown:
            return Outcome(first)
        hints: dict[str, Json] = {name: text for name, (_, text) in self.misfits.items()}
        remark = f"left out {', '.join(self.misfits):.80}: {first.message}"
        data = hints if rules.names_what_is_left_out else None
        return Outcome(SUCCESS, data=data, remark=remark)


def sift(
    values: Mapping[str, Json], kinds: Mapping[str, DataType], rules: AliyunRules, unknown: int
) -> Sifted:
    """Sort *values*; an identifier that the TSL lacks gets the code *unknown*."""
    taken: dict[str, Json] = {}
    misfits: dict[str, Verdict] = {}
    for name, value in values.items():
        kind = kinds.get(name)
        if kind is None:
            misfits[name] = Verdict(unknown, f"tsl parse: params not exist -> {name:.60}")
            continue
        misfit = kind.misfit(value, rules.checks)
        if misfit is None:
            taken[name] = value
        else:
            misfits[name] = Verdict(misfit.code, f"tsl parse: {name}: {misfit.reason}")
    return Sifted(taken, misfits)


def unwrap(value: Json) -> Stamped:
    """Take `{"value": …, "time": …}` apart; anything else is a bare value."""
    found = as_object(value)
    if found is None or "value" not in found or not found.keys() <= {"value", "time"}:
        return Stamped(value)
    return Stamped(found["value"], found.get("time"))
