"""Every rule over every codec."""

from dataclasses import replace

import pytest

from agent.conformance.rules import CODEC_RULES
from agent.conformance.subject import Draws
from tests.contract.dialects import SPEAKERS
from tests.contract.subjects import subject


@pytest.mark.parametrize("name", SPEAKERS)
@pytest.mark.parametrize("rule", CODEC_RULES, ids=lambda rule: rule.name)
def test_a_codec_holds_every_rule(rule, name):
    examined = replace(subject(name), draws=Draws(seed=1, count=400))
    assert [each.what for each in rule.findings(examined)] == []
