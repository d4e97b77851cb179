"""Running code of others, which may raise anything."""

from collections.abc import Callable
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
