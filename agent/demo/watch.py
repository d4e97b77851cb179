"""Waiting for what a step promises, at the socket and at every cloud's own view."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

from agent.demo.app import DemoError
from agent.demo.stage import Stage

T = TypeVar("T")
View = Mapping[str, Any]

ARRIVES_S: Final = 15.0
"""So long a report may take: the reporting interval, and a queue at one message a second."""

POLL_S: Final = 0.01
LOOK_S: Final = 0.05
LONGEST: Final = 300


async def until(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait for *condition*, asked often; return how long it took, or say what did not happen."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    while not condition():
        if loop.time() - begin > seconds:
            raise DemoError(f"{what}: not within {seconds:g} s")
        await asyncio.sleep(POLL_S)
    return loop.time() - begin


async def closes(stage: Stage) -> None:
    """Wait until the contact has closed."""
    await until(lambda: stage.is_closed, 3, "the contact closes")


class Shown(Protocol):
    """A cloud's app: its name, and what it shows."""

    @property
    def name(self) -> str: ...  # noqa: D102 - as the app's
    async def shown(self) -> dict[str, Any]: ...  # noqa: D102 - as the app's


class Seen(Protocol):
    """A stage whose device several clouds show."""

    @property
    def clouds(self) -> Sequence[Shown]: ...  # noqa: D102 - as the stage's


async def everywhere(
    stage: Seen, what: str, fits: Callable[[View], bool], seconds: float = ARRIVES_S
) -> list[View]:
    """Look at every cloud until its app shows what *fits*; return what each showed."""
    deadline = asyncio.get_running_loop().time() + seconds
    return [
        await look(each.shown, fits, deadline, f"{what} at {each.name}") for each in stage.clouds
    ]


async def look(
    see: Callable[[], Awaitable[T]], fits: Callable[[T], bool], deadline: float, what: str
) -> T:
    """See, until what is seen fits; from *deadline* on raise `DemoError` that tells what was."""
    loop = asyncio.get_running_loop()
    while True:
        seen = await see()
        if fits(seen):
            return seen
        if loop.time() > deadline:
            raise DemoError(f"{what}: not in time; seen: {_brief(seen)}")
        await asyncio.sleep(LOOK_S)


def shows(**wanted: object) -> Callable[[View], bool]:
    """Expect these values, each exactly; False is not 0 here."""
    return lambda view: all(view.get(name) is value for name, value in wanted.items())


def number(view: View, name: str) -> float:
    """Read a number; not-a-number, which fits nothing, where a view has none."""
    value: object = view.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return float(value)


def listed(clouds: Iterable[Shown]) -> str:
    """Name clouds in a sentence."""
    *others, last = [each.name for each in clouds]
    return f"{', '.join(others)} and {last}" if others else last


def _brief(seen: object) -> str:
    text = str(seen)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
