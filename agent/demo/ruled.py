"""The step in which the socket acts by itself: a rule, written while it runs."""

from collections.abc import Mapping
from typing import Final, cast

from agent.demo.app import DemoError
from agent.demo.stage import Stage
from agent.demo.watch import View, closes, everywhere, listed, number, shows, until
from agent.drivers.simulated.appliances import make

Row = Mapping[str, object]

NAME: Final = "charged"
TEXT: Final = "when active_power < 20 for 1s after > 50: off"
BATTERY_W: Final = 100.0
TRICKLE_W: Final = 15.0
ACTS_S: Final = 5.0


async def rule(stage: Stage) -> str:
    """Let a battery become full: a rule switches off, every cloud sees it, and `why` names it."""
    stage.outlet.plug(make("phone_charger", BATTERY_W))
    await stage.control.call("rule_add", {"name": NAME, "text": TEXT})
    await stage.control.call("set", {"values": {"power_switch": True}})
    await closes(stage)
    await everywhere(stage, "the power of the charger", _is_charging)
    stage.outlet.plug(make("phone_charger", TRICKLE_W))
    took_s = await until(lambda: not stage.is_closed, ACTS_S, "the rule switches off")
    await everywhere(stage, "off by the rule", shows(power_switch=False))
    await _names_it(stage)
    await stage.control.call("rule_remove", {"name": NAME})
    return (
        f"'{TEXT}' switched off {took_s:.2f} s after the battery was full,"
        f" as {listed(stage.clouds)} show{'s' if len(stage.clouds) == 1 else ''}; `why` names it"
    )


async def _names_it(stage: Stage) -> None:
    answer = await stage.control.call("events", {"topics": ["relay"], "limit": 1})
    rows = cast("list[Row]", cast("Row", answer)["rows"])
    details: Row = cast("Row", rows[-1]["details"]) if rows else {}
    if (details.get("why"), details.get("name")) != ("rule", NAME):
        raise DemoError(f"the journal names no rule {NAME}: {dict(details)}")


def _is_charging(view: View) -> bool:
    return abs(number(view, "active_power") - BATTERY_W) < BATTERY_W / 20
