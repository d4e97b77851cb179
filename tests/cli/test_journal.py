"""Every row of the journal reads as a sentence."""

import time

import pytest

from agent.cli.journal import BREAKS, CONDITIONS, WHY, sentence
from agent.devices.effects import Record
from agent.devices.inputs import Found
from agent.devices.socket.energy import Reason
from agent.devices.socket.socket import Socket
from agent.model import Condition, StartCause
from tests.devices.socket.bench import settings

MADE = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(1.8e9))


def said(topic, name, **details):
    row = {"topic": topic, "name": name, "at": 12.0, "wall_time": None, "details": details}
    return sentence(row)


def test_a_row_without_a_trusted_time_says_when_after_the_boot():
    assert said("relay", "on", why="countdown").startswith("12 s after boot")
    assert sentence({"topic": "x", "name": "y"}).startswith("time unknown")


def test_a_row_of_another_boot_says_which_and_a_date_that_is_computed_is_marked():
    row = {"topic": "relay", "name": "on", "at": 30.2, "boot_id": "1a2b3c4d", "wall_time": None}
    assert sentence(row).startswith("boot 1a2b, 30 s      relay")
    dated = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(1.8e9))
    assert sentence({**row, "wall_time": 1.8e9}).startswith(f"{dated}  relay")
    assert sentence({**row, "wall_time": 1.8e9, "is_estimated": True}).startswith(f"~{dated}  ")


def test_a_clock_that_was_set_and_a_time_that_is_known_are_told():
    assert said("clock", "stepped", by_s=-3600.04).endswith("clock was set by -3600.0 s")
    assert said("clock", "stepped").endswith("clock was set by unknown s")
    text = said("clock", "trusted", trust="platform", source="platform", why="it has told it")
    assert text.endswith("the time is known from here on (platform): it has told it")


def test_every_condition_of_the_state_that_is_told_has_words():
    found = {each.value for each in Condition} - {"new", "good"}
    assert found <= set(CONDITIONS)
    for condition in found:
        text = said("energy", "state_damaged", condition=condition, total_mj=7_200_000)
        assert text.endswith("; counting goes on from 2.00 Wh")
    assert "the kept state is odd" in said("energy", "state_lost", condition="odd")


@pytest.mark.parametrize("condition", ["good", "new"])
def test_a_state_of_which_a_part_was_dropped_says_which(condition):
    dropped = ["trip", "books"]
    text = said("energy", "state_damaged", condition=condition, total_mj=0, dropped=dropped)
    assert "state_damaged" not in text
    assert text.endswith(
        "  in what was kept trip, books cannot be understood and begins anew;"
        " counting goes on from 0.00 Wh"
    )
    assert said("energy", "state_damaged", condition="older", dropped="x").count(";") == 1


def test_a_movement_by_a_rule_names_it():
    details = {"why": "rule", "name": "charge", "text": "when x"}
    row = {"topic": "relay", "name": "off", "details": details}
    assert sentence(row).endswith("off: rule charge (when x)")


def test_every_break_of_the_count_has_words():
    assert set(BREAKS) == {reason.value for reason in Reason}
    for name in BREAKS:
        text = said("energy", name, credited=3, credited_mj=47, gap_s=2.5, step=9, total_mj=5)
        assert "{" not in text


@pytest.mark.parametrize("condition", list(Condition))
def test_a_start_that_did_not_follow_its_policy_says_why_and_what_to_do(condition):
    device = Socket(settings=settings(relay={"on_start": "on"}))
    saved = None if condition in (Condition.NEW, Condition.LOST) else {"relay_on": True}
    found = Found(saved=saved, cause=StartCause.CRASH, condition=condition)
    state, effects = device.start(found, 2000.0)
    (row,) = [each for each in effects if isinstance(each, Record) and each.topic == "relay"]
    text = said("relay", row.name, **row.details)
    assert ("kept off whatever on_start says" in text) is not state.relay_on
    assert ("switch it on by the button or polycloud on" in text) is not state.relay_on


def test_every_movement_has_words():
    for why in WHY:
        assert said("relay", "off", why=why, by="local root", request="r1", live=False)
    assert "stored at the platform" in said(
        "relay", "off", why="command", by="cloud tencent", request="r1", live=False
    )
    assert said("relay", "off", why="else").endswith("off: else")


@pytest.mark.parametrize(
    ("topic", "name", "details", "says"),
    [
        (
            "protection",
            "tripped",
            {"text": "overcurrent 9 A", "rule": "for 3 s", "evidence": "x", "duration_s": 3},
            "TRIPPED: overcurrent 9 A, for 3 s; seen by the x",
        ),
        ("protection", "reset", {"by": "button", "trip": "overcurrent 9 A"}, "reset by button"),
        ("protection", "contact_welded", {"text": "UNPLUG"}, "contact_welded: UNPLUG"),
        ("protection", "high_voltage", {"voltage_v": 255}, "high voltage: 255 V"),
        ("protection", "overload_warning", {"current_a": 5.3}, "overload: 5.3 A"),
        ("protection", "fault_cleared", {"fault": "relay_failed"}, "fault relay_failed"),
        ("energy", "day", {"day": "2026-11-26", "used_mj": 7_200_000}, "ended with 2.00 Wh"),
        ("energy", "month", {"month": "2026-11", "used_mj": 1, "note": "n"}, "(n)"),
        ("energy", "dated", {"used_mj": 7_200_000_000}, "2.000 kWh counted before"),
        ("energy", "reset", {"shown_mj": None, "by": "cloud x"}, "from unknown Wh by cloud x"),
        (
            "protection",
            "tripped",
            {"text": "meter_lost", "cause": "meter_lost", "evidence": "no good frame"},
            "; no good frame, open",
        ),
        (
            "energy",
            "restart",
            {"credited": 3, "credited_mj": 7_200_000, "gap_s": 4.5},
            "3 pulses (2.00 Wh) that the chip had counted since the last keeping, 4.5 s before",
        ),
        ("energy", "state_lost", {"condition": "lost"}, "nothing of this device could be read"),
        (
            "energy",
            "restored",
            {"file": "b.db", "made_at": 1.8e9, "host": "pi"},
            f"the backup b.db of {MADE}, made on pi, was put in the place of the state",
        ),
        ("energy", "restored", {"file": "b.db"}, "the backup b.db was put"),
        ("rule", "fired", {"rule": "a", "done": ["off", "event x"]}, "rule a fired: off; event x"),
        ("rule", "fired", {"rule": "a"}, "rule a fired: nothing to do"),
        (
            *("rule", "refused", {"rule": "a", "done": ["off"], "what": "on", "why": "hot"}),
            "rule a after off could not do 'on': hot",
        ),
        (
            *("rule", "refused", {"rule": "a", "done": [], "what": "on", "why": "hot"}),
            "rule a could not do 'on': hot",
        ),
        (
            *("rule", "resting", {"rule": "a", "fired": 12, "rests_s": 3540}),
            "rule a has fired 12 times within an hour and rests for 3540 s",
        ),
        (
            *("rule", "written", {"rule": "a", "by": "local x", "text": "when y"}),
            "rule a written by local x: when y",
        ),
        ("rule", "removed", {"rule": "a", "by": "local x"}, "rule a removed by local x"),
        ("agent", "journal_lost", {"rows": 7}, "7 rows of this journal were lost while the disk"),
        ("agent", "new_thing", {"a": 1, "b": None}, "new thing: a 1"),
        (
            "schedule",
            "timers",
            {"by": "cloud aliyun", "text": "on at 07:30\n\noff at 22:00"},
            "timers set by cloud aliyun: on at 07:30; off at 22:00",
        ),
        ("schedule", "timers", {"by": "cloud aliyun", "text": ""}, "by cloud aliyun: none"),
    ],
)
def test_a_row_says_what_happened(topic, name, details, says):
    assert says in said(topic, name, **details)


def test_what_the_button_did_is_told():
    assert said("button", "provisioning", for_s=120.0).endswith("into a network for 120.0 s")
    text = said("button", "refused", gesture="hold", reason="the child lock is on")
    assert text.endswith("  hold refused: the child lock is on")
    text = said("button", "did", gesture="double click", doing="countdown 30m")
    assert text.endswith("  double click: countdown 30m")
    assert "a trip and the total stay" in said("button", "factory_reset")
    text = said("button", "child_lock", is_on=False, by="cloud tencent")
    assert text.endswith("  child lock off by cloud tencent")
    text = said("energy", "factory_reset", shown_mj=7_200_000)
    assert "shown count reset from 2.00 Wh by the button's factory reset" in text


def test_a_contact_that_a_gesture_moved_says_which():
    click = {"why": "command", "by": "button", "live": True}
    assert said("relay", "on", **click, gesture="click").endswith("on by button")
    text = said("relay", "off", **click, gesture="factory reset")
    assert text.endswith("off by button (factory reset)")
