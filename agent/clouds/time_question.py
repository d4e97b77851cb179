"""The platform's time: asked now and then, while nobody keeps this machine's clock."""

import asyncio
from contextlib import suppress
from typing import Final

from agent.clouds.door import Door
from agent.clouds.pacing import Pacer
from agent.messages import TimeAnswer
from agent.model import Trust
from agent.ports import Clock, Codec, Session

PATIENCE_S: Final = 15.0
MAX_PATIENCE_S: Final = 600.0
"""How long an answer is waited for, at first and in the end."""

MAX_ROUND_TRIP_S: Final = 3.0
"""An answer that took longer may be off by seconds, and is not used."""

AGAIN_S: Final = 6 * 3600.0
"""By then a machine's own count of the seconds may be off by one."""


class TimeQuestion:
    """The question of one session, asked until it has an answer that can be used.

    An answer carries nothing that tells which question it is for. The first one while several
    wait for theirs may be old: it is not used, and the platform is asked once more.
    """

    def __init__(self, *, codec: Codec, pacer: Pacer, door: Door, clock: Clock) -> None:
        self._codec = codec
        self._pacer = pacer
        self._door = door
        self._clock = clock
        self._asked_at = 0.0
        self._waiting = 0
        self._is_used = False
        self._answered = asyncio.Event()

    async def run(self, session: Session) -> None:
        """Ask until the machine's own clock is synchronised.

        A subscription may take a while to work: what comes until then is lost.
        """
        patience_s = PATIENCE_S
        while self._clock.stamp().trust < Trust.SYNCHRONISED:
            question = self._codec.ask_time()
            if question is None:
                return
            is_first = not self._waiting
            await self._pacer.turn(len(question.payload))
            self._answered.clear()
            self._waiting += 1
            self._asked_at = self._clock.now()
            await session.publish(question)
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await self._answered.wait()
            if self._answered.is_set() and self._is_used:
                await self._clock.sleep(AGAIN_S)
                patience_s = PATIENCE_S
                continue
            if self._answered.is_set() and is_first:
                await self._clock.sleep(patience_s)
            patience_s = min(patience_s * 2, MAX_PATIENCE_S)

    def take(self, answer: TimeAnswer) -> None:
        """Take an answer that is one to the last question, and did not take long."""
        round_trip_s = self._clock.now() - self._asked_at
        self._is_used = self._waiting == 1 and round_trip_s <= MAX_ROUND_TRIP_S
        self._waiting = 0
        if self._is_used:
            self._door.on_time(answer, round_trip_s)
        self._answered.set()
