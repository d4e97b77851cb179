"""What a command asks of single outlets, and what that means for the strip as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agent.messages import Refusal, RefusalKind
from agent.model import Value, Values
from agent.settings.strip import switch_name

WHOLE: Final = "power_switch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which outlets belong to what is on, and the values that are left for the strip."""

    wanted: Mapping[str, bool]
    values: Values


def understood(values: Values, wanted: Mapping[str, bool], *, is_on: bool) -> Wish | Refusal:
    """Take the outlets' positions out of *values*, or refuse.

    *wanted*: which outlets are on; of a strip that is off: which come back with it. One that is
    switched on while the strip is off comes on alone, and the last one off puts the strip off.
    """
    names = {switch_name(output): output for output in wanted}
    asked: dict[str, bool] = {}
    for name, value in values.items():
        if name in names and not isinstance(value, bool):
            reason = f"{name} takes true or false, not {value!r:.80}"
            return Refusal(kind=RefusalKind.WRONG_TYPE, reason=reason)
        if name in names:
            asked[names[name]] = value is True
    if not asked:
        return Wish(wanted=wanted, values=values)
    rest = {name: value for name, value in values.items() if name not in names}
    return _meant(rest, asked, wanted, is_on=is_on)


def _meant(
    rest: dict[str, Value], asked: Mapping[str, bool], wanted: Mapping[str, bool], *, is_on: bool
) -> Wish | Refusal:
    whole = rest.get(WHOLE)
    alone = dict.fromkeys(wanted, False)
    after: Mapping[str, bool] = {**(wanted if is_on or whole is not None else alone), **asked}
    if whole is False and any(asked.values()):
        return _contradiction(f"{WHOLE} off and an outlet on")
    if whole is True and not any(after.values()):
        return _contradiction(f"{WHOLE} on and every outlet off")
    if whole is None and any(asked.values()):
        return Wish(wanted=after, values={**rest, WHOLE: True})
    if whole is None and not (is_on and any(after.values())):
        rest = {**rest, WHOLE: False}
        after = wanted if is_on else {**wanted, **asked}
    return Wish(wanted=after if any(after.values()) else wanted, values=rest)


def _contradiction(what: str) -> Refusal:
    return Refusal(kind=RefusalKind.OUT_OF_RANGE, reason=f"{what} contradict each other")
