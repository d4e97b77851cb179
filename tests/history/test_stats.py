"""Statistics of two times become those of one, and survive being written down."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.history.stats import Numbers, Switched, Used, ends, held, merged, used_only
from agent.history.text import from_text, to_text

seconds = st.integers(1, 6_000_000).map(lambda n: n / 100)
values = st.floats(-1e6, 1e6, allow_nan=False)
counts = st.integers(0, 10**15)


@st.composite
def numbers(draw):
    low, mean, high = sorted(draw(st.tuples(values, values, values)))
    return Numbers(known_s=draw(seconds), mean=mean, minimum=low, maximum=high)


@st.composite
def switched(draw):
    known_s = draw(seconds)
    return Switched(known_s=known_s, on_s=min(known_s, draw(seconds)), last=draw(st.booleans()))


used = st.builds(Used, known_s=seconds, count=counts, end=counts)
stats = st.dictionaries(st.text(max_size=8), st.one_of(numbers(), switched(), used), max_size=6)


@given(stats, stats)
def test_a_merger_keeps_times_and_counts(older, newer):
    found = merged(older, newer)
    assert set(found) == {*older, *newer}
    for name, stat in found.items():
        parts = [each[name] for each in (older, newer) if name in each]
        if len({type(each) for each in parts}) == 1:
            assert stat.known_s == pytest.approx(sum(each.known_s for each in parts))
        else:
            assert stat == newer[name]
        if isinstance(stat, Used) and len(parts) == 2 and isinstance(parts[0], Used):
            assert stat.count == parts[0].count + parts[1].count
            assert stat.end == max(parts[0].end, parts[1].end)
        if isinstance(stat, Numbers):
            assert stat.minimum <= stat.mean <= stat.maximum


def test_a_mean_is_weighted_by_what_was_known():
    older = {"p": Numbers(known_s=30, mean=100, minimum=90, maximum=110)}
    newer = {"p": Numbers(known_s=10, mean=200, minimum=50, maximum=300)}
    assert merged(older, newer)["p"] == Numbers(known_s=40, mean=125, minimum=50, maximum=300)


def test_two_times_of_which_nothing_is_known_have_the_newer_mean():
    older = {"p": Numbers(known_s=0, mean=1, minimum=1, maximum=1)}
    newer = {"p": Numbers(known_s=0, mean=2, minimum=2, maximum=2)}
    assert merged(older, newer)["p"].mean == 2


@pytest.mark.parametrize("value", [None, "text", float("nan"), float("inf")])
def test_a_value_that_is_none_changes_nothing(value):
    assert held(None, value, 1) is None
    known = Switched(known_s=1, on_s=1, last=True)
    assert held(known, value, 1) == known


def test_counts_are_found_among_the_rest():
    found = {"e": Used(known_s=1, count=2, end=3), "s": Switched(known_s=1, on_s=1, last=True)}
    assert set(used_only(found)) == {"e"}
    assert ends(found) == {"e": 3}


@given(stats)
def test_what_is_written_is_read(found):
    again = from_text(to_text(found))
    assert set(again) == set(found)
    for name, stat in found.items():
        assert type(again[name]) is type(stat)
        assert again[name].known_s == pytest.approx(stat.known_s, abs=0.006)
        if isinstance(stat, Used):
            assert (again[name].count, again[name].end) == (stat.count, stat.end)
        if isinstance(stat, Numbers):
            assert again[name].mean == pytest.approx(stat.mean, rel=1e-5)


def test_it_is_short():
    found = {"voltage": Numbers(known_s=60.0, mean=230.123456, minimum=229.8, maximum=230.0)}
    assert to_text(found) == '{"voltage":[60.0,230.123,229.8,230]}'


@given(
    st.one_of(
        st.text(),
        st.recursive(st.none() | st.floats() | st.text() | st.integers(), st.lists).map(json.dumps),
    )
)
def test_any_text_is_statistics_or_an_error_that_says_so(text):
    try:
        found = from_text(text)
    except ValueError:
        return
    assert from_text(to_text(found)) is not None


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "[" * 100_000,
        '{"a":1}',
        '{"a":[1,2,3]}',
        '{"a":[true,2,3,4]}',
        '{"a":[-1,2,3,4]}',
        '{"a":[1,NaN,3,4]}',
        '{"a":[1,1e300,3,4]}',
        '{"a":["s",1,1,2]}',
        '{"a":["u",1,1.5,2]}',
        '{"a":["u",1,true,2]}',
        '{"a":["u",1,-1,2]}',
        '{"a":["u","1",1,2]}',
    ],
)
def test_what_was_never_written_so_is_refused(text):
    with pytest.raises(ValueError, match=r"no (statistics|number|time|count)"):
        from_text(text)
