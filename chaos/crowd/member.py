"""One device of many: a meter and a relay whose faults can be turned on and off."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from typing import Final, NoReturn

from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from agent.drivers.hlw8032.framer import Framer
from agent.drivers.simulated.appliances import make
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.plant import Plant
from agent.errors import DriverError
from agent.model import Factors, Reading

BOARD: Final = Coefficients(kv=3.069, ki=1.007, kp=3.108)
BETWEEN_S: Final = 0.02
"""Who asks a chip within so short a time gets the same frame."""


class LineFault(StrEnum):
    """What is wrong with a meter's line."""

    NONE = "none"
    GARBAGE = "garbage"
    SILENCE = "silence"
    HANG_UP = "hang-up"


class Source:
    """A chip behind a contact, whose frames go to one meter, or to many whose relays stay on."""

    def __init__(self, load: str) -> None:
        now = asyncio.get_running_loop().time()
        self.plant = Plant(make(load), now=now)
        self.plant.set_contact(on=True, now=now)
        self._chip = Chip(self.plant.at, BOARD, now=now)
        self._at = float("-inf")
        self._frame = b""

    def frame_at(self, now: float) -> bytes:
        """Give the frame of this moment."""
        if now - self._at >= BETWEEN_S:
            self._chip.advance(now)
            self._at, self._frame = now, self._chip.frame()
        return self._frame


class CrowdMeter:
    """A meter's line in virtual time; it counts the frames that were sent whole."""

    def __init__(self, source: Source, chance: random.Random, *, is_own: bool) -> None:
        self.sent = 0
        self.is_own = is_own
        self.fault = LineFault.NONE
        self.period_s = FRAME_PERIOD_S * chance.uniform(0.99, 1.01)
        self._source = source
        self._chance = chance

    async def listen(self, take: Callable[[Reading], None]) -> NoReturn:
        """Hand on a reading a frame, and whatever the fault makes of the line."""
        loop, framer, decoder = asyncio.get_running_loop(), Framer(), Decoder(BOARD)
        due = loop.time() + self._chance.random() * self.period_s
        while True:
            await asyncio.sleep(due - loop.time())
            due += self.period_s
            for sighting in framer.feed(self._bytes(loop.time())):
                if sighting.rejection is None:
                    take(decoder.decode(sighting.frame).reading)

    def set_contact(self, *, on: bool) -> None:
        """Take note of the contact: what is behind it follows, where that is its own."""
        if self.is_own:
            self._source.plant.set_contact(on=on, now=asyncio.get_running_loop().time())

    def rescale(self, factors: Factors) -> None:
        """Stay as it is: nobody calibrates it."""
        del factors

    def readings(self) -> AsyncIterator[Reading]:
        """Give them one by one."""
        raise NotImplementedError("it is listened to")

    def _bytes(self, now: float) -> bytes:
        match self.fault:
            case LineFault.GARBAGE:
                return self._chance.randbytes(self._chance.randint(1, 60))
            case LineFault.SILENCE:
                return b""
            case LineFault.HANG_UP:
                raise DriverError("meter on the line: the other end hung up")
            case LineFault.NONE:
                self.sent += 1
                return self._source.frame_at(now)
