"""`"auto"`: the first of several drivers that is installed and reaches what it is to drive."""

import importlib
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, Protocol, TypeVar

import structlog

from agent.errors import DriverError

log: Final = structlog.get_logger()

Path = str
"""`module:name`"""


class Candidate(Protocol):
    """A driver that can tell whether it would do."""

    def is_present(self) -> bool:
        """Tell whether it reaches its pins here; raise `DriverError` where it may not look."""
        ...


C = TypeVar("C", bound=Candidate)
S = TypeVar("S")


def load(path: Path) -> Any:  # noqa: ANN401 - what a path names, only its caller knows
    """Import a candidate; raise ImportError where its package is missing."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def choose(
    candidates: Sequence[tuple[str, Path]], make: Callable[[Path], C], *, event: str, pins: str
) -> C:
    """Make them in order until one fits; raise `DriverError` where none does."""
    reasons: list[str] = []
    for name, path in candidates:
        try:
            candidate = make(path)
        except ImportError:
            reasons.append(f"{name} is not installed")
            continue
        if candidate.is_present():
            log.info(event, driver=name, pin=pins)
            return candidate
        reasons.append(f"{name} knows no such line here, or lacks a package")
    raise DriverError(
        f"{pins}: no driver can reach it: {'; '.join(reasons)}. On a gateway:"
        " sudo scripts/install-service --extras gateway; on a Raspberry Pi --extras gateway,pi"
    )


class Chooser(Generic[S, C]):
    """A driver that chooses at each opening what it drives by: a chip may appear late."""

    def __init__(
        self,
        settings: S,
        thing: object = None,
        *,
        load: Callable[[Path], Callable[[S, object], C]] = load,
    ) -> None:
        self._settings = settings
        self._thing = thing
        self._load = load

    def _chosen(self, candidates: Sequence[tuple[str, Path]], *, event: str, pins: str) -> C:
        return choose(candidates, self._make, event=event, pins=pins)

    def _make(self, path: Path) -> C:
        return self._load(path)(self._settings, self._thing)
