"""What is on its way while the disk is slow, the box is full, and the session lasts."""

import asyncio

from structlog.testing import capture_logs

from agent.outbox import PAST_S, Bounds, Ending, Keeping, MemoryFile, Outbox, Queue
from tests.clouds.support import run_virtually
from tests.outbox.rows import report


class SlowFile(MemoryFile):
    """A disk whose reads and removals, in their order, are heard of when the test says so."""

    def __init__(self):
        super().__init__()
        self.answers = []

    def read(self, *asked):
        return self._later(super().read(*asked))

    def shrink(self, *asked):
        return self._later(super().shrink(*asked))

    def _later(self, done):
        later = asyncio.get_running_loop().create_future()
        self.answers.append((later, done.result()))
        return later

    async def answer(self):
        answers, self.answers = self.answers, []
        for later, result in answers:
            later.set_result(result)
        for _ in range(5):
            await asyncio.sleep(0)


class Stand:
    def __init__(self, file=None, **bounds):
        self.now = 1000.0
        self.file = file or MemoryFile()
        self.box = Outbox(
            first_id=1,
            keeping=Keeping(
                file=self.file,
                clock=lambda: self.now,
                boot_id="boot",
                bounds=Bounds(**bounds),
            ),
        )

    def put(self, *values):
        for value in values:
            self.box.append(report(float(value), at=self.now))


def test_only_the_rows_of_the_last_offer_are_on_their_way():
    """A platform that acknowledges and never answers must not keep an outage in memory."""

    async def scenario():
        stand = Stand(rows=2000)
        with capture_logs():
            for number in range(3000):
                stand.put(number)
                stand.now += 1
                await asyncio.sleep(0)
                if number % 40 == 0:
                    work = await stand.box.next(Queue.REPORTS)
                    stand.box.end(work.rows[0], Ending.UNCONFIRMED)
        assert stand.box.pending <= 2001
        assert stand.box.in_memory < 200

    run_virtually(scenario())


def test_room_is_made_while_rows_are_being_read_and_all_that_stay_are_told():
    async def scenario():
        file = SlowFile()
        stand = Stand(file, rows=400)
        for number in range(400):
            stand.put(number)
            stand.now += 60
        reading = asyncio.ensure_future(stand.box.next(Queue.REPORTS))
        await asyncio.sleep(0)
        with capture_logs():
            stand.put(400, 401)
            for _ in range(3):
                await file.answer()
        await reading
        stand.box.release()
        stand.now += PAST_S + 1
        told = []
        while stand.box.pending:
            nxt = asyncio.ensure_future(stand.box.next(Queue.REPORTS))
            await asyncio.sleep(0)
            await file.answer()
            work = await asyncio.wait_for(nxt, 60)
            told += work.rows
            for row in work.rows:
                stand.box.end(row, Ending.DELIVERED)
        assert not file.rows
        assert sum(row.stands_for for row in told) + stand.box.counters.lost == 402
        numbers = [row.number for row in told]
        assert numbers == sorted(set(numbers))

    run_virtually(scenario())


def test_rows_that_the_disk_has_lost_are_counted_when_they_should_make_room():
    async def scenario():
        stand = Stand(rows=6)
        stand.put(*range(4))
        stand.now += PAST_S + 1
        with capture_logs():
            stand.put(4)
            stand.file.rows.clear()
            for number in range(5, 15):
                stand.put(number)
                await asyncio.sleep(0)
        assert stand.box.counters.lost == 4
        assert stand.box.pending <= 6
        assert sum(row.stands_for for row in stand.box._lanes[2].recent.values()) == 11

    run_virtually(scenario())
