"""Every driver that is built in holds what drivers of its role promise."""

import pytest

from agent.conformance.drivers.subject import RULES
from agent.registry import BUILT_IN
from tests.contract.drivers.subjects import CHOOSERS, STANDS, SUBJECTS

pytestmark = pytest.mark.unmeasured

CASES = [
    pytest.param(subject, rule, id=f"{subject.title}: {rule.name}")
    for subject in SUBJECTS
    for rule in RULES[subject.role]
]


@pytest.mark.parametrize(("subject", "rule"), CASES)
async def test_a_driver_holds_what_its_role_promises(subject, rule):
    assert [each.what for each in await rule.findings(subject.stand, subject.patience_s)] == []


@pytest.mark.parametrize("role", RULES)
def test_every_driver_that_is_built_in_is_examined(role):
    known = {name for name in BUILT_IN[role] if (role, name) not in CHOOSERS}
    assert known <= STANDS[role].keys()
