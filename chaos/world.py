"""Mains, a load and a chip in the harness's own process: they go on when the agent dies."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from agent.drivers.hlw8032.decoder import Coefficients
from agent.drivers.hlw8032.frame import parse, serialize
from agent.drivers.simulated.appliances import make
from agent.drivers.simulated.chip import PARAMETERS, Chip
from agent.drivers.simulated.faults import Line
from agent.drivers.simulated.feed import Feed
from agent.drivers.simulated.plant import Plant
from agent.model import COUNTER_MODULUS
from chaos.contact import Contact, watching
from chaos.stage import Stage

BOARD: Final = Coefficients(kv=3.069, ki=1.007, kp=3.108)
PULSE_PJ: Final = PARAMETERS.pp * round(BOARD.kp * 1e6)


class CountedChip(Chip):
    """A chip whose every pulse since the beginning is known; its counter may begin anew.

    *shown* is where the counter stands when nothing has been counted yet.
    """

    def __init__(self, plant: Plant, now: float, shown: int) -> None:
        super().__init__(plant.at, BOARD, now=now)
        self.pulses = 0
        self._last = 0
        self._shown = shown

    def frame(self) -> bytes:
        """Make the frame that the chip sends now."""
        frame = parse(super().frame())
        self.pulses += (frame.pulses - self._last) % COUNTER_MODULUS
        self._last = frame.pulses
        shown = (self._shown + self.pulses) % COUNTER_MODULUS
        return serialize(replace(frame, pulses=shown))

    def begin_anew(self) -> None:
        """Set the counter to 0, as a reset of the chip does."""
        self._shown = -self.pulses

    def pulses_at(self, counter: int) -> int:
        """Tell how many pulses there had been when the counter last stood there."""
        return self.pulses - (self._shown + self.pulses - counter) % COUNTER_MODULUS


class World:
    """A load of *power_w* behind the contact of *stage*, and the chip's line, which may be bad."""

    def __init__(self, stage: Stage, power_w: float, shown: int = 0) -> None:
        now = time.monotonic()
        self._plant = Plant(make("kettle", power_w), now=now)
        self.chip = CountedChip(self._plant, now, shown)
        self.contact = Contact(stage.contact, self._move)
        self.line = Line()
        self.feed = Feed(self.chip, self.line)

    def plug(self, power_w: float) -> None:
        """Plug another load in; with none of it, no pulse comes from now on."""
        load = make("kettle", power_w) if power_w else None
        self._plant.plug(load, now=time.monotonic())

    def set_mains(self, volts: float) -> None:
        """Change the voltage of the mains."""
        self._plant.set_mains(volts, now=time.monotonic())

    @property
    def port(self) -> str:
        """What the agent's meter is set to."""
        return f"socket://127.0.0.1:{self.feed.port}"

    def _move(self, on: bool, now: float) -> None:  # noqa: FBT001 - the watcher's callback
        self._plant.set_contact(on=on, now=now)


@asynccontextmanager
async def world(
    stage: Stage,
    power_w: float,
    more: Mapping[str, Mapping[str, object]] | None = None,
    *,
    shown: int = 0,
) -> AsyncGenerator[World, None]:
    """Put the meter of *stage* at the end of a line to a world of its own."""
    made = World(stage, power_w, shown)
    stage.contact.parent.mkdir(parents=True, exist_ok=True)
    with watching(made.contact, stage.contact.parent):
        async with made.feed:
            meter = {"driver": "hlw8032", "port": made.port}
            stage.write({"device.meter": meter, **(more or {})})
            yield made
