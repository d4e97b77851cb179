"""What a cloud may ask, and that a repetition is answered and not executed."""

import asyncio

import pytest

from agent.memory import KEPT, ProcessMemory
from agent.messages import DONE, ActionCall, PropertySet, RefusalKind
from agent.requests import Requests
from agent.rights import Rights


class Asked:
    def __init__(self):
        self.now = 0.0
        self.commands = []
        self.requests = Requests(self._execute, lambda: self.now, ProcessMemory(), "socket-1")
        self.requests.rights = {"tencent": Rights(), "aliyun": Rights()}

    def _execute(self, command):
        self.commands.append(command)
        return DONE

    def set(self, request_id="1", cloud="tencent", **values):
        return self.requests.execute(cloud, PropertySet(request_id=request_id, values=values))


def test_a_repetition_gets_the_same_outcome_and_is_not_executed():
    asked = Asked()
    assert not asked.set(power_switch=True).is_repeat
    assert asked.set(power_switch=True).is_repeat
    assert len(asked.commands) == 1


@pytest.mark.parametrize(
    "again",
    [
        {"request_id": "2", "power_switch": True},
        {"cloud": "aliyun", "power_switch": True},
        {"power_switch": False},
        {"power_switch": True, "count_down": 5},
        {"power_switch": 1},
    ],
)
def test_another_id_cloud_or_payload_is_another_request(again):
    asked = Asked()
    asked.set(power_switch=True)
    assert not asked.set(**again).is_repeat
    assert len(asked.commands) == 2


def test_a_repetition_is_forgotten_after_five_minutes_and_beyond_256():
    asked = Asked()
    asked.set(power_switch=True)
    asked.now = 300.0
    assert not asked.set(power_switch=True).is_repeat
    for number in range(KEPT):
        asked.set(request_id=f"n{number}", power_switch=True)
    assert not asked.set(power_switch=True).is_repeat


@pytest.mark.parametrize(
    ("rights", "values", "is_allowed"),
    [
        (Rights(), {"power_switch": True}, True),
        (Rights(commands="none"), {"power_switch": False}, False),
        (Rights(commands="off_only"), {"power_switch": False}, True),
        (Rights(commands="off_only"), {"power_switch": True}, False),
        (Rights(commands="off_only"), {"power_switch": False, "count_down": 5}, False),
        (Rights(commands="off_only"), {"power_switch": 0}, False),
    ],
)
def test_a_cloud_has_the_rights_of_its_section(rights, values, is_allowed):
    asked = Asked()
    asked.requests.rights = {"tencent": rights}
    outcome = asked.set(**values)
    assert (outcome.refusal is None) is is_allowed
    assert len(asked.commands) == is_allowed


@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_cloud_resets_the_energy_only_where_it_is_allowed(is_allowed):
    asked = Asked()
    asked.requests.rights = {"tencent": Rights(reset_energy=is_allowed)}
    call = ActionCall(request_id="1", name="reset_energy", values={})
    outcome = asyncio.run(asked.requests.perform("tencent", call))
    assert (outcome.refusal is None) is is_allowed
    if outcome.refusal is not None:
        assert outcome.refusal.kind is RefusalKind.NOT_ALLOWED


def test_a_cloud_without_a_section_has_no_rights():
    asked = Asked()
    asked.requests.rights = {"aliyun": Rights()}  # tencent's link is being stopped by a reload
    outcome = asked.set(power_switch=True)
    assert outcome.refusal is not None
    assert asked.commands == []
