"""Rules of lights: dark at first and at the end, and the latest colour in between."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Final

from agent.attempt import tried
from agent.conformance.drivers.bench import Bench, slowness, wrong_error
from agent.conformance.drivers.rule import DriverRule
from agent.conformance.drivers.shared import Ways, shared_rules
from agent.conformance.drivers.stands import Fault, IndicatorStand
from agent.conformance.rule import shown
from agent.model import BLACK, Color
from agent.ports import Indicator, IndicatorDriver


def _is(stand: IndicatorStand, color: Color) -> bool:
    return stand.color() == color


async def _shows(bench: Bench[IndicatorStand]) -> AsyncGenerator[str, None]:
    stand = bench.stand
    async with stand.driver().open() as light:
        for color in (*stand.colors, BLACK, stand.colors[0]):
            light.show(color)
            if not await bench.eventually(partial(_is, stand, color)):
                yield f"of {shown(color)} it shows {shown(stand.color())}"
        for color in stand.colors:
            light.show(color)
        latest = stand.colors[-1]
        if not await bench.eventually(lambda: stand.color() == latest):
            yield f"of many it shows {shown(stand.color())}, not the latest"


async def _dark(bench: Bench[IndicatorStand]) -> AsyncGenerator[str, None]:
    stand = bench.stand
    async with stand.driver().open() as light:
        if not await bench.eventually(lambda: stand.color() == BLACK):
            yield f"opened, it shows {shown(stand.color())}"
        light.show(stand.colors[0])
    if not await bench.eventually(lambda: stand.color() == BLACK):
        yield f"left, it shows {shown(stand.color())}"


async def _at_once(bench: Bench[IndicatorStand]) -> AsyncGenerator[str, None]:
    async with bench.stand.driver().open() as light:
        wrong = slowness(lambda: light.show(BLACK))
        if wrong is not None:
            yield f"show {wrong}"
            return
        if Fault.SILENT not in bench.stand.faults:
            return
        with bench.silent() as was_freed:
            _, error = tried(lambda: light.show(bench.stand.colors[0]))
            if was_freed.is_set():
                yield "show waits for the hardware to answer"
            wrong = wrong_error(error)
            if wrong is not None:
                yield f"show, while the hardware does not answer: {wrong}"


def _open(driver: IndicatorDriver) -> AbstractAsyncContextManager[Indicator]:
    return driver.open()


async def _light(light: Indicator) -> None:
    light.show(Color(red=255, green=255, blue=255))
    light.show(BLACK)


async def _may_be_dark(bench: Bench[IndicatorStand], light: Indicator) -> bool:
    """Tell that a light which does not show what it should is nothing that must be told."""
    del bench, light
    return True


WAYS_OF_INDICATORS: Final[Ways[IndicatorDriver, Indicator]] = Ways(
    role="indicator", enter=_open, use=_light, tells=_may_be_dark
)
INDICATOR_RULES: Final[tuple[DriverRule[IndicatorStand], ...]] = (
    DriverRule(
        name="indicator-shows",
        statement="it shows what it is told, and of many the latest",
        check=_shows,
    ),
    DriverRule(
        name="indicator-dark",
        statement="it is dark when it is opened, and when it is left",
        check=_dark,
    ),
    DriverRule(
        name="indicator-at-once",
        statement="show returns at once, also while the hardware does not answer",
        check=_at_once,
    ),
    *shared_rules(WAYS_OF_INDICATORS),
)
