"""`[device.rules]`: each rule by its name, as `agent.automation.rules` reads it."""

import json
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from agent.automation.rules.book import MAX_RULES, NAMES, is_name, text_fault

_ALLOWED: Final = "; allowed: "
_HINT: Final = "; did you mean "
_SHOWN: Final = 48


def _checked_name(name: str) -> str:
    if not is_name(name):
        raise PydanticCustomError("rule_name", "no name of a rule", {"allowed": NAMES})
    return name


def _checked_text(text: str) -> str:
    from agent.devices.socket.thing_table import SOCKET  # noqa: PLC0415 - it needs the settings

    fault = text_fault(text, SOCKET)
    if fault:
        found, _, rest = fault.partition(_ALLOWED)
        allowed, sign, hint = rest.partition(_HINT)
        whole = json.dumps(text, ensure_ascii=False)
        short = whole if len(whole) <= _SHOWN else f"{whole[:_SHOWN]}…"
        context = {"found": f"{short}: {found}", "allowed": allowed}
        if sign:
            context["hint"] = f"did you mean {hint}"
        raise PydanticCustomError("rule_text", "no rule", context)
    return text


RuleName = Annotated[str, AfterValidator(_checked_name)]
RuleText = Annotated[str, AfterValidator(_checked_text)]
Rules = Annotated[
    dict[RuleName, RuleText],
    Field(max_length=MAX_RULES, description=f'up to {MAX_RULES} rules, NAME = "when …: …"'),
]
