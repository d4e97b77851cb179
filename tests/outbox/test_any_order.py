"""Whatever happens in whatever order: nothing vanishes uncounted, and each lane keeps its order."""

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agent.outbox import Bounds, Ending, Keeping, Lane, MemoryFile, Outbox, Queue
from chaos.virtual import VirtualLoop
from tests.outbox.rows import change, event, report

MAKERS = {Lane.EVENTS: event, Lane.CHANGES: change, Lane.TELEMETRY: report}


class AnyOrder(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.loop = VirtualLoop()
        self.file = MemoryFile()
        self.now = 100.0
        self.appended = 0
        self.ended = 0
        self.last = dict.fromkeys(Lane, 0)
        self.open()

    def teardown(self):
        self.loop.close()

    def open(self):
        keeping = Keeping(
            file=self.file,
            clock=lambda: self.now,
            boot_id="boot",
            bounds=Bounds(rows=40, bytes=20_000),
        )
        self.box = Outbox(first_id=1, keeping=keeping)
        self.begun = self.box.counters

    def run(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    @rule(lane=st.sampled_from(list(Lane)), times=st.integers(1, 25))
    def append(self, lane, times):
        async def appending():
            for _ in range(times):
                self.box.append(MAKERS[lane](at=self.now))
            for _ in range(20):  # until whatever makes room has done so
                await asyncio.sleep(0)

        self.run(appending())
        self.appended += times

    @rule(seconds=st.sampled_from([1.0, 40.0]))
    def wait(self, seconds):
        self.now += seconds

    @rule(queue=st.sampled_from(list(Queue)), take=st.integers(1, 5))
    def deliver(self, queue, take):
        if not any(self.box.of_lane(lane) for lane in queue.value):
            return
        work = self.run(asyncio.wait_for(self.box.next(queue), 600))
        lane = work.rows[0].lane
        numbers = [row.number for row in work.rows]
        assert numbers == sorted(numbers)
        assert queue is Queue.REPORTS or {row.lane for row in work.rows} == {lane}
        if lane is Lane.EVENTS:
            assert numbers[0] > self.last[lane]
            self.last[lane] = numbers[min(take, len(numbers)) - 1]
        for row in work.rows[:take]:
            self.box.end(row, Ending.DELIVERED)
            self.ended += row.stands_for
        self.box.release()

    @rule()
    def turn_the_disk(self):
        self.file.is_stuck = not self.file.is_stuck

    @precondition(lambda self: not self.file.is_stuck)
    @rule()
    def restart(self):
        self.run(self._append_one())  # what waited for the disk goes with it
        assert self.box.pending == len(self.file.rows)
        self.open()

    async def _append_one(self):
        self.box.append(event(at=self.now))
        self.appended += 1

    @invariant()
    def nothing_vanishes(self):
        counted = self.box.counters
        pending = sum(self.file_and_memory().values())
        assert self.appended == self.ended + counted.lost + pending

    def file_and_memory(self):
        rows = dict(self.file.rows) | dict(self.file._waiting)
        return {number: row.stands_for for number, row in rows.items()}

    @invariant()
    def it_keeps_its_bounds(self):
        assert self.box.pending <= 41
        assert self.box.pending == len(self.file_and_memory())
        assert self.box.in_memory <= 41


AnyOrder.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestAnyOrder = AnyOrder.TestCase
