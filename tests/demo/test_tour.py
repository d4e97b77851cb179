"""The tour in virtual time: every dialect, and several at once; the real emulators and agent."""

import pytest

from agent.demo.dialects import DIALECTS
from agent.demo.tour import STEPS, WITH_SEVERAL
from tests.demo.virtual import played

SEVERAL = [
    ("tencent", "aliyun", "onenet"),
    ("onenet", "tencent", "aliyun"),
    ("aliyun", "onenet-datastream"),
    ("tencent", "aliyun", "onenet-legacy"),
]


@pytest.mark.parametrize("name", DIALECTS)
def test_every_step_happens_on_every_dialect(name):
    found = played([name])
    assert [(step, happened) for step, happened, _ in found] == [(step, True) for step in STEPS], (
        found[-1]
    )
    seen = {step: text for step, _, text in found}
    how = "without TLS: this one has none" if name == "onenet-legacy" else "over TLS"
    assert f"at {name} {how}" in seen["online"]
    assert seen["load"].startswith("900.0 W")
    assert f"{name} (" in seen["outage"]


@pytest.mark.parametrize("names", SEVERAL, ids="-".join)
def test_every_step_happens_on_several_clouds_at_once(names):
    found = played(names)
    first = [step for step in STEPS if step != "off"]
    assert [step for step, _, _ in found] == [*first, *WITH_SEVERAL, "off"], found[-1]
    assert all(happened for _, happened, _ in found), found[-1]
    seen = {step: text for step, _, text in found}
    assert all(f"from {name} (" in seen["clouds"] for name in names)
    assert seen["why"].endswith(f"as {names[-1]} sent it")
    assert f"by cloud {DIALECTS[names[-1]].section}, request " in seen["why"]
