"""Keep a meter going: open it, pass its readings on, and open it again when it is lost."""

import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import structlog

from agent.errors import DriverError
from agent.model import Reading
from agent.ports import Clock, Meter

log = structlog.get_logger()


@runtime_checkable
class Listens(Protocol):
    """A meter that hands its readings on by itself, without a task that is woken for each."""

    async def listen(self, take: Callable[[Reading], None]) -> None:
        """Open the meter and hand on readings until it is lost; raise `DriverError` then."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How long to wait before the next attempt: jittered, up to a ceiling that doubles."""

    least_s: float = 1.0
    most_s: float = 30.0
    jitter: Callable[[], float] = random.random

    def delay_s(self, failures: int) -> float:
        """Tell the wait after so many failures in a row (the first is 1)."""
        ceiling = min(self.most_s, self.least_s * 2.0 ** min(failures, 16))
        return self.least_s + (ceiling - self.least_s) * self.jitter()


async def pump(
    meter: Meter,
    dispatch: Callable[[Reading], None],
    clock: Clock,
    on_state: Callable[[str | None], None],
    *,
    retry: Retry = Retry(),
) -> None:
    """Pass every reading to *dispatch*, for ever; `DriverError` only makes it open again.

    *on_state* gets the reason when the meter is lost, and None when a reading comes (the
    first one too).
    """
    failures = 0

    def tell_found() -> None:
        nonlocal failures
        _tell_found(failures, on_state)
        failures = 0

    while True:
        reason = await _run(meter, dispatch, tell_found)
        _tell_lost(reason, on_state, is_news=not failures)
        failures += 1
        await clock.sleep(retry.delay_s(failures))


async def _run(
    meter: Meter, dispatch: Callable[[Reading], None], tell_found: Callable[[], None]
) -> str:
    """Open the meter and pass its readings on until it is lost; return the reason."""
    is_found = is_passed_on = False

    def take(reading: Reading) -> None:
        nonlocal is_found, is_passed_on
        if not is_found:
            is_found = True
            tell_found()
        is_passed_on = False
        dispatch(reading)
        is_passed_on = True

    try:
        if isinstance(meter, Listens):
            await meter.listen(take)
        else:
            await _pull(meter, take)
    except DriverError as error:
        if is_found and not is_passed_on:
            raise  # a fault of whoever took the reading is none of the meter
        return str(error)
    return "the readings ended"


async def _pull(meter: Meter, take: Callable[[Reading], None]) -> None:
    async with _closing(meter.readings()) as readings:
        async for reading in readings:
            take(reading)


@asynccontextmanager
async def _closing(
    readings: AsyncIterator[Reading],
) -> AsyncGenerator[AsyncIterator[Reading], None]:
    """Close an async generator where it was opened, and not when it is collected."""
    try:
        yield readings
    finally:
        if isinstance(readings, AsyncGenerator):
            await readings.aclose()


def _tell_found(failures: int, on_state: Callable[[str | None], None]) -> None:
    if failures:
        log.warning("meter.found", failures=failures)
    else:
        log.info("meter.found")
    on_state(None)


def _tell_lost(reason: str, on_state: Callable[[str | None], None], *, is_news: bool) -> None:
    if is_news:
        log.warning("meter.lost", reason=reason)
        on_state(reason)
    else:
        log.debug("meter.lost", reason=reason)
