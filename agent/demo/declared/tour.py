"""The tour of a declared device: the steps that its parts and its clouds make sense for."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final

from agent.demo.declared import steps
from agent.demo.declared.stage import OwnStage
from agent.demo.network import online
from agent.errors import AgentError
from agent.settings.smoothing import parse_warm_up

Step = Callable[[OwnStage], Awaitable[str]]

OLD: Final = "onenet-legacy"
"""The platform whose commands are plain words."""


def steps_of(stage: OwnStage) -> Mapping[str, Step]:
    """Tell the steps of a tour with this device."""
    has_numbers, has_outputs = bool(stage.numbers), bool(stage.thing.outputs())
    is_cold = any(parse_warm_up(each.warm_up) for each in stage.settings.sensors.values())
    says_words = stage.thing.switch is not None and stage.first.name == OLD
    every: Mapping[str, tuple[Step, bool]] = {
        "online": (online, True),
        "warm-up": (steps.warming, is_cold),
        "values": (steps.values, True),
        "on": (steps.switched, has_outputs),
        "words": (steps.words, says_words),
        "change": (steps.changed, has_numbers),
        "lost": (steps.lost, has_numbers),
        "rule": (steps.rule, has_numbers),
        "outage": (steps.outage, has_numbers or stage.thing.switch is not None),
        "off": (steps.off, has_outputs),
    }
    return {name: step for name, (step, makes_sense) in every.items() if makes_sense}


async def play(stage: OwnStage) -> AsyncIterator[tuple[str, bool, str]]:
    """Play every step: its name, whether it really happened, and what was seen.

    The first step that fails ends the tour.
    """
    for name, step in steps_of(stage).items():
        try:
            seen = await step(stage)
        except AgentError as error:
            yield name, False, str(error)
            return
        yield name, True, seen
