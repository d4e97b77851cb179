"""A loop on which waiting costs nothing, and a clock that goes with it."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, TypeVar

from agent.clouds.loop_clock import LoopClock
from agent.emulator.aliyun.rules import AliyunRules
from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.options import EmulatorOptions
from agent.emulator.tencent.rules import TencentRules

T = TypeVar("T")

EPOCH: Final = 1_800_000_000.0
"""The time of day at the loop's zero."""

BEGIN_S: Final = 1000.0
ROUNDING_S: Final = 1e-6
"""Times are sums of floats."""

LIMITED: Final[Mapping[str, Any]] = {
    "tencent": TencentRules(connect_interval_s=5),
    "aliyun": AliyunRules(connects_per_minute=5),
    "onenet": OnenetRules(logins_per_5s=3, publishes_per_s=1, sets_per_s=1),
}
"""The platforms' own limits, where the emulator does not keep them unless asked."""


class _Selector(selectors.DefaultSelector):
    """Never waits: it moves the loop's time instead."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("nothing will ever happen on this loop")
            self.loop.move(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes only while nothing is to be done."""

    def __init__(self) -> None:
        selector = _Selector()
        selector.loop = self
        self._moved = BEGIN_S
        super().__init__(selector)

    def time(self) -> float:
        """Tell the virtual time."""
        return self._moved

    def move(self, timeout: float) -> None:
        """Let *timeout* pass, and not a rounding error less: what is due would come for ever."""
        after = self._moved + max(timeout, 0.0)
        scheduled: list[asyncio.TimerHandle] = getattr(self, "_scheduled", [])
        due = scheduled[0].when() if scheduled else after
        self._moved = due if abs(due - after) < 1e-9 else after


class VirtualClock(LoopClock):
    """The loop's time; the time of day is known and right."""

    def wall_time(self) -> float | None:
        """Tell the time of day."""
        return EPOCH + self.now()


def run_virtually(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)


def limited_options(cloud: str, **more: Any) -> EmulatorOptions:  # noqa: ANN401 - fields of the options
    """Make the options of one emulated cloud that keeps its platform's limits."""

    def wall_clock() -> float:
        return EPOCH + asyncio.get_running_loop().time()

    return EmulatorOptions(clouds=(cloud,), wall_clock=wall_clock, **LIMITED, **more)


async def until(condition: Callable[[], bool], within_s: float, what: str) -> float:
    """Wait in virtual time; tell how long it took; raise where it does not come."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not condition():
        if loop.time() - began > within_s:
            raise RuntimeError(f"{what}: not within {within_s:g} s")
        await asyncio.sleep(0.1)
    return loop.time() - began
