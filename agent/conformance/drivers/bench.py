"""Where a rule works: one stand, and attempts at code that may raise anything or never end."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final, Generic, TypeVar

from agent.attempt import Attempt, place_of
from agent.conformance.drivers.stands import Fault, Stand
from agent.conformance.rule import shown
from agent.errors import DriverError

S = TypeVar("S", bound=Stand[Any])
T = TypeVar("T")

POLL_S: Final = 0.001
CALLS: Final = 20
PROMPT_S: Final = 0.02
"""The fastest of several calls takes longer only where each of them waits for something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried(Generic[T]):
    """What came of an attempt; `is_late`: it had not ended in time, and was given up."""

    result: T | None = None
    error: Exception | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench(Generic[S]):
    """One stand, and how long hardware and driver may take for anything."""

    stand: S
    patience_s: float

    async def tried(self, call: Callable[[], Awaitable[T]], share: float = 1.0) -> Tried[T]:
        """Await foreign code, for so long or a *share* of it."""
        result: T | None = None
        deadline = asyncio.timeout(self.patience_s * share)
        with Attempt() as attempt:
            async with deadline:
                result = await call()
        if deadline.expired():
            return Tried(is_late=True)
        return Tried(result=result, error=attempt.error)

    async def eventually(self, condition: Callable[[], bool], share: float = 1.0) -> bool:
        """Wait until something is so, for so long or a *share* of it; tell whether it is."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self.patience_s * share
        while not condition() and loop.time() < give_up_at:  # noqa: ASYNC110 - hardware tells nobody
            await asyncio.sleep(POLL_S)
        return condition()

    @contextmanager
    def faulty(self, fault: Fault) -> Generator[None]:
        """Have something go wrong, and mend it at the end."""
        if fault is Fault.SILENT:
            with self.silent():
                yield
            return
        self.stand.make(fault)
        try:
            yield
        finally:
            self.stand.make(None)

    @contextmanager
    def silent(self) -> Generator[threading.Event]:
        """Have the hardware not answer; mend it at the end, or when it takes too long.

        The event is set then: by another thread, as whoever waits may hold the loop.
        """
        was_freed = threading.Event()

        def free() -> None:
            was_freed.set()
            self.stand.make(None)

        timer = threading.Timer(self.patience_s, free)
        timer.daemon = True
        self.stand.make(Fault.SILENT)
        timer.start()
        try:
            yield was_freed
        finally:
            timer.cancel()
            self.stand.make(None)


def slowness(call: Callable[[], object]) -> str | None:
    """Say what is wrong with a call that has to do its work at once."""
    took: list[float] = []
    for _ in range(CALLS):
        began = perf_counter()
        result = call()
        took.append(perf_counter() - began)
        if inspect.isawaitable(result):
            _discard(result)
            return "returns something to await: it has to be a plain def"
    if min(took) > PROMPT_S:
        return f"takes {min(took):.3f} s each time, in which nothing else of the agent runs"
    return None


def _discard(result: Awaitable[object]) -> None:
    """Let go of what nobody will await, without a warning."""
    if inspect.iscoroutine(result):
        result.close()


def wrong_error(error: Exception | None, wanted: type[DriverError] = DriverError) -> str | None:
    """Say what is wrong with an error of a driver; None is none."""
    if error is None or isinstance(error, wanted):
        return None
    return f"it raised {raised(error)}, not {wanted.__name__}"


def raised(error: BaseException) -> str:
    """Show an error and the line of code that it comes from."""
    place = place_of(error)
    return f"{shown(error)} at {place}" if place else shown(error)
