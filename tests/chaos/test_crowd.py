"""Faults in some devices of many, in virtual time, and what the others must not notice."""

from dataclasses import replace
from functools import cache

import pytest

from chaos.crowd.crowd import Work, faults_of, row, work
from chaos.crowd.play import KINDS
from chaos.report import Verdict

pytestmark = pytest.mark.unmeasured

WANTED = Work(devices=40, faulty=len(KINDS), seed=2)


@cache
def played():
    return work(WANTED)


def test_nobody_notices_the_faults_of_others_and_everybody_comes_back():
    crowd = played()
    assert faults_of(WANTED, crowd) == []
    assert sorted(crowd.faults) == sorted(KINDS)
    assert crowd.unseen == []
    assert row(WANTED, crowd).verdict is Verdict.HELD


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"lost": 1}, "1 frames lost"),
        ({"frames": 10}, "only 10 frames"),
        ({"slowest_s": 0.3}, "a command took 0.30 s"),
        ({"unanswered": 2}, "2 commands without an answer"),
        ({"commands": 3}, "only 3 commands"),
        ({"connects": 32}, "32 connects of 31 links"),
        ({"warnings": 1}, "1 warnings about healthy ones"),
        ({"back": 8}, "1 did not come back"),
        ({"unseen": ["drop"]}, "no sign of drop"),
    ],
)
def test_what_is_wrong_is_named(change, text):
    assert faults_of(WANTED, replace(played(), **change)) == [text]
