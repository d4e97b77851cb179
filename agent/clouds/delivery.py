"""From the outbox to the platform: what is of now first, then the past, in bursts."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice, takewhile
from typing import Final

from agent.clouds.door import Door
from agent.clouds.pacing import Pacer
from agent.clouds.sending import BLAMES_A_VALUE, Encode, Sending
from agent.clouds.summing import Summing
from agent.clouds.suspects import Suspects
from agent.clouds.told import Told
from agent.messages import Ack, EventReport, InfoReport, PropertyReport, Report, Uplink
from agent.outbox import MOST_AT_ONCE, Ending, Outbox, Queue, Row
from agent.ports import Batch, Clock, Codec, Publish, Session

BURST: Final = 20
"""After so many messages about the past comes a full report: a platform may show the last."""

TOGETHER: Final = 3
"""So many reports of now that wait go as one message, where the platform has a form for that."""

PATIENCE_S: Final = 30.0
"""So long after a connect an event of the past waits for the time of day; then it has no stamp."""

SHARE: Final = 10
"""After so many messages of now it is the turn of the past, or it would wait for ever."""

NO_BATCHES_S: Final = 600.0
"""So long after a batch that the platform did not take as such, there is none."""

SAME_S: Final = 1.0
"""Stamps that differ by less are the same: a clock is corrected all the time."""


class Delivery:
    """What waits for one cloud on its way there, across all sessions of a link."""

    def __init__(  # noqa: PLR0913 - what it delivers, whereto and at which pace
        self,
        *,
        name: str,
        codec: Codec,
        outbox: Outbox,
        pacer: Pacer,
        clock: Clock,
        door: Door,
        refused: Collection[str],
        told: Told,
    ) -> None:
        self._codec = codec
        self._outbox = outbox
        self._clock = clock
        self._door = door
        self._suspects = Suspects(clock.now)
        self._sending = Sending(
            name=name,
            codec=codec,
            pacer=pacer,
            new_id=outbox.new_id,
            refused=refused,
            suspects=self._suspects,
        )
        self.summing = Summing(
            name=name,
            codec=codec,
            told=told,
            sending=self._sending,
            new_id=outbox.new_id,
            clock=clock,
            counted_wh=door.counted_wh,
        )
        self._began_at = 0.0
        self._owes_info = self._owes_snapshot = False
        self._snapshot: PropertyReport | None = None
        self._burst = self._of_now = 0
        self._offer = dict.fromkeys(Queue, MOST_AT_ONCE)
        self._alone: dict[Queue, frozenset[int]] = {}
        self._batches_from: dict[Queue, float] = {}

    def take(self, ack: Ack) -> bool:
        """Hand a reply to the message that waits for it; False where none does."""
        return self._sending.take(ack)

    def begin(self) -> None:
        """Begin a session: it is owed the facts and a full report."""
        self._sending.begin()
        self._began_at = self._clock.now()
        self._owes_info = self._owes_snapshot = True
        self._snapshot = None
        self._burst = 0
        self._alone.clear()
        self._batches_from.clear()

    def closed(self) -> bool:
        """Note that the platform closed the session; tell whether it is one message's doing."""
        return self._suspects.closed()

    async def drain(self, session: Session, queue: Queue) -> None:
        """Deliver a queue until the session ends."""
        while True:
            if queue is Queue.REPORTS:
                await self._pay(session)
            work = await self._outbox.next(
                queue,
                self._knows_the_time,
                is_past_first=queue is Queue.REPORTS and self._of_now >= SHARE,
            )
            if work.is_past:
                await self._tell_past(session, work.rows, queue)
            else:
                await self._tell_now(session, work.rows)

    def _knows_the_time(self) -> bool:
        """Tell whether the past may be told: later it can be stamped, and now it could not."""
        return self._clock.wall_time() is not None

    async def introduce(self, session: Session) -> None:
        """Tell the facts and a full report once more: somebody listens who has not heard them."""
        self._owes_info = self._owes_snapshot = True
        await self._pay(session)

    # ── owed to each session, and never stored ──────────────────────────────────────────────

    async def _pay(self, session: Session) -> None:
        if self._owes_info:
            self._owes_info = False
            await self._say(session, self._door.info())
        if self._owes_snapshot:
            self._owes_snapshot = False
            self._snapshot = self._door.snapshot()
            await self._say(session, self._snapshot)

    async def _say(self, session: Session, message: Uplink | None) -> None:
        """Send what is not stored; some platforms have no form for facts, and miss nothing."""
        if message is not None:
            ending = await self._sending.send(
                session, message, self._outbox.new_id(), self._encode_now
            )
            if ending is not Ending.LOCAL:
                self._outbox.count(ending)
            self.summing.note(message, ending)

    # ── what is of now ──────────────────────────────────────────────────────────────────────

    async def _tell_now(self, session: Session, rows: Sequence[Row]) -> None:
        """Send the oldest, or several together where they have come to wait for each other."""
        self._of_now += 1
        if self._codec.limits.shows_last and self._is_overtaken(rows[0]):
            self._end(rows[0], Ending.LOCAL)
            return
        together = list(takewhile(lambda row: not isinstance(row.message, InfoReport), rows))
        if len(together) >= TOGETHER and self._may_batch(rows[0], Queue.REPORTS):
            batch = self._codec.encode_together(
                [self._timed(row) for row in together], rows[0].message_id, self._clock.wall_time()
            )
            if batch.taken > 1:
                await self._send_batch(session, rows[: batch.taken], batch, Queue.REPORTS)
                return
        await self._send_one(session, rows[0], self._encode_now)

    def _is_overtaken(self, row: Row) -> bool:
        """Tell whether a report was made before the full one that this session was told."""
        message, full = row.message, self._snapshot
        if full is None or not isinstance(message, PropertyReport):
            return False
        if not self._outbox.is_of_this_boot(row):
            return True
        return message.at is not None and full.at is not None and message.at < full.at

    # ── what is of the past ─────────────────────────────────────────────────────────────────

    async def _tell_past(self, session: Session, rows: Sequence[Row], queue: Queue) -> None:
        """Send as many as one message takes; end those that are nothing to the platform."""
        await self._wait_for_the_time(rows[0])
        if self._is_local(rows[0]):
            self._outbox.end(rows[0], Ending.LOCAL)
            return
        offered = islice(rows, self._offer[queue])
        told = list(takewhile(lambda row: not self._is_local(row), offered))
        if not self._may_batch(told[0], queue):
            await self._send_one(session, told[0], self._encode_alone)
        else:
            messages = [self._timed(row) for row in told]
            batch = self._codec.encode_past(messages, told[0].message_id, self._clock.wall_time())
            # Twice what it took is offered next: each row is timed for it, and few for nothing.
            self._offer[queue] = min(MOST_AT_ONCE, 2 * batch.taken)
            await self._send_batch(session, told[: batch.taken], batch, queue)
        if queue is Queue.REPORTS:
            self._count_burst()

    def _count_burst(self) -> None:
        """Have a full report follow so many messages about the past, and the last of them."""
        self._burst += 1
        self._of_now = 0
        if self._burst >= BURST or not self._outbox.has_past(Queue.REPORTS):
            self._burst = 0
            self._owes_snapshot = True

    async def _wait_for_the_time(self, row: Row) -> None:
        """Give the clock a while to become right, where an event's time will be known then."""
        until = self._began_at + PATIENCE_S
        while (
            self._timed(row).wall_time is None
            and self._outbox.is_of_this_boot(row)
            and self._clock.now() < until
        ):
            await self._clock.sleep(1.0)

    def _is_local(self, row: Row) -> bool:
        """Tell whether a report stays on this machine: its time is unknown, or long ago."""
        message = self._timed(row)
        if isinstance(message, EventReport):
            return False
        now, measured = self._clock.wall_time(), message.wall_time
        if measured is None:
            return True
        return now is not None and not self._codec.limits.takes_stamp(measured, now)

    def _timed(self, row: Row) -> Report:
        """Give a message its wall time as it is known now; one that was right stays as it is."""
        message = row.message
        assert not isinstance(message, InfoReport), "facts are of no moment"
        if message.at is None or not self._outbox.is_of_this_boot(row):
            return message
        known = self._clock.wall_time_at(message.at)
        if known is None or (
            message.wall_time is not None and abs(known - message.wall_time) <= SAME_S
        ):
            return message
        return replace(message, wall_time=known)

    # ── sending ─────────────────────────────────────────────────────────────────────────────

    async def _send_one(self, session: Session, row: Row, encode: Encode) -> None:
        message: Uplink = row.message
        if isinstance(message, InfoReport):
            encode = self._encode_now
        else:
            message = self._timed(row)
        self._end(row, await self._sending.send(session, message, row.message_id, encode))

    async def _send_batch(
        self, session: Session, rows: Sequence[Row], batch: Batch, queue: Queue
    ) -> None:
        """Send several as one message; what the platform does not take so goes one by one.

        Not at once: what is of now goes first between them too.
        """
        if batch.publish is None:
            self._end_all(rows, Ending.LOCAL)
            return
        if len(rows) == 1:
            await self._send_one(session, rows[0], self._encode_past)
            return
        ack = await self._sending.send_batch(session, batch.publish, rows[0].message_id)
        if ack is not None and ack.is_accepted:
            self._end_all(rows, Ending.DELIVERED)
            return
        self._alone[queue] = frozenset(row.number for row in rows)
        if ack is None or ack.kind not in BLAMES_A_VALUE:
            self._batches_from[queue] = self._clock.now() + NO_BATCHES_S

    def _may_batch(self, row: Row, queue: Queue) -> bool:
        """Tell whether a row may go with others: not after a batch of it was not taken."""
        if row.number in self._alone.get(queue, ()):
            return False
        return self._clock.now() >= self._batches_from.get(queue, 0.0)

    def _end_all(self, rows: Sequence[Row], ending: Ending) -> None:
        for row in rows:
            self._end(row, ending)

    def _end(self, row: Row, ending: Ending) -> None:
        self._outbox.end(row, ending)
        self.summing.note(row.message, ending)

    def _encode_now(self, message: Uplink, message_id: str) -> Publish | None:
        return self._codec.encode(message, message_id, self._clock.wall_time())

    def _encode_past(self, message: Uplink, message_id: str) -> Publish | None:
        assert not isinstance(message, InfoReport), "facts are of now"
        return self._codec.encode_past([message], message_id, self._clock.wall_time()).publish

    def _encode_alone(self, message: Uplink, message_id: str) -> Publish | None:
        """Encode what a batch did not carry: in the form of now, where its stamp is taken."""
        is_bound = self._codec.limits.oldest_s is not None
        return (self._encode_past if is_bound else self._encode_now)(message, message_id)
