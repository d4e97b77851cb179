"""What `polycloud calibrate` prints, and the numbers that it reads."""

import pytest

from agent.cli.calibration_text import change_text, list_text, progress_text
from agent.cli.calibration_walk import parsed
from agent.cli.journal import sentence
from tests.cli.calibrate_support import LISTED, SETTLED


def test_the_ledger_tells_a_calibration_in_a_sentence():
    old, new = {"voltage": 1.0, "current": 1.0}, {"voltage": 1.02, "current": 1.0}
    details = {"old": old, "new": new, "by": "maker", "is_undo": False}
    entry = {"topic": "energy", "name": "calibration_changed", "details": details}
    assert sentence(entry).endswith("calibrated by maker: voltage × 1.0200; counted energy stays")
    back = {**entry, "details": {"old": new, "new": old, "by": "maker", "is_undo": True}}
    assert "calibration taken back by maker: voltage × 1.0000" in sentence(back)
    odd = {**entry, "details": {"new": {"voltage": "?"}}}
    assert "voltage × ?" in sentence(odd)


def test_progress_says_how_many_and_how_steady():
    assert progress_text(SETTLED) == (
        "voltage 20/20 225.5 V ±0.1%   current 20/20 3.992 A ±0.0%   power 20/20 882.4 W ±0.2%"
    )
    assert "voltage 0/0 –" in progress_text({})


def test_the_list_says_when_by_whom_and_from_what():
    lines = list_text(LISTED).splitlines()
    assert lines[1] == "  kv (voltage): 3.0690 → 3.1302"
    assert "by maker: calibrated to voltage × 1.0200" in lines[-2]
    assert "(225.5 V against 230.0 V)" in lines[-2]
    assert lines[-1] == "  time not known by maker: taken back to voltage × 1.0000"
    assert list_text({}).endswith("Never calibrated.")


@pytest.mark.parametrize("odd", [{}, {"registers": 3, "old": []}, {"registers": {"voltage": 1}}])
def test_an_odd_answer_is_shown_without_a_crash(odd):
    assert "–" in change_text(odd)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("229,8", 229.8), ("1e3", 1000.0), ("-1", None), ("nan", None), ("inf", None), ("x", None)],
)
def test_a_number_is_read_as_people_type_it(typed, value):
    assert parsed(typed) == value
