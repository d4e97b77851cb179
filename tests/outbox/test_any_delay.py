"""However late the disk answers: each message is told once, or counted, and none stays behind."""

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from agent.outbox import Bounds, Ending, Keeping, Lane, MemoryFile, Outbox, Queue
from agent.outbox.lane_rows import WINDOW
from chaos.virtual import VirtualLoop
from tests.outbox.rows import change, event, report

MAKERS = {Lane.EVENTS: event, Lane.CHANGES: change, Lane.TELEMETRY: report}
ROWS = 40


class LateFile(MemoryFile):
    """A disk that reads and makes room in the order in which it was asked, when it comes to it."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def read(self, *asked):
        return self._later(super().read, asked)

    def shrink(self, *asked):
        return self._later(super().shrink, asked)

    def _later(self, work, asked):
        answer = asyncio.get_running_loop().create_future()
        self.asked.append((answer, work, asked))
        return answer

    async def turn(self):
        if self.asked:
            answer, work, asked = self.asked.pop(0)
            answer.set_result(work(*asked).result())
        await asyncio.sleep(0)
        await asyncio.sleep(0)


class AnyDelay(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.loop = VirtualLoop()
        self.file = LateFile()
        self.now = 100.0
        self.appended = 0
        self.told = {}
        keeping = Keeping(
            file=self.file,
            clock=lambda: self.now,
            boot_id="boot",
            bounds=Bounds(rows=ROWS, bytes=20_000),
        )
        self.box = Outbox(first_id=1, keeping=keeping)

    def teardown(self):
        try:
            self.loop.run_until_complete(self._tell_the_rest())
        finally:
            self.loop.close()
        assert not self.file.rows
        assert self.appended == sum(self.told.values()) + self.box.counters.lost

    async def _tell_the_rest(self):
        self.now += 100
        self.box.release()
        while self.file.asked:
            await self.file.turn()
        async with asyncio.timeout(3600):
            while self.box.pending:
                for queue in [each for each in Queue if any(map(self.box.of_lane, each.value))]:
                    waiting = asyncio.ensure_future(self.box.next(queue))
                    for _ in range(6):
                        await self.file.turn()
                    self._end((await waiting).rows)

    def _end(self, rows):
        for row in rows:
            assert row.number not in self.told
            self.told[row.number] = row.stands_for
            self.box.end(row, Ending.DELIVERED)

    @rule(lane=st.sampled_from(list(Lane)), times=st.integers(1, 25))
    def append(self, lane, times):
        async def appending():
            for _ in range(times):
                self.box.append(MAKERS[lane](at=self.now))

        self.loop.run_until_complete(appending())
        self.appended += times

    @rule(seconds=st.sampled_from([1.0, 40.0]))
    def wait(self, seconds):
        self.now += seconds

    @rule(times=st.integers(1, 3))
    def let_the_disk_work(self, times):
        for _ in range(times):
            self.loop.run_until_complete(self.file.turn())

    @rule(queue=st.sampled_from(list(Queue)), take=st.integers(1, 5), is_past_first=st.booleans())
    def deliver(self, queue, take, is_past_first):
        async def delivering():
            waiting = asyncio.ensure_future(self.box.next(queue, is_past_first=is_past_first))
            for _ in range(4):
                await asyncio.sleep(0)
            if waiting.done():
                self._end(waiting.result().rows[:take])
            waiting.cancel()
            await asyncio.wait([waiting])

        self.loop.run_until_complete(delivering())

    @rule(times=st.integers(10, 25))
    def append_while_the_past_is_read(self, times):
        self.append(Lane.TELEMETRY, times)
        self.wait(40.0)
        self.append(Lane.EVENTS, 1)
        self.deliver(Queue.REPORTS, 5, is_past_first=True)
        self.append(Lane.TELEMETRY, times)

    @rule()
    def lose_the_connection(self):
        self.box.release()

    @invariant()
    def memory_is_bounded(self):
        assert self.box.in_memory <= ROWS + 1 + WINDOW


AnyDelay.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestAnyDelay = AnyDelay.TestCase
