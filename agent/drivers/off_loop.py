"""A question that may block: asked in a thread, one at a time, and given up after a while."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, Generic, TypeVar

from agent.errors import DriverError

T = TypeVar("T")

PATIENCE_S: Final = 5.0
"""Who has not answered for so long hangs: the slowest sensor, on 1-wire, takes 0.75 s."""


class OffLoop(Generic[T]):
    """Asks in a thread called *thread*; an error says of *what* it is.

    There is one thread at most, whatever hangs, and it does not hold up the end of the process:
    a read inside the kernel cannot be taken back.
    """

    def __init__(self, thread: str, what: str, *, patience_s: float = PATIENCE_S) -> None:
        self._thread = thread
        self._what = what
        self._patience_s = patience_s
        self._asked: Future[T] | None = None

    async def ask(self, question: Callable[[], T]) -> T:
        """Ask now; raise `DriverError`, at once while an earlier question is still open."""
        if self._asked is not None and not self._asked.done():
            raise self._no_answer()
        self._asked = self._begin(question)
        waiting = asyncio.wrap_future(self._asked)
        try:
            await asyncio.wait([waiting], timeout=self._patience_s)
            if not waiting.done():
                raise self._no_answer()
        finally:
            waiting.cancel()  # the thread itself goes on, and its answer is nobody's then
        return waiting.result()

    def _begin(self, question: Callable[[], T]) -> Future[T]:
        asked: Future[T] = Future()
        asked.set_running_or_notify_cancel()
        threading.Thread(
            target=_answer, args=(asked, question), name=self._thread, daemon=True
        ).start()
        return asked

    def _no_answer(self) -> DriverError:
        return DriverError(
            f"{self._what}: no answer within {self._patience_s:g} s: the sensor or its bus hangs;"
            " look at its wiring and at dmesg, or unplug the sensor and plug it in again"
        )


def _answer(asked: Future[T], question: Callable[[], T]) -> None:
    try:
        asked.set_result(question())
    except DriverError as error:
        asked.set_exception(error)
    finally:
        if not asked.done():  # a bug, whose trace the thread itself tells: it ends the agent
            asked.set_exception(RuntimeError("a driver's thread has failed"))
