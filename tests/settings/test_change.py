import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from agent.settings.change import Change, checked_change, parse_change


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("2%", Change(relative=0.02)),
        ("10 %", Change(relative=0.1)),
        ("10% or 3", Change(relative=0.1, absolute=3)),
        ("3 or 10%", Change(relative=0.1, absolute=3)),
        ("0.5", Change(absolute=0.5)),
        (0.01, Change(absolute=0.01)),
        (3, Change(absolute=3)),
        ("0", Change(absolute=0)),
    ],
)
def test_a_reportable_change_is_a_number_a_percentage_or_both(text: float | str, change: Change):
    assert parse_change(text) == change


@pytest.mark.parametrize(
    "text",
    [
        *("", "much", "-1", "2%%", "2% or", "2% or 3%", "3 or 4", "101%", "1e3", "nan", "٣%"),
        *(-0.1, float("nan"), float("inf"), True),
    ],
)
def test_nonsense_is_refused(text: float | str):
    with pytest.raises(ValueError, match="a number, a percentage, or both"):
        parse_change(text)


def test_a_value_of_another_type_is_no_change():
    with pytest.raises(PydanticCustomError):
        checked_change(["2%"])
    assert checked_change("2%") == "2%"


@given(st.one_of(st.text(max_size=20), st.floats()))
def test_any_input_gives_bounds_that_make_sense_or_is_refused(text: float | str):
    try:
        change = parse_change(text)
    except ValueError:
        return
    assert change.relative is None or 0 <= change.relative <= 1
    assert change.absolute is None or 0 <= change.absolute < float("inf")
