"""Energy for a platform that adds up what it is told: each watt-hour goes once, or never."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from agent.clouds.sending import Sending
from agent.clouds.told import Told
from agent.messages import PropertyReport, RefusalKind, Uplink
from agent.outbox import Ending
from agent.ports import Clock, Codec, Publish, Session

log: Final = structlog.get_logger()

SUM_S: Final = 300.0
"""So often at most: each costs a message and two writes."""

TOTAL: Final = "total_energy"
TRIAL: Final = "0"


class Summing:
    """What one cloud is told of the energy since it was told last, across all sessions of a link.

    It follows a report with the count that the platform has taken: what is not heard there, for
    an outage or any other reason, is in the next sum. A sum that was sent is never sent again:
    unless the platform says that it has it, it is given up.
    """

    def __init__(  # noqa: PLR0913 - what it tells, whereto and when
        self,
        *,
        name: str,
        codec: Codec,
        told: Told,
        sending: Sending,
        new_id: Callable[[], str],
        clock: Clock,
        counted_wh: Callable[[], int | None],
    ) -> None:
        self._name = name
        self._codec = codec
        self._told = told
        self._sending = sending
        self._new_id = new_id
        self._clock = clock
        self._counted_wh = counted_wh
        self._next_at = float("-inf")
        self._is_due = asyncio.Event()
        self._has_given_up = False

    def note(self, message: Uplink, ending: Ending) -> None:
        """Have the energy told after a report with the count that the platform has."""
        has_count = isinstance(message, PropertyReport) and TOTAL in message.values
        if has_count and ending is Ending.DELIVERED:
            self._is_due.set()

    async def run(self, session: Session) -> None:
        """Tell what is due until the session ends, or the platform knows no such quantity."""
        if self._codec.encode_sum(0.0, None, TRIAL) is None:
            await self._told.forget()
            return
        self._is_due.clear()
        is_known = True
        while is_known:
            await self._is_due.wait()
            await self._clock.sleep(max(0.0, self._next_at - self._clock.now()))
            self._is_due.clear()
            self._next_at = self._clock.now() + SUM_S
            counted_wh = self._counted_wh()
            if counted_wh is not None:
                is_known = await self._tell(session, counted_wh)

    async def _tell(self, session: Session, counted_wh: int) -> bool:
        """Send once what is to be told; tell whether the platform knows such a quantity."""
        given_up_wh = self._told.account.not_told_wh
        sum_wh = await self._told.begin(counted_wh)
        if not sum_wh:
            self._tell_given_up(self._told.account.not_told_wh - given_up_wh, "too much at once")
            return True
        message_id, because, kind = self._new_id(), "the session ended", None
        publish = self._codec.encode_sum(sum_wh / 1000, self._clock.wall_time(), message_id)
        assert publish is not None, "it had a form when the session began"
        try:
            because, kind = await self._send(session, publish, message_id)
        finally:
            await self._told.end(is_told=not because)
            self._tell_given_up(sum_wh if because else 0, because)
        return kind is not RefusalKind.UNKNOWN_NAME

    async def _send(
        self, session: Session, publish: Publish, message_id: str
    ) -> tuple[str, RefusalKind | None]:
        """Send it; tell why the platform may not have it ("": it has), and whom it blames."""
        ack = await self._sending.send_once(session, publish, message_id)
        if ack is None:
            return "no answer", None
        if ack.ignored:
            return "the product's model has no such property", RefusalKind.UNKNOWN_NAME
        return ("", None) if ack.is_accepted else (f"{ack.code} {ack.reason}".strip(), ack.kind)

    def _tell_given_up(self, wh: int, because: str) -> None:
        """Warn of the first that is given up; tell the others at debug."""
        if wh:
            tell = log.debug if self._has_given_up else log.warning
            self._has_given_up = True
            tell("energy.not_told", cloud=self._name, kwh=wh / 1000, because=because)
