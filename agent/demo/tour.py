"""The tour: what the socket does, step by step, each measured and each able to fail."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final

from agent.demo import several
from agent.demo import steps as of_one
from agent.demo.network import online
from agent.demo.outage import outage
from agent.demo.ruled import rule
from agent.demo.stage import Stage
from agent.errors import AgentError

Step = Callable[[Stage], Awaitable[str]]

STEPS: Final[Mapping[str, Step]] = {
    "online": online,
    "readings": of_one.readings,
    "on": of_one.switched_on,
    "load": of_one.load,
    "overload": of_one.overload,
    "event": of_one.event,
    "reset": of_one.reset,
    "outage": outage,
    "click": of_one.click,
    "countdown": of_one.countdown,
    "rule": rule,
    "off": of_one.off,
}
WITH_SEVERAL: Final[Mapping[str, Step]] = {"clouds": several.clouds, "why": several.why}
"""What takes more clouds than one."""


def steps_for(clouds: int) -> Mapping[str, Step]:
    """Tell the steps of a tour with so many clouds; it ends with the contact open."""
    if clouds == 1:
        return STEPS
    first = {name: step for name, step in STEPS.items() if name != "off"}
    return {**first, **WITH_SEVERAL, "off": STEPS["off"]}


async def play(
    stage: Stage, steps: Mapping[str, Step] | None = None
) -> AsyncIterator[tuple[str, bool, str]]:
    """Play every step: its name, whether it really happened, and what was seen.

    The first step that fails ends the tour.
    """
    for name, step in (steps or steps_for(len(stage.clouds))).items():
        try:
            seen = await step(stage)
        except AgentError as error:
            yield name, False, str(error)
            return
        yield name, True, seen
