"""A row says the same after it was written and read; damage is no row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.messages import EventReport, InfoReport, PropertyReport
from agent.model import Stamp, Trust
from agent.outbox import Counters, Ending, Lane, lane_of
from agent.outbox.endings import kept, read
from agent.outbox.row import body_of, message_of, moment_of
from tests.outbox.rows import change, event, report

VALUES = st.dictionaries(
    st.text(max_size=8),
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    max_size=4,
)
MOMENT = st.none() | st.floats(0, 1e10)
STAMPED = {"wall_time": MOMENT, "at": MOMENT, "trust": st.sampled_from(list(Trust))}
MESSAGES = st.builds(PropertyReport, values=VALUES, is_change=st.booleans(), **STAMPED) | st.builds(
    EventReport, name=st.text(max_size=8), values=VALUES, **STAMPED
)


@given(message=MESSAGES)
def test_a_message_reads_as_it_was_written(message):
    at, wall_time = moment_of(message)
    trust = getattr(message, "trust", Trust.UNKNOWN)
    stamp = Stamp(at=at, wall_time=wall_time, trust=trust)
    found = message_of(lane_of(message), body_of(message), stamp)
    assert found == message
    assert getattr(found, "trust", Trust.UNKNOWN) is trust
    assert moment_of(found) == (at, wall_time)
    assert lane_of(found) is lane_of(message)


DAMAGED = [
    '{"values": {"a": null}}',
    '{"values": {"a": NaN}}',
    '{"values": {"a": -Infinity}}',
    '{"values": []}',
    '{"facts": {"name": "x"}}',
]


@given(text=st.text(max_size=40) | st.sampled_from(DAMAGED))
@pytest.mark.parametrize("lane", list(Lane))
def test_damage_raises_what_a_reader_expects_and_nothing_else(lane, text):
    try:
        message_of(lane, text, Stamp(at=0.0, wall_time=None, trust=Trust.UNKNOWN))
    except (ValueError, TypeError, KeyError, AttributeError):
        return
    assert text == '{"values": []}'


def test_each_kind_has_its_lane():
    assert lane_of(event()) is Lane.EVENTS
    assert lane_of(change()) is lane_of(InfoReport(facts={})) is Lane.CHANGES
    assert lane_of(report()) is Lane.TELEMETRY


@pytest.mark.parametrize("ending", list(Ending))
def test_every_ending_is_counted_under_its_name(ending):
    assert getattr(Counters().plus(ending, 3), ending.value) == 3


def test_losses_outlive_the_process_and_damage_counts_as_none():
    counters = Counters(delivered=1, refused=2, unconfirmed=3, local=4, thinned=5, lost=6)
    assert read(kept(counters)) == Counters(refused=2, unconfirmed=3, local=4, thinned=5, lost=6)
    assert read({"lost": -1, "thinned": True, "refused": "3", "other": 1}) == Counters()
