"""The person at the live view of a declared device: what each key does."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final, cast

import structlog

from agent.demo.declared.app import OwnApp
from agent.demo.declared.file import WIDEST, usual
from agent.demo.declared.stage import OwnStage
from agent.demo.hands import ENDS, keyboard
from agent.errors import AgentError
from agent.model import Value
from agent.thing import Kind

STEPS: Final = 20
LEVEL: Final = 20


class OwnHands:
    """What the person has done; `chosen` is the row that keys act on."""

    def __init__(self, stage: OwnStage, group: asyncio.TaskGroup) -> None:
        self._stage = stage
        self._group = group
        self._names = [row.field.name for row in stage.thing.properties]
        self._shown = {name: usual(each) for name, each in stage.numbers.items()}
        self.commanding: OwnApp = stage.first
        self.chosen = stage.thing.switch or self._names[0]
        self.network_is_cut = False
        self.is_done = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def of(cls, stage: OwnStage) -> AsyncGenerator["OwnHands", None]:
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
        actions: Mapping[str, Callable[[], object]] = {
            "j": lambda: self._choose(1),
            "k": lambda: self._choose(-1),
            "+": lambda: self._move(1),
            "-": lambda: self._move(-1),
            "x": self._break,
            " ": lambda: self._do(self._turn_by_hand),
            "c": lambda: self._do(self._turn_by_cloud),
            "n": lambda: self._do(self._toggle_network),
        }
        if key in ENDS:
            self.is_done.set()
        elif key in actions:
            actions[key]()
        elif "1" <= key <= str(len(self._stage.clouds)):
            self.commanding = self._stage.clouds[int(key) - 1]

    def is_broken(self, name: str) -> bool:
        """Tell whether the person broke a sensor."""
        return name in self._stage.sensors and self._stage.sensors[name].fault != "none"

    def _choose(self, by: int) -> None:
        place = (self._names.index(self.chosen) + by) % len(self._names)
        self.chosen = self._names[place]

    def _move(self, by: int) -> None:
        """Move what a sensor measures; one that is on or off goes on with +."""
        name, stage = self.chosen, self._stage
        if name in self._shown:
            section = stage.numbers[name]
            low, high = section.range
            step = (
                (high - low) / STEPS
                if high - low <= WIDEST
                else max(abs(self._shown[name]), 10) / 4
            )
            moved = min(high, max(low, self._shown[name] + by * step))
            self._shown[name] = moved
            stage.show(name, moved)
        elif name in stage.sensors:
            stage.sensors[name].show(value=by > 0)
        else:
            self._do(lambda: self._set_by_hand(self._turned(by)))

    def _break(self) -> None:
        """Break the chosen sensor, or mend it."""
        sensor = self._stage.sensors.get(self.chosen)
        if sensor is not None:
            sensor.fault = "error" if sensor.fault == "none" else "none"

    def _turned(self, by: int = 0) -> Value:
        """Tell what an output is put to: over, or a step up or down."""
        row = self._stage.thing.property(self.chosen)
        assert row is not None
        value = self._stage.snapshot[self.chosen]
        if row.field.kind is Kind.BOOL:
            return by > 0 if by else value is not True
        level = int(cast("int", value))
        return min(100, max(0, level + by * LEVEL)) if by else (0 if level else 100)

    async def _turn_by_hand(self) -> None:
        await self._set_by_hand(self._turned())

    async def _set_by_hand(self, value: Value) -> None:
        await self._stage.control.call("set", {"values": {self.chosen: value}})

    async def _turn_by_cloud(self) -> None:
        await self.commanding.order(self.chosen, self._turned())

    async def _toggle_network(self) -> None:
        self.network_is_cut = not self.network_is_cut
        if self.network_is_cut:
            await self._stage.first.api.fault("drop")
        else:
            await self._stage.first.api.heal()

    def _do(self, action: Callable[[], Awaitable[object]]) -> None:
        self._group.create_task(self._done(action), name="a key")

    async def _done(self, action: Callable[[], Awaitable[object]]) -> None:
        try:
            await action()
        except AgentError as error:
            structlog.get_logger().warning("demo.failed", error=str(error))
