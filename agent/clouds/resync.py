"""After each connect: ask what the platform had stored, execute it once, have it cleared."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

import structlog

from agent.clouds.door import Door
from agent.clouds.pacing import Pacer
from agent.clouds.uncleared import Uncleared
from agent.messages import DONE, Outcome, PropertySet, ResyncAnswer
from agent.outbox import Outbox
from agent.ports import Codec, Session

log: Final = structlog.get_logger()

ANSWER_S: Final = 5.0
MAX_ANSWER_S: Final = 60.0
REMEMBERED: Final = 16
"""So many questions of a session may still be answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Executed:
    """A stored command, and what came of it."""

    stored: PropertySet
    outcome: Outcome


class Resync:
    """The dialogue of one session."""

    def __init__(
        self, *, name: str, codec: Codec, outbox: Outbox, door: Door, uncleared: Uncleared
    ) -> None:
        self._name = name
        self._codec = codec
        self._outbox = outbox
        self._door = door
        self._uncleared = uncleared
        self._asked: deque[str] = deque(maxlen=REMEMBERED)
        self._answered: asyncio.Future[_Executed | None] = (
            asyncio.get_running_loop().create_future()
        )

    def take(self, answer: ResyncAnswer) -> None:
        """Take the answer in its place among the live commands; a second one says nothing new."""
        if self._answered.done() or answer.message_id not in self._asked:
            return
        self._answered.set_result(None if answer.stored is None else self._once(answer.stored))

    def _once(self, stored: PropertySet) -> _Executed:
        outcome = self._uncleared.outcome_of(stored)
        if outcome is None:
            rest = self._uncleared.rest_of(stored)
            outcome = DONE if rest is None else self._door.execute(rest)
            self._uncleared.carried_out(stored, outcome)
        return _Executed(stored=stored, outcome=outcome)

    def take_refusal(self, message_id: str) -> None:
        """Take the platform's word that it has nothing for us."""
        if message_id in self._asked and not self._answered.done():
            self._answered.set_result(None)

    async def run(self, session: Session, pacer: Pacer) -> None:
        """Ask until answered; then answer and clear what was stored.

        What this cloud has no right to ask for stays stored: it is not ours to clear, and an
        answer alone may clear it.
        """
        executed = await self._ask_until_answered(session, pacer)
        if executed is None:
            await self._uncleared.forget()
            return
        if executed.outcome.is_forbidden and executed.outcome.refusal is not None:
            log.info("stored.left", cloud=self._name, reason=executed.outcome.refusal.reason)
            return
        await self._uncleared.keep()
        replies = self._codec.encode_reply(executed.stored, executed.outcome)
        for publish in (*replies, *self._codec.encode_cleared(executed.stored)):
            await pacer.turn(len(publish.payload))
            await session.publish(publish)
        await self._uncleared.forget()

    async def _ask_until_answered(self, session: Session, pacer: Pacer) -> _Executed | None:
        wait_s = ANSWER_S
        while True:
            message_id = self._outbox.new_id()
            self._asked.append(message_id)
            questions = self._codec.on_connected(message_id)
            if not questions:
                return None
            for publish in questions:
                await pacer.turn(len(publish.payload))
                await session.publish(publish)
            try:
                async with asyncio.timeout(wait_s):
                    return await asyncio.shield(self._answered)
            except TimeoutError:
                log.debug("resync.unanswered", cloud=self._name, waited_s=wait_s)
            wait_s = min(wait_s * 2, MAX_ANSWER_S)
