"""Rules of dimmers: an output at the level that it was put to, at once."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from agent.attempt import tried
from agent.conformance.drivers.bench import Bench, slowness, wrong_error
from agent.conformance.drivers.lines import line_faults
from agent.conformance.drivers.rule import DriverRule
from agent.conformance.drivers.shared import Ways, shared_rules
from agent.conformance.drivers.stands import DimmerStand, Fault
from agent.conformance.rule import shown
from agent.ports import Dimmer, DimmerDriver

DIMMER: Final = "dimmer"
PATTERN: Final = (1.0, 0.0, 0.5, 0.25, 1.0, 0.75, 0.0)


async def _set(dimmer: Dimmer) -> None:
    dimmer.set(level=1.0)
    dimmer.set(level=0.0)


def _is_at(bench: Bench[DimmerStand], level: float) -> bool:
    """Tell whether the output is there, as near as its steps allow; off and full are exact."""
    if level in (0.0, 1.0):
        return bench.stand.level() == level
    return abs(bench.stand.level() - level) <= bench.stand.step


async def _opens_at_level(bench: Bench[DimmerStand]) -> AsyncGenerator[str, None]:
    stand = bench.stand
    for was, level in ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (0.0, 0.5), (1.0, 1.0)):
        stand.put(level=was)
        seen = len(stand.moves)
        async with stand.driver().open(level=level):
            if not _is_at(bench, level):
                yield f"opened at {level}, it stands at {stand.level():.3f}"
            low, high = min(was, level) - stand.step, max(was, level) + stand.step
            odd = [each for each in stand.moves[seen:] if not low <= each <= high]
            if odd:
                yield f"opened at {level} from {was}, it went by {shown(odd)}"


async def _obeys(bench: Bench[DimmerStand]) -> AsyncGenerator[str, None]:
    async with bench.stand.driver().open(level=0.0) as dimmer:
        for level in PATTERN:
            dimmer.set(level=level)
            if not _is_at(bench, level):
                yield f"after set(level={level}) it stands at {bench.stand.level():.3f}"


async def _at_once(bench: Bench[DimmerStand]) -> AsyncGenerator[str, None]:
    async with bench.stand.driver().open(level=0.0) as dimmer:
        wrong = slowness(lambda: dimmer.set(level=0.0))
        if wrong is not None:
            yield f"set {wrong}"
            return
        if Fault.SILENT not in bench.stand.faults:
            return
        with bench.silent() as was_freed:
            _, error = tried(lambda: dimmer.set(level=1.0))
            if was_freed.is_set():
                yield "set waits for the hardware to answer"
            wrong = wrong_error(error)
            if wrong is not None:
                yield f"set, while the hardware does not answer: {wrong}"


async def _line(bench: Bench[DimmerStand]) -> AsyncGenerator[str, None]:
    async with bench.stand.driver().open(level=0.0) as dimmer:
        line = dimmer.line
        for fault in () if line is None else line_faults(line):
            yield fault
        dimmer.set(level=1.0)
        if dimmer.line != line:
            yield "the line is another one when it is lit"


async def _never_lights(bench: Bench[DimmerStand]) -> AsyncGenerator[str, None]:
    async with bench.stand.driver().open(level=1.0) as dimmer:
        dimmer.set(level=0.0)
        seen = len(bench.stand.moves)
    await asyncio.sleep(0)
    if bench.stand.level() > 0 or any(bench.stand.moves[seen:]):
        yield "left dark, it lights up"


WAYS_OF_DIMMERS: Final[Ways[DimmerDriver, Dimmer]] = Ways(
    role=DIMMER, enter=lambda driver: driver.open(level=0.0), use=_set
)
DIMMER_RULES: Final[tuple[DriverRule[DimmerStand], ...]] = (
    DriverRule(
        name="dimmer-opens-at-level",
        statement="opened, it stands at its level, and went there without passing it",
        check=_opens_at_level,
    ),
    DriverRule(
        name="dimmer-obeys",
        statement="it follows every set; 0.0 is dark and 1.0 is full",
        check=_obeys,
    ),
    DriverRule(
        name="dimmer-at-once",
        statement="set returns at once, also while the hardware does not answer",
        check=_at_once,
    ),
    DriverRule(
        name="dimmer-line",
        statement="what outlives the process is named as the stop guard can reach it",
        check=_line,
    ),
    DriverRule(
        name="dimmer-never-lights",
        statement="leaving a dimmer that is dark never lights it",
        check=_never_lights,
    ),
    *shared_rules(WAYS_OF_DIMMERS),
)
