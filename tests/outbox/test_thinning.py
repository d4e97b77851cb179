"""Telemetry makes room: merged first, then summarised, then dropped, and never made up."""

from hypothesis import given
from hypothesis import strategies as st

from agent.outbox import Lane
from agent.outbox.shrinking import Span, planned
from agent.outbox.thinning import GROUP, MOST_MERGED, thinned
from tests.outbox.rows import row

QUANTITIES = st.dictionaries(
    st.sampled_from(["voltage", "current", "total_energy"]),
    st.floats(0, 1000).map(lambda value: round(value, 2)),
    min_size=1,
)


def rows(*values, **more):
    return [row(number, voltage=value, **more) for number, value in enumerate(values, start=1)]


def test_nothing_happens_where_there_is_room():
    before = rows(1.0, 2.0)
    assert thinned(before, 2).rows == before


def test_a_report_leaves_what_it_alone_tells_in_the_next_one():
    first, second = row(1, voltage=230.0, current=1.0), row(2, voltage=231.0)
    left = thinned([first, second], 1)
    (only,) = left.rows
    assert only.message.values == {"voltage": 231.0, "current": 1.0}
    assert (only.number, only.message.at, only.stands_for) == (2, 2.0, 2)
    assert (left.merged, left.lost) == (1, 0)


def test_the_oldest_are_merged_first_and_no_more_than_needed():
    left = thinned(rows(*map(float, range(8))), 6)
    assert [(each.number, each.stands_for) for each in left.rows] == [
        (2, 2),
        (4, 2),
        (5, 1),
        (6, 1),
        (7, 1),
        (8, 1),
    ]


def test_eight_in_one_come_before_lowest_mean_and_highest():
    left = thinned(rows(*map(float, range(64))), 8)
    assert [each.stands_for for each in left.rows] == [MOST_MERGED] * 8


def test_of_a_group_the_extremes_stay_when_they_were_and_the_mean_between():
    values = [230.0 + number % 7 for number in range(GROUP)]
    values[5], values[20] = 180.0, 260.0
    before = [
        row(number, stands_for=8, voltage=value, total_energy=number / 10)
        for number, value in enumerate(values)
    ]
    left = thinned(before, 5, totals=["total_energy"])
    told = {each.number: each.message.values for each in left.rows}
    assert told[5] == {"voltage": 180.0}
    assert told[20] == {"voltage": 260.0}
    assert told[GROUP - 1] == {"total_energy": (GROUP - 1) / 10}
    ((middle, mean),) = [(k, v["voltage"]) for k, v in told.items() if k not in {5, 20, GROUP - 1}]
    assert 5 < middle < GROUP
    assert mean == round(sum(values) / GROUP, 4)
    assert sum(each.stands_for for each in left.rows) == 8 * GROUP
    assert left.lost == 0


def test_a_few_values_all_stay_and_of_texts_the_last():
    before = [row(number, stands_for=8, voltage=float(number)) for number in range(GROUP)]
    before[3] = row(3, stands_for=8, current=1.0, note="early")
    before[9] = row(9, stands_for=8, current=2.0, note="late")
    left = thinned(before, 6)
    told = [(each.number, each.message.values) for each in left.rows]
    assert (3, {"current": 1.0}) in told
    assert (9, {"current": 2.0, "note": "late"}) in told


def test_what_was_summarised_is_dropped_in_the_end_the_oldest_first_and_counted_whole():
    before = [row(number, stands_for=100) for number in range(10)]
    left = thinned(before, 7)
    assert [each.number for each in left.rows] == list(range(3, 10))
    assert left.lost == 300


@given(values=st.lists(QUANTITIES, max_size=150), goal=st.integers(-1, 150))
def test_whatever_is_thinned_is_in_order_counted_and_was_so(values, goal):
    before = [row(number, **each) for number, each in enumerate(values)]
    left = thinned(before, goal, totals=["total_energy"])
    numbers = [each.number for each in left.rows]
    assert numbers == sorted(set(numbers))
    assert len(left.rows) <= max(goal, 0) or len(left.rows) == len(before)
    assert sum(each.stands_for for each in left.rows) + left.lost == len(before)
    for each in left.rows:
        assert each.message.at == each.number
        for name, value in each.message.values.items():
            known = [said[name] for said in values if name in said]
            assert min(known) <= value <= max(known)
            if name == "total_energy":
                assert value in [said.get(name) for said in values[: each.number + 1]]


@given(goal=st.integers(0, 60), count=st.integers(0, 50), lane=st.sampled_from(list(Lane)))
def test_a_plan_frees_what_it_says(goal, count, lane):
    before = [row(number, lane=lane) for number in range(count)]
    plan = planned(lane, before, goal)
    after = {each.number: each for each in before if each.number not in plan.removed}
    after |= {each.number: each for each in plan.changed}
    assert len(before) - len(after) == plan.freed_rows >= min(goal, count)
    sizes = [sum(each.size for each in rows) for rows in (before, after.values())]
    assert sizes[0] - sizes[1] == plan.freed_bytes
    if lane is not Lane.TELEMETRY:
        assert not plan.changed
        assert plan.lost == plan.freed_rows


def test_a_span_begins_after_its_first_and_ends_with_its_last():
    span = Span(after=3, up_to=5)
    assert [number for number in range(8) if number in span] == [4, 5]
