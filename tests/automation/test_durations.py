import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.automation.durations import parse_duration, write_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h30m", 5400), ("2d", 172_800), (" 5M ", 300)],
)
def test_a_duration_is_read(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "m", "10m5h", "-1s", "1.5h", "１m"])
def test_anything_else_says_what_is_allowed(text):
    with pytest.raises(ValueError, match="allowed: a duration such as"):
        parse_duration(text)


@given(st.integers(0, 10**8))
def test_a_duration_is_read_as_it_was_written(seconds):
    assert parse_duration(write_duration(seconds)) == seconds
