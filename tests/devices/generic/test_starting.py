import json

import pytest

from agent.devices.effects import Log, Save
from agent.devices.inputs import Tick
from agent.model import Condition, StartCause
from tests.devices.generic.bench import Bench, settings, switch

SAME_BOOT = [StartCause.RESTART, StartCause.CRASH, StartCause.UPDATE]
NEW_BOOT = [StartCause.REBOOT, StartCause.POWER_LOSS]


def lamp(**keys: object) -> Bench:
    dimmer = {"driver": "simulated", "on_start": "restore"}
    return Bench(settings(switches={"Lamp": switch(**keys)}, dimmers={"Glow": dimmer}))


def saved(on: Bench) -> dict[str, object]:
    return json.loads(json.dumps(on.saves[-1].saved))


def test_by_default_everything_is_off_at_the_start():
    on = Bench(settings(switches={"A": switch()}, dimmers={"B": {"driver": "simulated"}}))
    assert on.outputs == {"A": False, "B": 0.0}
    assert on.rows[-1].details["why"] == "start"


@pytest.mark.parametrize("cause", list(StartCause))
@pytest.mark.parametrize(("policy", "stands"), [("off", False), ("on", True), ("restore", True)])
def test_the_policy_of_each_output_is_applied(cause, policy, stands):
    on = lamp(on_start=policy)
    on.command(Lamp=True, Glow=40)
    on.restart(cause)
    assert on.outputs == {"Lamp": stands, "Glow": 0.4}


def test_a_policy_may_differ_by_cause():
    on = lamp(on_start={"restart": "restore", "crash": "off"})
    on.command(Lamp=True)
    on.restart(StartCause.RESTART)
    assert on.outputs["Lamp"] is True
    on.restart(StartCause.CRASH)
    assert on.outputs["Lamp"] is False


def test_a_dimmer_may_have_a_level_of_its_own_at_the_start():
    on = Bench(settings(dimmers={"Glow": {"driver": "simulated", "on_start": 33}}))
    assert on.outputs == {"Glow": 0.33}
    on.command(Glow=80)
    on.restart()
    assert on.outputs == {"Glow": 0.33}


@pytest.mark.parametrize("condition", [Condition.OLDER, Condition.SALVAGED, Condition.RESTORED])
def test_what_is_not_sure_opens(condition):
    on = lamp(on_start="on")
    on.command(Lamp=True, Glow=40)
    on.begin(saved(on), StartCause.CRASH, condition)
    assert on.outputs == {"Lamp": False, "Glow": 0.0}
    assert [each.event for each in on.effects if isinstance(each, Log)] == ["state.unreadable"]


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("switches", {"Lamp": 3}),
        ("switches", [1]),
        ("dimmers", {"Glow": 200}),
        ("rules", "x"),
        ("plan", 3),
        ("saved_at", "x"),
    ],
)
def test_a_part_that_cannot_be_understood_opens_everything_and_is_named(part, value):
    on = lamp(on_start="restore")
    on.command(Lamp=True)
    on.begin({**saved(on), part: value}, StartCause.CRASH)
    assert on.outputs == {"Lamp": False, "Glow": 0.0}
    (log,) = [each for each in on.effects if isinstance(each, Log)]
    assert log.details["dropped"] == [part]


def test_what_a_later_version_keeps_is_passed_over():
    on = lamp(on_start="restore")
    on.command(Lamp=True)
    on.begin({**saved(on), "future": [1]}, StartCause.CRASH)
    assert on.outputs["Lamp"] is True


def test_a_switch_that_is_new_in_the_file_begins_by_its_policy():
    on = lamp(on_start="restore")
    on.begin({"switches": {"Other": {"on": True, "changed_at": 1.0}}}, StartCause.CRASH)
    assert on.outputs["Lamp"] is False


@pytest.mark.parametrize("cause", SAME_BOOT)
def test_min_off_s_counts_on_over_a_restart(cause):
    on = lamp(min_off_s=180, on_start="restore")
    on.now += 180
    on.command(Lamp=True)
    on.wait(10)
    on.command(Lamp=False)
    on.wait(10)
    on.restart(cause, away_s=5)
    assert on.state.switches["Lamp"].changed_at == on.now - 15
    on.command(Lamp=True)
    on.wait(164.9)
    assert on.outputs["Lamp"] is False
    on.wait(0.2)
    assert on.outputs["Lamp"] is True


@pytest.mark.parametrize("cause", SAME_BOOT)
def test_a_closing_that_waited_waits_on_over_a_restart(cause):
    on = lamp(min_off_s=180, on_start="restore")
    on.command(Lamp=True)
    opened_at = on.state.switches["Lamp"].changed_at
    on.wait(20)
    on.restart(cause)
    assert on.state.switches["Lamp"].closing_at == opened_at + 180
    on.wait(200)
    assert on.outputs["Lamp"] is True


@pytest.mark.parametrize("min_off_s", [0, 1])
def test_a_closing_that_would_be_over_by_now_closes_at_the_start(min_off_s):
    on = lamp(min_off_s=min_off_s, on_start="restore")
    on.now += 10
    on.command(Lamp=True)
    on.restart()
    assert on.outputs["Lamp"] is True


def test_a_long_minimum_takes_a_contact_that_nobody_held_for_just_opened():
    on = lamp(min_off_s=180, on_start="restore")
    on.now += 180
    on.command(Lamp=True)
    on.restart()
    assert on.outputs["Lamp"] is False
    assert on.state.switches["Lamp"].closing_at == on.now + 180


def test_a_contact_that_was_switched_off_long_ago_closes_at_once():
    on = lamp(min_off_s=180, on_start="on")
    on.now += 5
    on.command(Lamp=False)
    opened_at = on.now
    on.restart(away_s=179)
    assert on.outputs["Lamp"] is False
    assert on.state.switches["Lamp"].closing_at == opened_at + 180
    on.restart(away_s=1)
    assert on.outputs["Lamp"] is True


def test_a_contact_that_was_held_closed_stands_still():
    on = lamp(min_off_s=180, on_start="restore")
    on.now += 180
    on.command(Lamp=True)
    changed_at = on.now
    on.now += 5
    on.begin(saved(on), StartCause.RESTART, Lamp=True)
    assert on.outputs["Lamp"] is True
    assert on.state.switches["Lamp"].changed_at == changed_at
    assert on.rows[-1].details["held"] is True


def test_a_contact_that_was_held_open_was_not_on():
    on = lamp(on_start="restore")
    on.command(Lamp=True)
    on.begin(saved(on), StartCause.RESTART, Lamp=False)
    assert on.outputs["Lamp"] is False


@pytest.mark.parametrize("cause", NEW_BOOT)
def test_the_boot_left_every_contact_open(cause):
    on = lamp(min_off_s=180, on_start="restore")
    on.now += 180
    on.command(Lamp=True)
    on.now = 20
    on.begin(saved(on), cause)
    assert on.state.switches["Lamp"].closing_at == 180
    on.wait(200)
    assert on.outputs["Lamp"] is True


# ── the end ─────────────────────────────────────────────────────────────────────────────────


def test_the_end_puts_the_outputs_out_and_remembers_where_they_stood():
    on = lamp(on_start="restore")
    on.command(Lamp=True, Glow=40)
    on.stop()
    assert on.outputs == {"Lamp": False, "Glow": 0.0}
    on.stop()  # it is said twice
    on.restart(StartCause.RESTART)
    assert on.outputs == {"Lamp": True, "Glow": 0.4}


def test_the_end_keeps_what_it_may_keep_but_after_a_fault():
    dimmer = {"driver": "simulated", "on_stop": "keep"}
    on = Bench(settings(switches={"A": switch(on_stop="keep")}, dimmers={"B": dimmer}))
    on.command(A=True, B=40)
    on.stop()
    assert on.outputs == {"A": True, "B": 0.4}
    on.stop(opens=True)
    assert on.outputs == {"A": False, "B": 0.0}


def test_a_closing_that_waits_is_not_carried_out_after_the_end():
    on = lamp(min_off_s=180, on_start="restore")
    on.command(Lamp=True)
    on.stop()
    on.wait(400)
    on.give(Tick())
    assert on.outputs["Lamp"] is False
    on.restart(StartCause.RESTART)
    assert on.outputs["Lamp"] is True


def test_a_person_may_switch_after_the_end_and_the_end_comes_again():
    on = lamp()
    on.stop()
    on.command(Lamp=True)
    assert on.outputs["Lamp"] is True
    on.stop()
    assert on.outputs["Lamp"] is False


# ── keeping ─────────────────────────────────────────────────────────────────────────────────


def test_only_what_was_decided_is_kept_and_at_once():
    on = lamp(min_off_s=10)
    before = len(on.saves)
    on.command(Lamp=True)  # waits
    assert len(on.saves) == before + 1
    on.command(Glow=3)
    assert [each.cause for each in on.saves[before:]] == ["relay", "relay"]
    on.know_the_time()
    assert len(on.saves) == before + 2
    assert isinstance(on.effects[-1], Save)


def test_the_journal_is_told_where_a_dimmer_stands_at_the_start_and_why():
    on = lamp()
    on.command(Glow=40)
    on.stop()
    on.restart(StartCause.RESTART)
    row = next(each for each in reversed(on.rows) if each.details["output"] == "Glow")
    assert (row.topic, row.name, row.details["why"]) == ("relay", "level", "start")
    assert (row.details["level"], row.details["policy"]) == (40, "restore")
