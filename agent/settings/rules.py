"""`[device.rules]`: each rule by its name, as `agent.automation.rules` reads it."""

import json
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from agent.automation.rules.book import MAX_RULES, NAMES, is_name
from agent.automation.rules.grammar import RuleTextError, parse_rule

_ALLOWED: Final = "; allowed: "
_HINT: Final = "; did you mean "
_SHOWN: Final = 48


def _checked_name(name: str) -> str:
    if not is_name(name):
        raise PydanticCustomError("rule_name", "no name of a rule", {"allowed": NAMES})
    return name


def _checked_text(text: str) -> str:
    """Pass a rule through; whether it suits the device is told with its thing at hand."""
    try:
        parse_rule(text)
    except RuleTextError as error:
        parts = in_parts(text, str(error))
        raise PydanticCustomError("rule_text", "no rule", {**parts._asdict()}) from None
    return text


class Parts(NamedTuple):
    """What is wrong with a rule, as a fault of a file has it."""

    found: str
    allowed: str
    hint: str


def in_parts(text: str, fault: str) -> Parts:
    """Take *fault*, which tells what is wrong with *text*, apart."""
    found, _, rest = fault.partition(_ALLOWED)
    allowed, sign, hint = rest.partition(_HINT)
    whole = json.dumps(text, ensure_ascii=False)
    short = whole if len(whole) <= _SHOWN else f"{whole[:_SHOWN]}…"
    return Parts(f"{short}: {found}", allowed, f"did you mean {hint}" if sign else "")


RuleName = Annotated[str, AfterValidator(_checked_name)]
RuleText = Annotated[str, AfterValidator(_checked_text)]
Rules = Annotated[
    dict[RuleName, RuleText],
    Field(max_length=MAX_RULES, description=f'up to {MAX_RULES} rules, NAME = "when …: …"'),
]
