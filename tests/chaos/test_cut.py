"""What the row of a cut over real sockets must not let pass."""

from dataclasses import replace

import pytest

from chaos.heard import Heard
from chaos.outages.cut import SWITCHED, Cut, row
from chaos.report import Verdict

AT = [1_800_000_000.2, 1_800_000_001.6, 1_800_000_003.1]


def told(stamps, positions=SWITCHED):
    return [
        (on, Heard(at=1_800_000_009.0, stamp=stamp, event="", values={}))
        for on, stamp in zip(positions, stamps, strict=True)
    ]


STAMPS = [int(at * 1000) + 3 for at in AT]
CUT = Cut(switched_at=AT, told=told(STAMPS), back_s=3.0, cloud={"lost": 0, "unconfirmed": 0})


@pytest.mark.parametrize(
    ("cloud", "stamps"),
    [
        ("tencent", STAMPS),
        ("onenet-datastream", [int(at) for at in AT]),
        ("onenet-legacy", [None] * 3),
    ],
)
def test_what_is_told_in_order_with_its_time_holds(cloud, stamps):
    assert row("outage", cloud, replace(CUT, told=told(stamps))).verdict is Verdict.HELD


@pytest.mark.parametrize(
    "changes",
    [
        {"told": told(STAMPS)[:2]},
        {"told": told([STAMPS[0] + 5000, *STAMPS[1:]])},
        {"told": told([None] * 3)},
        {"told": told(STAMPS[::-1])},
        {"back_s": None},
        {"cloud": {"lost": 1, "unconfirmed": 0}},
    ],
)
def test_what_is_not_told_or_told_of_another_time_fails(changes):
    assert row("outage", "tencent", replace(CUT, **changes)).verdict is Verdict.BROKEN
