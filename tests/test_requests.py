"""What a cloud may ask, that a set waits for nothing, and that a repetition is answered."""

import pytest

from agent.memory import KEPT
from agent.messages import DONE, ActionCall, PropertySet, RefusalKind, refused
from agent.requests import Doings, Requests
from agent.rights import Rights
from tests.memories import Disk

ALL = Rights(reset_energy=True)
OFF_ONLY = Rights(commands="off_only", reset_energy=True)
OFF_LAMPS = Rights(commands="off_only", outputs={"A": False, "Glow": 0})
NONE = Rights(commands="none", reset_energy=True)


class Asked:
    def __init__(self, disk=None):
        self.now = 0.0
        self.commands = []
        self.disk = disk or Disk()
        self.outcome = DONE
        self.requests = Requests(
            Doings(execute=self._execute, position=lambda _name: None, commands=lambda: 0),
            lambda: self.now,
            self.disk,
            "socket-1",
        )
        self.requests.rights = {"tencent": Rights(), "aliyun": Rights()}

    def _execute(self, command):
        self.commands.append(command)
        return self.outcome

    def set(self, request_id="1", cloud="tencent", *, is_live=True, **values):
        request = PropertySet(request_id=request_id, values=values, is_live=is_live)
        return self.requests.execute(cloud, request)


# ── repetitions ─────────────────────────────────────────────────────────────────────────────


def test_a_repetition_gets_the_same_outcome_and_is_not_executed():
    asked = Asked()
    assert not asked.set(power_switch=True).is_repeat
    assert asked.set(power_switch=True).is_repeat
    assert len(asked.commands) == 1


def test_a_repetition_of_what_was_refused_is_refused_alike():
    asked = Asked()
    asked.outcome = refused(RefusalKind.TRIPPED, "tripped: overcurrent 7.3 A")
    first = asked.set(power_switch=True)
    asked.outcome = DONE
    assert asked.set(power_switch=True).refusal == first.refusal


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
    asked.now = 299.9
    assert asked.set(power_switch=True).is_repeat
    asked.now = 300.0
    assert not asked.set(power_switch=True).is_repeat
    for number in range(KEPT):
        asked.set(request_id=f"n{number}", power_switch=True)
    assert not asked.set(power_switch=True).is_repeat


async def test_what_a_cloud_may_not_do_pushes_no_answer_of_another_cloud_out():
    asked = Asked()
    asked.requests.rights = {"tencent": ALL, "aliyun": NONE}
    call = ActionCall(request_id="1", name="reset_energy", values={})
    await asked.requests.perform("tencent", call)
    asked.set(power_switch=True)
    for number in range(KEPT):
        refused_call = ActionCall(request_id=f"n{number}", name="reset_energy", values={})
        assert (await asked.requests.perform("aliyun", refused_call)).is_forbidden
        assert asked.set(request_id=f"n{number}", cloud="aliyun", power_switch=True).is_forbidden
    assert (await asked.requests.perform("tencent", call)).is_repeat
    assert asked.set(power_switch=True).is_repeat
    assert len(asked.commands) == 2


def test_a_set_that_was_forbidden_is_executed_once_the_right_is_given():
    asked = Asked()
    asked.requests.rights = {"tencent": NONE}
    assert asked.set(power_switch=True).is_forbidden
    asked.requests.rights = {"tencent": ALL}
    assert asked.set(power_switch=True) == DONE


def test_a_set_is_executed_and_answered_whatever_the_disk_does():
    disk = Disk()
    disk.is_refusing = True
    disk.holds.clear()
    asked = Asked(disk)
    assert asked.set(power_switch=False) == DONE
    assert asked.set("2", power_switch=True) == DONE
    assert len(asked.commands) == 2


# ── rights ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize(
    ("rights", "values", "is_allowed"),
    [
        (ALL, {"power_switch": True}, True),
        (ALL, {"power_switch": False}, True),
        (ALL, {"count_down": 60}, True),
        (OFF_ONLY, {"power_switch": False}, True),
        (OFF_ONLY, {"power_switch": True}, False),
        (OFF_ONLY, {"power_switch": False, "count_down": 5}, False),
        (OFF_ONLY, {"power_switch": 0}, False),
        (OFF_ONLY, {"count_down": 60}, False),
        (OFF_ONLY, {"count_down": 0}, False),
        (OFF_LAMPS, {"A": False, "Glow": 0}, True),
        (OFF_LAMPS, {"A": False, "Glow": 1}, False),
        (OFF_LAMPS, {"A": 0}, False),
        (OFF_LAMPS, {"Glow": False}, False),
        (OFF_LAMPS, {"A": False, "other": False}, False),
        (OFF_LAMPS, {}, False),
        (NONE, {"power_switch": True}, False),
        (NONE, {"power_switch": False}, False),
        (NONE, {"count_down": 60}, False),
    ],
)
def test_a_cloud_has_the_rights_of_its_section_live_and_stored(rights, values, is_allowed, is_live):
    asked = Asked()
    asked.requests.rights = {"tencent": rights}
    outcome = asked.set(is_live=is_live, **values)
    assert (outcome.refusal is None) is is_allowed
    assert outcome.is_forbidden is not is_allowed
    assert len(asked.commands) == is_allowed


@pytest.mark.parametrize(
    ("rights", "is_allowed", "words"),
    [
        (ALL, True, ""),
        (Rights(), False, "reset_energy = false"),
        (OFF_ONLY, False, 'commands = "off_only"'),
        (NONE, False, 'commands = "none"'),
    ],
)
async def test_an_action_needs_all_commands_and_a_right_of_its_own(rights, is_allowed, words):
    asked = Asked()
    asked.requests.rights = {"tencent": rights}
    call = ActionCall(request_id="1", name="reset_energy", values={})
    outcome = await asked.requests.perform("tencent", call)
    assert len(asked.commands) == is_allowed
    if is_allowed:
        assert outcome == DONE
    else:
        assert outcome.refusal.kind is RefusalKind.NOT_ALLOWED
        assert words in outcome.refusal.reason
        assert asked.disk.written == []


def test_a_refusal_for_want_of_rights_says_which_setting_it_is():
    asked = Asked()
    asked.requests.rights = {"tencent": NONE}
    assert asked.set(power_switch=False).refusal.reason == (
        'this cloud only watches (commands = "none")'
    )


def test_a_cloud_without_a_section_has_no_rights():
    asked = Asked()
    asked.requests.rights = {"aliyun": Rights()}  # tencent's link is being stopped by a reload
    outcome = asked.set(power_switch=True)
    assert outcome.refusal is not None
    assert asked.commands == []
