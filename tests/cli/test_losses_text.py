"""What a cloud never had stands in a line of the table, where there is any."""

import pytest

from agent.cli.losses import WORDS, losses_text
from agent.cli.table import status_text
from agent.outbox.endings import NAMES, Ending

NONE = {"refused": 0, "unconfirmed": 0, "local": 0, "thinned": 0, "lost": 0, "not_told_kwh": 0.0}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, ""),
        ({"thinned": 7310, "lost": 12}, "7,310 merged, 12 lost"),
        (
            {"refused": 1, "unconfirmed": 2, "local": 3},
            "1 refused, 2 never confirmed, 3 kept here only",
        ),
        ({"not_told_kwh": 0.25}, "0.25 kWh not told"),
        ({"lost": None, "not_told_kwh": None}, ""),
    ],
)
def test_what_was_counted_is_told_and_nothing_else(changes, text):
    assert losses_text({**NONE, **changes}) == text


def test_every_ending_that_is_a_loss_has_a_word():
    assert {*WORDS, Ending.DELIVERED.value} == set(NAMES)


def test_the_line_stands_below_its_cloud():
    cloud = {"connected": False, "pending": 3, **NONE}
    device = {"id": "s", "kind": "socket", "clouds": {"aliyun": cloud}}
    assert "missing" not in status_text({"devices": [device]})
    device["clouds"] = {"aliyun": {**cloud, "lost": 4}}
    lines = status_text({"devices": [device]}).splitlines()
    at = next(i for i, line in enumerate(lines) if "cloud aliyun" in line)
    assert lines[at + 1].split() == ["missing", "4", "lost"]
