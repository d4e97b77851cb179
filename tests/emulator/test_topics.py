import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.emulator import topics

MATCHES = [
    ("a/b", "a/b", True),
    ("a/b", "a/c", False),
    ("a/b", "a/b/c", False),
    ("a/+", "a/b", True),
    ("a/+", "a", False),
    ("a/+", "a/b/c", False),
    ("a/+", "a/", True),
    ("a/#", "a", True),
    ("a/#", "a/b/c", True),
    ("+/+", "/b", True),
    ("#", "a/b", True),
    ("#", "$sys/a", False),
    ("+/a", "$sys/a", False),
    ("$sys/#", "$sys/a", True),
    ("$sys/+", "$sys/a", True),
    ("/+", "/finance", True),
    ("+", "/finance", False),
]


@pytest.mark.parametrize(("topic_filter", "topic", "expected"), MATCHES)
def test_a_filter_matches_as_the_standard_says(topic_filter, topic, expected):
    assert topics.matches(topic_filter, topic) is expected


@pytest.mark.parametrize("bad", ["", "a/#/b", "a#", "a+/b", "#/a", "+a"])
def test_a_malformed_filter_is_known(bad):
    assert not topics.is_filter(bad)


@pytest.mark.parametrize(
    ("pattern", "topic_filter", "expected"),
    [
        ("p/d/#", "p/d/data", True),
        ("p/d/#", "p/d/+", True),
        ("p/d/#", "p/d/#", True),
        ("p/d/#", "p/+/data", False),
        ("p/d/#", "#", False),
        ("t/+/p/d", "t/+/p/d", True),
        ("t/+/p/d", "t/x/p/+", False),
        ("t/+/p/d", "t/#", False),
    ],
)
def test_a_pattern_covers_only_filters_that_stay_within_it(pattern, topic_filter, expected):
    assert topics.covers(pattern, topic_filter) is expected


LEVELS = st.lists(st.sampled_from(["a", "b", "+", ""]), min_size=1, max_size=4)
NAMES = st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=4)


@given(LEVELS, LEVELS, NAMES)
def test_what_a_covered_filter_matches_the_pattern_matches_too(pattern, inner, topic):
    outer, inner_filter, name = "/".join(pattern), "/".join(inner), "/".join(topic)
    if topics.covers(outer, inner_filter) and topics.matches(inner_filter, name):
        assert topics.matches(outer, name)
