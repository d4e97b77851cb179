"""Several reports in one message: none lost, none twice, in order, and within every bound."""

import json
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.clouds.packing import Form, Wired, has_time, longest, pack, pack_past, unmeasured_of
from agent.devices.socket.thing_table import SOCKET
from agent.messages import EventReport, PropertyReport
from agent.ports import Batch, PlatformLimits, Publish
from tests.clouds.reports import AT, low_voltage, report

BOUNDS = PlatformLimits(
    connect_interval_s=1,
    rejected_interval_s=1,
    messages_per_s=1,
    payload_bytes=200,
    batch_values=7,
    batch_values_of_one=3,
    batch_events=2,
)
FREE = replace(BOUNDS, batch_values=0, batch_values_of_one=0, batch_events=0)


def wire(message):
    if not message.values:
        return None
    return Wired(body={**message.values}, is_event=isinstance(message, EventReport))


def write(wired):
    rows = [[each.is_event, dict(each.body)] for each in wired]
    return Publish(topic="t", payload=json.dumps(rows).encode())


def alone(message):
    return Publish(topic="alone", payload=str(message.wall_time).encode())


def form(**changes):
    fields = {"takes": has_time, "wire": wire, "write": write, "alone": alone, "bounds": BOUNDS}
    return Form(**(fields | changes))


def rows_of(batch):
    assert batch.publish is not None
    return json.loads(batch.publish.payload)


names = st.sampled_from(["a", "b", "c", "d"])
values = st.dictionaries(names, st.text("x", max_size=80), max_size=4)
messages = st.builds(
    lambda is_event, held, is_timed: (
        EventReport(name="e", values=held, wall_time=AT if is_timed else None)
        if is_event
        else PropertyReport(values=held, wall_time=AT if is_timed else None)
    ),
    st.booleans(),
    values,
    st.sampled_from([True, True, True, False]),
)


def within(rows, payload):
    told = [held for is_event, held in rows if not is_event]
    of_one = Counter(name for _, held in rows for name in held)
    return (
        len(payload) <= 200
        and sum(map(len, told)) <= 7
        and len(rows) - len(told) <= 2
        and max(of_one.values()) <= 3
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(messages, min_size=1, max_size=12), st.integers(1, 2), st.integers(0, 4))
def test_whatever_the_sizes_every_message_goes_once_in_order_and_within_the_bounds(
    given_messages, least, most
):
    used = form(least=least, most=most)
    rest = given_messages
    while rest:
        batch = pack(rest, used)
        assert 1 <= batch.taken <= (most or len(rest))
        sent, rest = rest[: batch.taken], rest[batch.taken :]
        if batch.publish is not None and batch.publish.topic == "t":
            rows = rows_of(batch)
            expected = [[isinstance(each, EventReport), each.values] for each in sent]
            assert rows == expected
            assert batch.taken >= least
            assert batch.taken == 1 or within(rows, batch.publish.payload)
            assert batch.taken == most or not more_would_fit(sent, rest)
        else:
            assert batch == Batch(publish=alone(sent[0]), taken=1)


def more_would_fit(sent, rest):
    """Nothing is held back without a reason."""
    if not rest or not has_time(rest[0]) or wire(rest[0]) is None:
        return False
    publish = write([wire(each) for each in (*sent, rest[0])])
    return within(json.loads(publish.payload), publish.payload)


@settings(max_examples=100)
@given(st.integers(1, 400), st.integers(0, 500))
def test_the_most_that_fit_are_found(count, limit):
    assert longest(count, lambda some: some <= limit) == max(1, min(count, limit))


def test_one_that_is_too_large_alone_goes_all_the_same():
    batch = pack([report(voltage="x" * 300), report()], form(least=1))
    assert batch.taken == 1
    assert len(batch.publish.payload) > BOUNDS.payload_bytes


def test_without_bounds_only_the_size_counts():
    batch = pack([report(a=1)] * 20, form(bounds=FREE))
    assert batch.taken == len(rows_of(batch)) > 7
    assert pack([low_voltage()] * 9, form(bounds=replace(FREE, payload_bytes=999))).taken == 9


def test_what_was_measured_at_an_unknown_time_is_no_past():
    assert pack_past([report(at=None), report()], form()) == Batch(publish=None)
    assert pack_past([report(), report(at=None)], form(least=1)).taken == 1


def test_an_event_of_an_unknown_time_goes_alone():
    event = low_voltage(at=None)
    assert pack_past([event, event], form()) == Batch(publish=alone(event))


def test_what_is_set_is_told_apart_from_what_is_measured():
    told = {"power_switch", "count_down", "count_down_to", "current_limit"}
    assert unmeasured_of(SOCKET) == {*told, "timers", "child_lock"}


def test_a_stamp_is_taken_up_to_some_minutes_before_the_platforms_own_limit():
    limits = replace(BOUNDS, oldest_s=86_400.0)
    assert limits.takes_stamp(AT, AT + 86_000)
    assert not limits.takes_stamp(AT, AT + 86_200)
    assert not limits.takes_stamp(AT + 86_200, AT)
    assert BOUNDS.takes_stamp(0, AT)
