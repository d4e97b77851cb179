"""What holds for drivers of every role: errors, opening anew, letting go, and the loop."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from agent.attempt import Attempt
from agent.conformance.drivers.bench import Bench, Tried, raised, wrong_error
from agent.conformance.drivers.rule import Check, DriverRule
from agent.conformance.drivers.stands import Fault, Stand
from agent.errors import DriverError, LineBusyError

D = TypeVar("D")
P = TypeVar("P")

TIMES: Final = 3
DESCRIPTORS: Final = Path("/proc/self/fd")
_IS: Final = {
    Fault.GONE: "is gone",
    Fault.ERROR: "refuses",
    Fault.BUSY: "is somebody else's",
    Fault.SILENT: "does not answer",
}
_WAS: Final = {Fault.GONE: "was gone", Fault.ERROR: "refused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways(Generic[D, P]):
    """How the drivers of a role are opened and used.

    `failing`: the faults that have to be told. `tells`: whether they were, where no use raised;
    None: a use has to raise. `is_claimed`: what is somebody else's is a `LineBusyError`.
    `passes_errors`: what a use raises has to leave the context as it is, in no group.
    """

    role: str
    enter: Callable[[D], AbstractAsyncContextManager[P]]
    use: Callable[[P], Awaitable[object]]
    failing: tuple[Fault, ...] = (Fault.GONE, Fault.ERROR, Fault.BUSY)
    tells: Callable[[Bench[Any], P], Awaitable[bool]] | None = None
    is_claimed: bool = False
    passes_errors: bool = False


def shared_rules(ways: Ways[Any, Any]) -> tuple[DriverRule[Any], ...]:
    """Make the rules of one role that all roles have."""
    role = ways.role
    return (
        DriverRule(
            name=f"{role}-errors",
            statement="what the hardware fails at is told by a DriverError, and by nothing else",
            check=_errors(ways),
        ),
        DriverRule(
            name=f"{role}-again",
            statement="the same driver opens again and works once the hardware does",
            check=_again(ways),
        ),
        DriverRule(
            name=f"{role}-lets-go",
            statement="whatever it opened or started is closed and ended when it is left",
            check=_lets_go(ways),
        ),
    )


def waiting_rule(ways: Ways[Any, Any]) -> DriverRule[Any]:
    """Make the rule of what is awaited while the hardware does not answer."""
    return DriverRule(
        name=f"{ways.role}-off-loop",
        statement="while the hardware does not answer the loop runs, and who waits can give up",
        check=_off_loop(ways),
    )


def _errors(ways: Ways[Any, Any]) -> Check[Stand[Any]]:
    async def check(bench: Bench[Stand[Any]]) -> AsyncGenerator[str, None]:
        for fault in [each for each in ways.failing if each in bench.stand.faults]:
            with bench.faulty(fault):
                tried = await bench.tried(lambda: _opened_and_used(ways, bench))
            is_claim = fault is Fault.BUSY and ways.is_claimed
            for what in _wrong(tried, LineBusyError if is_claim else DriverError):
                yield f"opened while the hardware {_IS[fault]}: {what}"
            if fault is not Fault.BUSY:
                for what in _wrong(await _fails_while_open(ways, bench, fault)):
                    yield f"while it is open the hardware {_IS[fault]}: {what}"

    return check


async def _opened_and_used(ways: Ways[Any, Any], bench: Bench[Any]) -> bool:
    """Open and use it; tell whether somebody was told of what went wrong."""
    async with ways.enter(bench.stand.driver()) as opened:
        used = await _used(ways, bench, opened)
    return used()


async def _fails_while_open(
    ways: Ways[Any, Any], bench: Bench[Stand[Any]], fault: Fault
) -> Tried[bool]:
    async def run() -> bool:
        async with ways.enter(bench.stand.driver()) as opened:
            await ways.use(opened)
            with bench.faulty(fault):
                used = await _used(ways, bench, opened)
        return used()

    return await bench.tried(run)


async def _used(ways: Ways[Any, Any], bench: Bench[Any], opened: object) -> Callable[[], bool]:
    """Use it; give what tells whether somebody was told, or raises what the use did.

    An error of the use goes through the context of the driver only where its user lets it.
    """
    told = False
    with Attempt() as attempt:
        await ways.use(opened)
        told = ways.tells is not None and await ways.tells(bench, opened)
    error = attempt.error
    if error is not None and ways.passes_errors:
        raise error

    def outcome() -> bool:
        if error is not None:
            raise error
        return told

    return outcome


def _wrong(tried: Tried[bool], wanted: type[DriverError] = DriverError) -> list[str]:
    if tried.is_late:
        return ["it neither works nor says so"]
    if tried.error is None and not tried.result:
        return ["nobody is told"]
    wrong = wrong_error(tried.error, wanted)
    return [] if wrong is None else [wrong]


def _again(ways: Ways[Any, Any]) -> Check[Stand[Any]]:
    async def check(bench: Bench[Stand[Any]]) -> AsyncGenerator[str, None]:
        driver = bench.stand.driver()
        for fault in (None, Fault.GONE, Fault.ERROR, None):
            if fault is not None:
                if fault not in bench.stand.faults:
                    continue
                bench.stand.make(fault)
                await bench.tried(lambda: _once(ways, driver))
                bench.stand.make(None)
            tried = await bench.tried(lambda: _once(ways, driver))
            after = "" if fault is None else f" after the hardware {_WAS[fault]}"
            if tried.is_late:
                yield f"opened again{after} it does nothing"
            elif tried.error is not None:
                yield f"opened again{after} it raised {raised(tried.error)}"

    return check


async def _once(ways: Ways[Any, Any], driver: object) -> None:
    async with ways.enter(driver) as opened:
        await ways.use(opened)


def _lets_go(ways: Ways[Any, Any]) -> Check[Stand[Any]]:
    async def check(bench: Bench[Stand[Any]]) -> AsyncGenerator[str, None]:
        driver = bench.stand.driver()
        await _once(ways, driver)  # what is made once for good is made by now
        files, tasks = descriptors(), asyncio.all_tasks()
        for _ in range(TIMES):
            await _once(ways, driver)
        if not await bench.eventually(lambda: descriptors() <= files):
            yield f"{descriptors() - files} descriptors more are open after {TIMES} times"
        if not await bench.eventually(lambda: asyncio.all_tasks() <= tasks):
            names = sorted(task.get_name() for task in asyncio.all_tasks() - tasks)
            yield f"tasks go on when it is left: {', '.join(names)}"

    return check


def descriptors() -> int:
    """Count the files that are open here."""
    return len(list(DESCRIPTORS.iterdir()))


def _off_loop(ways: Ways[Any, Any]) -> Check[Stand[Any]]:
    async def check(bench: Bench[Stand[Any]]) -> AsyncGenerator[str, None]:
        if Fault.SILENT not in bench.stand.faults:
            return
        driver = bench.stand.driver()
        with bench.silent() as was_freed:
            using = asyncio.create_task(_once(ways, driver), name="conformance.waits")
            await asyncio.sleep(bench.patience_s / 10)
            if was_freed.is_set():
                yield "it holds the loop while it waits for the hardware"
            using.cancel()
            tried = await bench.tried(lambda: _ended(using), share=0.5)
            if tried.is_late:
                yield "it goes on waiting when it is cancelled"
            elif tried.error is not None and not was_freed.is_set():
                yield f"cancelled, it raised {raised(tried.error)}"

    return check


async def _ended(task: asyncio.Task[None]) -> None:
    """Wait for the end of a cancelled task; raise what it did, unless that is fit."""
    await asyncio.wait([task])
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, DriverError):
        raise error
