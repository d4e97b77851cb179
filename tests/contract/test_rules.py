"""Every rule over every codec."""

from dataclasses import replace

import pytest

from agent.conformance.rules import CODEC_RULES
from agent.conformance.subject import Draws
from tests.contract.subjects import SUBJECTS, subject


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize("rule", CODEC_RULES, ids=lambda rule: rule.name)
def test_a_codec_holds_every_rule(rule, name):
    examined = replace(subject(name), draws=Draws(seed=1, count=400))
    assert [each.what for each in rule.findings(examined)] == []
