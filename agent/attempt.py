"""Running code of others, which may raise anything."""

from collections.abc import Callable
from pathlib import PurePath
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


class Attempt:
    """A block whose error is kept, for whoever ran it to judge; `with` goes on after it."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self.error = error
        return True


def tried(call: Callable[[], T]) -> tuple[T | None, Exception | None]:
    """Run foreign code: what it gave, and what it raised."""
    result: T | None = None
    with Attempt() as attempt:
        result = call()
    return result, attempt.error


def place_of(error: BaseException) -> str:
    """Tell the line of code that an error comes from; '' where nothing raised it."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
