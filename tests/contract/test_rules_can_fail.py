"""Each rule finds a codec that breaks it: one that cannot fail is worse than none."""

import pytest

from agent.conformance.rules import CODEC_RULES, examine
from tests.contract.bent import bent
from tests.contract.breaks import BREAKS
from tests.contract.breaks_of_batches import BREAKS_OF_BATCHES

ALL = (*BREAKS, *BREAKS_OF_BATCHES)
RULES = {rule.name: rule for rule in CODEC_RULES}


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.rule}: {case.says}")
def test_a_rule_finds_what_breaks_it(case):
    found = [each.what for each in RULES[case.rule].findings(bent(case.title, **case.changes))]
    assert any(case.says in what for what in found), found


def test_every_rule_was_seen_to_fail():
    assert {case.rule for case in ALL} == RULES.keys()


def test_a_codec_that_is_not_bent_passes_all_rules():
    assert examine(bent("tencent")) == ()
