"""The store's thread: one, which nothing waits for when the process ends."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class StoreThread(Executor):
    """Does one thing after another in a daemon thread.

    A `ThreadPoolExecutor` is waited for at the end of the process, and a disk that does not
    sync would hold up the stop for as long as it likes.
    """

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Do it when everything before it is done."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="store", daemon=True)
            self._thread.start()
        future: Future[T] = Future()
        self._work.put(lambda: _do(future, lambda: fn(*args, **kwargs)))
        return future

    def end(self) -> None:
        """End the thread when it has done what was given to it; do not wait for that."""
        self._work.put(None)

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            work()


class AtOnce(StoreThread):
    """Does everything at once, in the caller's thread: for a loop whose time is virtual."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Do it now."""
        future: Future[T] = Future()
        _do(future, lambda: fn(*args, **kwargs))
        return future

    def end(self) -> None:
        """Have no thread to end."""


def _do(future: Future[T], work: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - whoever waits gets it, as from any executor
        future.set_exception(error)
    else:
        future.set_result(result)
