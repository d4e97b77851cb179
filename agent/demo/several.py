"""The steps that take several clouds: each commands, all see, and the journal knows who it was."""

from collections.abc import Mapping
from typing import cast

from agent.demo.app import CloudApp, DemoError
from agent.demo.stage import Stage
from agent.demo.watch import everywhere, listed, shows, until

Row = Mapping[str, object]


async def clouds(stage: Stage) -> str:
    """Switch from each cloud in turn; every other cloud sees it."""
    told = [await _switch_over(stage, cloud) for cloud in stage.clouds]
    return f"{', '.join(told)}; {listed(stage.clouds)} saw each"


async def why(stage: Stage) -> str:
    """Ask the agent what moved the contact last: it names the cloud, and the request as sent."""
    cloud = stage.clouds[-1]
    answer = await stage.control.call("events", {"topics": ["relay"], "limit": 1})
    rows = cast("list[Row]", cast("Row", answer)["rows"])
    if not rows:
        raise DemoError("the journal has no movement of the contact")
    details = cast("Row", rows[-1]["details"])
    by, request = str(details.get("by")), str(details.get("request") or "")
    if by != f"cloud {cloud.section}":
        raise DemoError(f"moved by {by}, says the journal, not by {cloud.name}")
    if not request or request not in await cloud.requests():
        raise DemoError(f"{cloud.name} sent no request {request!r}, which the journal names")
    return f"{rows[-1]['name']} by {by}, request {request}, as {cloud.name} sent it"


async def _switch_over(stage: Stage, cloud: CloudApp) -> str:
    is_on = not stage.is_closed
    answer_ms = await cloud.switch(on=is_on)
    word = "on" if is_on else "off"
    what = f"{word} from {cloud.name}"
    await until(lambda: stage.is_closed is is_on, 3, what)
    await everywhere(stage, what, shows(power_switch=is_on))
    return f"{what} ({answer_ms:.1f} ms)"
