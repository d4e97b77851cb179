"""A rule of drivers, and what an examination by it found."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from agent.attempt import Attempt
from agent.conformance.drivers.bench import Bench, raised
from agent.conformance.drivers.stands import Stand
from agent.conformance.rule import MAX_FINDINGS, Finding

S = TypeVar("S", bound=Stand[Any])

Check = Callable[[Bench[S]], AsyncGenerator[str, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverRule(Generic[S]):
    """A promise in one line, and what finds the ways in which a driver breaks it."""

    name: str
    statement: str
    check: Check[S] = field(repr=False)

    async def findings(
        self, stand: Callable[[], AbstractAsyncContextManager[Any]], patience_s: float
    ) -> tuple[Finding, ...]:
        """Examine a driver at a fresh stand; what it raises unexpectedly is a finding too."""
        found: list[str] = []
        with _stray_errors(found):
            with Attempt() as attempt:
                await self._examine(stand, patience_s, found)
            await asyncio.sleep(0)  # what it has left for the loop to call shows now
        if attempt.error is not None:
            found.append(f"it raised {raised(attempt.error)}")
        return tuple(Finding(rule=self.name, what=what) for what in found[:MAX_FINDINGS])

    async def _examine(
        self,
        stand: Callable[[], AbstractAsyncContextManager[Any]],
        patience_s: float,
        found: list[str],
    ) -> None:
        async with stand() as fresh:
            bench = Bench(stand=fresh, patience_s=patience_s)
            async with aclosing(self.check(bench)) as checking:
                async for what in checking:
                    found.append(what)
                    if len(found) >= MAX_FINDINGS:
                        break


@contextmanager
def _stray_errors(found: list[str]) -> Generator[None]:
    """Take what a task or a callback leaves on the loop, which nobody catches, for a finding."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()

    def note(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        del loop
        error = context.get("exception")
        what = raised(error) if isinstance(error, BaseException) else context.get("message")
        found.append(f"it left an error on the loop: {what}")

    loop.set_exception_handler(note)
    try:
        yield
    finally:
        loop.set_exception_handler(before)
