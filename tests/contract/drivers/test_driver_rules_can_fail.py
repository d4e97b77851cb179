"""Each rule of drivers finds a driver that breaks it: one that cannot fail is worse than none."""

import pytest

from agent.conformance.drivers.subject import RULES, DriverSubject, examined
from tests.contract.drivers.breaks_of_parts import PARTS
from tests.contract.drivers.breaks_of_relays import RELAYS
from tests.contract.drivers.memory import HARDWARE, Air, Contact, Lid, Plain, Unwatched, stand

ALL = (*RELAYS, *PARTS)
BY_NAME = {rule.name: rule for rules in RULES.values() for rule in rules}
SHARED = {f"{role}-{name}" for role in RULES if role != "relay" for name in ("again", "lets-go")}
"""The same code as those of relays, under another name."""
PATIENCE_S = 0.2


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.rule}: {case.says}")
async def test_a_rule_finds_what_breaks_it(case):
    rule = BY_NAME[case.rule]
    patience_s = getattr(case.driver, "patience_s", PATIENCE_S)
    findings = await rule.findings(stand(case.hardware, case.driver), patience_s)
    found = [each.what for each in findings]
    assert any(case.says in what for what in found), found


def test_every_rule_was_seen_to_fail():
    assert {case.rule for case in ALL} | SHARED == BY_NAME.keys()


@pytest.mark.parametrize(
    ("role", "hardware", "driver"),
    [
        *((role, *parts) for role, parts in HARDWARE.items()),
        ("relay", Contact, Plain),
        ("sensor", Lid, HARDWARE["sensor"][1]),
        ("sensor", Air, Unwatched),
    ],
)
async def test_a_driver_that_is_not_bent_passes_all_rules(role, hardware, driver):
    made = stand(hardware, driver)
    subject = DriverSubject(title=role, role=role, stand=made, patience_s=PATIENCE_S * 5)
    findings = [each.findings async for each in examined(subject)]
    assert findings == [()] * len(RULES[role])
