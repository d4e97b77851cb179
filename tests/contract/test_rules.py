"""Every rule over every codec."""

import pytest

from agent.conformance.rule import Draws
from agent.conformance.rules import CODEC_RULES
from tests.contract.dialects import SPEAKERS
from tests.contract.subjects import subject


@pytest.mark.parametrize("name", SPEAKERS)
@pytest.mark.parametrize("rule", CODEC_RULES, ids=lambda rule: rule.name)
def test_a_codec_holds_every_rule(rule, name):
    assert [each.what for each in rule.findings(subject(name), Draws(seed=1, count=400))] == []
