"""What waits for one cloud, in memory and on a disk that behaves or does not."""

import asyncio

import pytest
from structlog.testing import capture_logs

from agent.errors import StoreError
from agent.outbox import PAST_S, Bounds, Counters, Ending, Keeping, Lane, MemoryFile, Outbox, Queue
from agent.outbox.file import Loaded
from agent.outbox.lane_rows import WINDOW
from tests.clouds.support import run_virtually
from tests.outbox.rows import change, event, report


class Stand:
    """An outbox whose time is a number."""

    def __init__(self, file=None, **bounds):
        self.now = 1000.0
        self.file = file or MemoryFile()
        self.bounds = Bounds(**bounds)
        self.box = self.opened()

    def opened(self, boot_id="boot"):
        return Outbox(
            first_id=1,
            keeping=Keeping(
                file=self.file, clock=lambda: self.now, boot_id=boot_id, bounds=self.bounds
            ),
        )

    def put(self, make, *values, **more):
        return [self.box.append(make(value, at=self.now, **more)) for value in values]

    async def next(self, queue=Queue.REPORTS, **more):
        async with asyncio.timeout(60):
            return await self.box.next(queue, **more)


def values(work):
    return [next(iter(row.message.values.values())) for row in work.rows]


def test_ids_rise_from_the_first():
    box = Outbox(first_id=41)
    ids = [box.append(report()).message_id, box.new_id(), box.append(event()).message_id]
    assert ids == ["41", "42", "43"]


async def test_the_oldest_event_comes_first_and_stays_until_it_has_ended():
    stand = Stand()
    first, _ = stand.put(event, 1.0, 2.0)
    assert values(await stand.next(Queue.EVENTS)) == [1.0]
    assert values(await stand.next(Queue.EVENTS)) == [1.0]
    stand.box.end(first, Ending.DELIVERED)
    assert values(await stand.next(Queue.EVENTS)) == [2.0]
    assert (stand.box.pending, stand.box.counters) == (1, Counters(delivered=1))
    assert len(stand.file.rows) == 1


def test_waiting_for_work_ends_when_work_comes():
    async def scenario():
        stand = Stand()
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(stand.box.next(Queue.EVENTS))
            await asyncio.sleep(1)
            stand.put(report, 1.0)
            await asyncio.sleep(1)
            assert not waiting.done()
            stand.put(event, 1.0)
        assert values(waiting.result()) == [1.0]

    run_virtually(scenario())


async def test_what_is_of_now_comes_in_its_order_before_the_past_in_its_order():
    stand = Stand()
    stand.put(report, 1.0)
    stand.put(change, 1)
    stand.put(report, 1.5)
    stand.now += PAST_S + 1
    stand.put(report, 2.0)
    stand.put(change, 0)
    told = []
    for _ in range(2):
        work = await stand.next()
        told.append((values(work), work.is_past))
        for row in work.rows:
            stand.box.end(row, Ending.DELIVERED)
    assert told == [([2.0, 0], False), ([1.0, 1, 1.5], True)]


async def test_the_past_is_in_order_over_its_lanes_however_much_of_each_is_on_disk():
    stand = Stand()
    for number in range(700):
        stand.put(change if number % 7 == 0 or number > 600 else report, number)
        stand.now += 60
    told = []
    while stand.box.pending:
        work = await stand.next()
        for row in work.rows[:30]:
            told.append(next(iter(row.message.values.values())))
            stand.box.end(row, Ending.DELIVERED)
        stand.box.release()
    assert told == list(range(700))


async def test_a_long_past_is_read_from_disk_in_order_and_memory_stays_small():
    stand = Stand()
    for number in range(1000):
        stand.put(report, float(number))
        stand.now += 60
    assert stand.box.pending == 1000
    assert stand.box.in_memory < 10
    told = []
    while stand.box.pending:
        work = await stand.next()
        assert stand.box.in_memory <= WINDOW + 10
        told += values(work)
        for row in work.rows:
            stand.box.end(row, Ending.DELIVERED)
    assert told == [float(number) for number in range(1000)]
    assert not stand.file.rows


async def test_the_next_process_goes_on_where_this_one_ended():
    stand = Stand()
    first, second = stand.put(event, 1.0, 2.0)
    stand.put(report, 3.0)
    stand.box.end(first, Ending.REFUSED)
    box = stand.opened(boot_id="another")
    assert (box.pending, box.counters) == (2, Counters(refused=1))
    work = await box.next(Queue.EVENTS)
    assert [row.message_id for row in work.rows] == [second.message_id]
    assert work.is_past
    assert not box.is_of_this_boot(work.rows[0])
    assert box.append(event(4.0)).number > second.number + 1


async def test_reports_of_the_past_wait_while_they_may_not_be_told():
    stand = Stand()
    stand.put(report, 1.0)
    stand.now += PAST_S + 1
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await stand.box.next(Queue.REPORTS, lambda: False)
    stand.put(report, 2.0)
    assert values(await stand.next(may_tell_past=lambda: False)) == [2.0]


def test_what_may_be_told_in_the_end_is_found_without_another_message():
    async def scenario():
        stand = Stand()
        stand.put(report, 1.0)
        stand.now += PAST_S + 1
        began = asyncio.get_running_loop().time()
        is_known = lambda: asyncio.get_running_loop().time() > began + 20  # noqa: E731
        assert values(await stand.box.next(Queue.REPORTS, is_known)) == [1.0]

    run_virtually(scenario())


async def test_an_end_that_comes_twice_counts_once():
    stand = Stand()
    (row,) = stand.put(report, 1.0)
    stand.box.end(row, Ending.REFUSED)
    stand.box.end(row, Ending.DELIVERED)
    assert stand.box.counters == Counters(refused=1)


async def test_what_is_on_its_way_does_not_make_room():
    stand = Stand(rows=4)
    stand.put(event, 1.0)
    work = await stand.next(Queue.EVENTS)
    with capture_logs() as logs:
        stand.put(event, 2.0, 3.0, 4.0, 5.0, 6.0)
    assert values(await stand.next(Queue.EVENTS)) == [1.0]
    assert work.rows[0].message.values == {"voltage": 1.0}
    assert stand.box.counters.lost > 0
    assert [entry["event"] for entry in logs][:1] == ["outbox.full"]
    stand.box.release()
    stand.put(event, 7.0)
    assert values(await stand.next(Queue.EVENTS)) != [1.0]


async def test_events_outlive_changes_and_changes_outlive_telemetry():
    stand = Stand(rows=10)
    stand.put(event, *map(float, range(6)))
    stand.put(change, *[1] * 4)
    stand.put(report, *map(float, range(20)))
    assert (stand.box.of_lane(Lane.EVENTS), stand.box.of_lane(Lane.CHANGES)) == (6, 4)
    stand.put(event, *map(float, range(6)))
    assert stand.box.of_lane(Lane.EVENTS) >= 8
    assert stand.box.of_lane(Lane.TELEMETRY) == 0


async def test_a_box_of_large_messages_is_full_by_its_bytes():
    stand = Stand(rows=10_000, bytes=100_000)
    for number in range(200):
        stand.put(report, float(number), note="x" * 1000)
    assert stand.box.size <= 102_000
    assert stand.box.counters.thinned > 100
    assert stand.box.counters.lost == 0


async def test_what_an_outage_has_cost_is_said_when_everything_else_is_delivered():
    stand = Stand(rows=10)
    with capture_logs() as logs:
        stand.put(report, *map(float, range(40)))
        while stand.box.pending:
            for row in (await stand.next()).rows:
                stand.box.end(row, Ending.DELIVERED)
        stand.box.end(stand.put(report, 1.0)[0], Ending.DELIVERED)
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == [
        "outbox.full",
        "outbox.emptied",
    ]
    assert logs[-1]["thinned"] == stand.box.counters.thinned > 0


async def test_a_disk_that_takes_nothing_leaves_a_bounded_number_in_memory():
    stand = Stand(rows=50)
    stand.file.is_stuck = True
    stand.put(report, *map(float, range(500)))
    stand.put(event, 1.0)
    assert stand.box.in_memory <= 51
    assert stand.box.of_lane(Lane.EVENTS) == 1
    stand.file.is_stuck = False
    stand.put(event, 2.0)
    assert len(stand.file.rows) == stand.box.pending


class BadFile(MemoryFile):
    """A disk that reads what it likes."""

    def __init__(self, *answers):
        super().__init__()
        self.answers = list(answers)

    def read(self, lane, span, most):
        future = asyncio.get_running_loop().create_future()
        match self.answers.pop(0) if self.answers else None:
            case None:
                return super().read(lane, span, most)
            case StoreError() as error:
                future.set_exception(error)
            case answer:
                future.set_result(answer)
        return future

    def shrink(self, *_):
        future = asyncio.get_running_loop().create_future()
        future.set_exception(StoreError("read-only"))
        return future


def test_a_disk_that_cannot_be_read_is_tried_again():
    async def scenario():
        stand = Stand(BadFile(StoreError("bad sector")))
        loop = asyncio.get_running_loop()
        box = Outbox(first_id=1, keeping=Keeping(file=stand.file, clock=loop.time, boot_id="boot"))
        box.append(report(1.0, at=loop.time()))
        await asyncio.sleep(PAST_S + 1)
        box.append(event(1.0, at=loop.time()))
        began = loop.time()
        assert values(await box.next(Queue.REPORTS)) == [1.0]
        assert 5 <= loop.time() - began <= 10

    run_virtually(scenario())


async def test_rows_that_are_not_there_any_more_are_counted_and_block_nothing():
    stand = Stand(BadFile(Loaded(unreadable=1, last=1)))
    stand.put(report, 1.0, 2.0, 3.0)
    stand.now += PAST_S + 1
    stand.put(event, 1.0)
    with capture_logs() as logs, pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await stand.box.next(Queue.REPORTS)
    assert stand.box.counters.lost == 3
    assert [entry["rows"] for entry in logs if entry["event"] == "outbox.rows_missing"] == [3]


async def test_where_nothing_can_make_room_on_disk_nothing_crashes():
    stand = Stand(BadFile(), rows=5)
    stand.put(report, 1.0, 2.0, 3.0, 4.0)
    stand.now += PAST_S + 1
    stand.put(event, *map(float, range(8)))
    await asyncio.sleep(0)
    assert stand.box.pending == 12


async def test_drained_waits_for_the_last():
    stand = Stand()
    (row,) = stand.put(report, 1.0)
    waiting = asyncio.ensure_future(stand.box.drained())
    await asyncio.sleep(0)
    assert not waiting.done()
    stand.box.end(row, Ending.DELIVERED)
    await asyncio.wait_for(waiting, 5)
