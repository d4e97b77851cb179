"""Every driver that is built in holds what drivers of its role promise."""

import pytest

from agent.conformance.drivers.subject import RULES
from tests.contract.drivers.subjects import SUBJECTS

CASES = [
    pytest.param(subject, rule, id=f"{subject.title}: {rule.name}")
    for subject in SUBJECTS.values()
    for rule in RULES[subject.role]
]


@pytest.mark.parametrize(("subject", "rule"), CASES)
async def test_a_driver_holds_what_its_role_promises(subject, rule):
    assert [each.what for each in await rule.findings(subject.stand, subject.patience_s)] == []
