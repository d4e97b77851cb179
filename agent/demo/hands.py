"""The person at the live view: what each key does."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import structlog

from agent.demo.app import CloudApp
from agent.demo.stage import Stage
from agent.drivers.simulated.appliances import make
from agent.errors import AgentError

APPLIANCES: Final = {
    "l": "lamp",
    "k": "kettle",
    "p": "phone_charger",
    "m": "compressor",
    "o": "overload",
}
COUNTDOWN_S: Final = 10
ENDS: Final = frozenset({"q", "\x03", "\x04"})


@contextmanager
def keyboard(on_keys: Callable[[bytes], object]) -> Generator[None]:
    """Tell *on_keys* what is typed while the context is open."""
    loop, keys = asyncio.get_running_loop(), sys.stdin.fileno()
    loop.add_reader(keys, lambda: on_keys(os.read(keys, 64)))
    try:
        yield
    finally:
        loop.remove_reader(keys)


class Hands:
    """What the person has done, and which cloud commands."""

    def __init__(self, stage: Stage, group: asyncio.TaskGroup) -> None:
        self._stage = stage
        self._group = group
        self.commanding: CloudApp = stage.first
        self.plugged = "lamp"
        self.network_is_cut = False
        self.is_done = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def of(cls, stage: Stage) -> AsyncGenerator["Hands", None]:
        """Listen to the keyboard while the context is open."""
        async with asyncio.TaskGroup() as group:
            hands = cls(stage, group)
            with keyboard(hands.on_keys):
                yield hands

    def on_keys(self, typed: bytes) -> None:
        """Take what was typed since the last time; an end of input ends the view."""
        if not typed:
            self.is_done.set()
        for key in typed.decode("ascii", "replace"):
            self.on_key(key)

    def on_key(self, key: str) -> None:
        """Take one key; one that means nothing does nothing."""
        actions: dict[str, Callable[[], Awaitable[object]]] = {
            " ": self._stage.click,
            "c": lambda: self.commanding.switch(on=not self._stage.is_closed),
            "d": lambda: self.commanding.count_down(COUNTDOWN_S, to=not self._stage.is_closed),
            "n": self._toggle_network,
        }
        if key in ENDS:
            self.is_done.set()
        elif key in APPLIANCES:
            self.plugged = APPLIANCES[key]
            self._stage.outlet.plug(make(self.plugged))
        elif key in actions:
            self._group.create_task(self._do(actions[key]), name=f"key {key!r}")
        elif "1" <= key <= str(len(self._stage.clouds)):
            self.commanding = self._stage.clouds[int(key) - 1]

    async def _do(self, action: Callable[[], Awaitable[object]]) -> None:
        try:
            await action()
        except AgentError as error:
            structlog.get_logger().warning("demo.failed", error=str(error))

    async def _toggle_network(self) -> None:
        self.network_is_cut = not self.network_is_cut
        if self.network_is_cut:
            await self._stage.first.api.fault("drop")
        else:
            await self._stage.first.api.heal()
