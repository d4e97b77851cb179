import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.messages import EventReport, InfoReport, PropertyReport
from agent.outbox import Counters, Ending, Lane, Outbox, lane_of

INFO = InfoReport(facts={})


def report(value=0):
    return PropertyReport(values={"count_down": value}, wall_time=None)


def event(value=0.0):
    return EventReport(name="low_voltage", values={"voltage": value}, wall_time=None)


def test_events_have_a_lane_of_their_own():
    assert lane_of(event()) is Lane.EVENTS
    assert lane_of(report()) is lane_of(INFO) is Lane.TELEMETRY


def test_ids_rise_from_the_first():
    box = Outbox(first_id=41)
    assert [box.append(report()), box.new_id(), box.append(event())] == ["41", "42", "43"]


async def test_the_oldest_comes_first_and_stays_until_it_has_ended():
    box = Outbox(first_id=1)
    first, second = box.append(report(1)), box.append(report(2))
    assert (await box.oldest(Lane.TELEMETRY)).message_id == first
    assert (await box.oldest(Lane.TELEMETRY)).message_id == first
    box.end(first, Ending.DELIVERED)
    assert (await box.oldest(Lane.TELEMETRY)).message_id == second
    assert box.pending == 1
    assert box.counters == Counters(delivered=1)


async def test_waiting_for_work_ends_when_work_comes():
    box = Outbox(first_id=1)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(box.oldest(Lane.EVENTS))
        await asyncio.wait([waiting], timeout=0)
        box.append(report())
        await asyncio.wait([waiting], timeout=0)
        assert not waiting.done()
        box.append(event(1.0))
    assert waiting.result().message == event(1.0)


def test_when_full_the_oldest_telemetry_goes_and_is_counted():
    box = Outbox(first_id=1, capacity=3)
    ids = [box.append(event()), box.append(report(1)), box.append(report(2)), box.append(event())]
    assert [box.is_pending(each) for each in ids] == [True, False, True, True]
    assert box.counters == Counters(lost=1)


def test_only_a_box_full_of_events_drops_an_event_and_then_the_oldest():
    box = Outbox(first_id=1, capacity=2)
    ids = [box.append(event(n)) for n in range(3)]
    assert [box.is_pending(each) for each in ids] == [False, True, True]


async def test_what_is_on_its_way_is_not_dropped():
    box = Outbox(first_id=1, capacity=1)
    first = box.append(report(1))
    await box.oldest(Lane.TELEMETRY)
    second = box.append(report(2))
    assert (box.is_pending(first), box.is_pending(second)) == (True, False)
    box.release()
    third = box.append(report(3))
    assert (box.is_pending(first), box.is_pending(third)) == (False, True)


def test_an_end_that_comes_twice_counts_once():
    box = Outbox(first_id=1)
    row = box.append(report())
    box.end(row, Ending.REFUSED)
    box.end(row, Ending.DELIVERED)
    box.end("unknown", Ending.DELIVERED)
    assert box.counters == Counters(refused=1)


async def test_a_message_that_a_newer_one_replaces_is_not_counted_and_not_torn_from_the_wire():
    box = Outbox(first_id=1)
    first, second = box.append(report(1)), box.append(report(2))
    await box.oldest(Lane.TELEMETRY)
    box.discard(first)
    box.discard(second)
    assert (box.is_pending(first), box.is_pending(second)) == (True, False)
    assert box.counters == Counters()


@pytest.mark.parametrize("ending", list(Ending))
def test_every_ending_is_counted_under_its_name(ending):
    box = Outbox(first_id=1)
    box.end(box.append(report()), ending)
    assert getattr(box.counters, ending.value) == 1


@given(kinds=st.lists(st.booleans(), max_size=60), capacity=st.integers(1, 10))
def test_it_never_grows_over_its_bound_and_events_outlive_telemetry(kinds, capacity):
    box = Outbox(first_id=1, capacity=capacity)
    events = [box.append(event()) if is_event else box.append(report()) for is_event in kinds]
    pending = [each for each in events if box.is_pending(each)]
    assert box.pending == len(pending) == min(capacity, len(kinds))
    lost = [kind for kind, each in zip(kinds, events, strict=True) if not box.is_pending(each)]
    telemetry_left = any(
        not kind for kind, each in zip(kinds, events, strict=True) if box.is_pending(each)
    )
    assert not (telemetry_left and any(lost))
    assert box.counters.lost == len(lost)
