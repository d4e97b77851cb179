"""What keeps a device from working, while others of the process go on."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from agent.errors import AgentError, DriverError

T = TypeVar("T")

FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a device is not there, and when it is begun anew (monotonic seconds)."""

    error: str
    is_bug: bool
    retry_at: float


class Fails(Protocol):
    """A device, which a bug ends that showed elsewhere."""

    def fail(self, error: BaseException) -> None:
        """Have the bug end its life."""
        ...


def within(device: Fails, work: Callable[[], T], otherwise: T) -> T:
    """Do what is one device's part of what is everybody's: a bug in it is that device's alone."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - the border between one device and the others
        device.fail(error)
        return otherwise


@contextmanager
def missed(reason: str) -> Generator[None]:
    """Take a time limit that was missed for a driver's fault."""
    try:
        yield
    except TimeoutError as error:
        raise DriverError(reason) from error


def attempt(work: Callable[[], T]) -> T | Exception:
    """Do what is one device's alone, before there is a device that could fail by it."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - the border between one device and the others
        return error


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a task has ended; `cancellation` is its caller's, which the caller has to raise."""

    error: BaseException | None
    cancellation: asyncio.CancelledError | None


async def end_of(work: Coroutine[Any, Any, object], name: str) -> End:
    """Do *work* as a task of its own, which takes nobody along, and tell how it has ended.

    Where the caller is cancelled, so is the work, and its end is waited for.
    """
    task = asyncio.get_running_loop().create_task(work, name=name)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as cancellation:
            cancelled = cancellation
            task.cancel()
    error = None if task.cancelled() else task.exception()
    return End(error=error, cancellation=cancelled)


def leaves(error: BaseException) -> Iterator[BaseException]:
    """List the errors of which a group consists."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] -- of whatever errors
            yield from leaves(each)  # pyright: ignore[reportUnknownArgumentType]
    else:
        yield error


def trouble_of(error: BaseException, *, retry_at: float) -> Trouble:
    """Tell what a device's end by *error* is: something to wait for, or a bug."""
    found = list(leaves(error))
    is_bug = not all(isinstance(each, AgentError) for each in found)
    text = "; ".join(str(each) if isinstance(each, AgentError) else repr(each) for each in found)
    return Trouble(error=text, is_bug=is_bug, retry_at=retry_at)
