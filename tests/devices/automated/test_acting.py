"""Schedules and rules on a device that is no socket: names of its own, several outputs."""

import json
from dataclasses import replace

import pytest

from agent.automation.schedules.plan import Entry
from agent.devices.automated.acting import next_times
from agent.devices.automated.kept_plan import KeptPlan, written_plan
from agent.devices.automated.rules_kept import KeptRules, taken_back, written
from agent.devices.automated.rules_told import rules_told
from agent.devices.automated.schedule_list import listed, next_schedule, preview
from agent.devices.effects import Raise
from agent.model import StartCause
from tests.devices.automated.hall import NOON, Hall, Stand

SMOKE = "when MQ2 > 300 for 10s: set Fan1 = on; event smoke"


def test_a_rule_reads_a_sensor_and_sets_an_output():
    stand = Stand(rules={"smoke": SMOKE})
    stand.sense(MQ2=301.0)
    stand.until(1009.0)
    assert stand.state.on == frozenset()
    stand.until(1010.0)
    assert stand.state.on == {"Fan1"}
    assert stand.state.moved_by == {"Fan1": "rule smoke"}
    (told,) = [e for e in stand.effects if isinstance(e, Raise)]
    assert told.values == {"name": "smoke", "text": "when MQ2 > 300 for 10s", "by": "rule smoke"}


def test_what_is_not_known_yet_makes_no_rule_fire():
    stand = Stand(rules={"smoke": SMOKE})
    stand.sense(MQ2=None)
    stand.until(2000.0)
    (told,) = rules_told(stand.actor, stand.state, stand.now)
    assert told["state"] == ["MQ2 is not known now"]
    stand.sense(MQ2=301.0)
    stand.until(2005.0)
    stand.sense(MQ2=None)  # what held is broken by what nobody knows
    stand.until(2010.0)
    stand.sense(MQ2=301.0)
    stand.until(2019.0)
    assert stand.state.on == frozenset()
    stand.until(2020.0)
    assert stand.state.on == {"Fan1"}


def test_a_sensor_that_is_true_or_false_stands_in_a_condition():
    stand = Stand(rules={"door": "when DoorOpen == on: set HallLamp = true"})
    stand.sense(DoorOpen=None)
    stand.sense(DoorOpen=False)
    assert stand.state.on == frozenset()
    stand.sense(DoorOpen=True)
    assert stand.state.on == {"HallLamp"}


def test_each_output_knows_which_rule_has_moved_it():
    rules = {"a": "when MQ2 > 300: set Fan1 = on", "b": "when MQ2 > 300: set HallLamp = on"}
    stand = Stand(rules=rules)
    stand.sense(MQ2=301.0)
    assert stand.state.moved_by == {"Fan1": "rule a", "HallLamp": "rule b"}


def test_a_bare_on_or_toggle_means_the_switch_of_the_thing():
    stand = Stand(switch="HallLamp", rules={"a": "when DHT11_T > 30: on"})
    stand.sense(DHT11_T=31.0)
    assert stand.state.on == {"HallLamp"}
    assert stand.rule("when DHT11_T < 10: toggle") == ""
    stand.sense(DHT11_T=9.5)
    assert stand.state.on == frozenset()


def test_what_must_come_before_is_forgotten_while_the_switch_is_off():
    stand = Stand(switch="HallLamp", rules={"a": "when MQ2 < 5 after > 30: off"})
    stand.sense(MQ2=40.0, DHT11_T=20.0)
    stand.sense(MQ2=4.0)
    assert stand.rows("rule") == []
    (told,) = rules_told(stand.actor, stand.state, stand.now)
    assert told["state"] == ["waits for MQ2 > 30 first; only while it is switched on"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("when MQ2 > 300: on", "this device has no one switch that on, off and toggle mean;"),
        ("when MQ2 > 300: on", "allowed: set HallLamp | Fan1 = on | event NAME"),
        ("when mq2 > 300: event x", "no value is named 'mq2'; allowed: MQ2 | DHT11_T"),
        ("when mq2 > 300: event x", "; did you mean 'MQ2'?"),
        ("when MQ2 > 300: set Fan = on", "; did you mean 'Fan1'?"),
        ("when MQ2 > 300: set MQ2 = 1", "MQ2 can only be read"),
        ("when MQ2 == on: event x", "MQ2 == on cannot be; allowed: a number of ppm"),
        ("when DoorOpen > 1: event x", "allowed: DoorOpen == on, DoorOpen == off"),
        ("preset charge_cutoff", "preset charge_cutoff reads active_power, which this device does"),
        ("preset charge_cutoff", "allowed: a rule about MQ2 | DHT11_T | DoorOpen | HallLamp"),
    ],
)
def test_a_rule_that_does_not_suit_is_refused_with_what_does(text, reason):
    stand = Stand()
    assert reason in stand.rule(text)
    assert stand.state == Hall()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("on at 07:00", "this device has no one switch that on, off and toggle mean;"),
        ("cycle 10m/20m", "this device has no one switch that on, off and toggle mean;"),
        ("set fan1 = on at 07:00", "; did you mean 'Fan1'?"),
        ("set Fan1 = 7 at 07:00", "Fan1 takes true or false, not 7"),
        ("set MQ2 = 7 at 07:00", "MQ2 can only be read"),
        ("set Fan1 = on at sunset", "a schedule by the sun; allowed: one once latitude"),
    ],
)
def test_a_schedule_that_does_not_suit_is_refused_with_what_does(text, reason):
    stand = Stand()
    assert reason in stand.schedule(text)
    assert stand.state == Hall()


def test_a_schedule_sets_an_output_at_its_time():
    stand = Stand(schedules={"fan": "set Fan1 = on at 12:10"})
    stand.dated()
    (entry,) = listed(stand.actor, stand.state)
    assert entry["next"]["local"] == "Fri 2026-11-27 12:10:00"
    assert next_schedule(stand.actor, stand.state)["next_schedule"]["name"] == "fan"
    runs = preview(stand.actor, stand.state, Entry(name="x", text="on at 13:00"), stand.now, 1)
    assert [each["local"] for each in runs] == ["Fri 2026-11-27 13:00:00"]
    stand.until(1000.0 + 599.0)
    assert stand.state.on == frozenset()
    stand.until(1000.0 + 600.0)
    assert stand.state.on == {"Fan1"}
    assert stand.state.moved_by == {"Fan1": "schedule fan"}


def test_a_missed_run_may_only_switch_off_whatever_the_output_is_called():
    schedules = {"a": "set Fan1 = off at 12:10", "b": "set HallLamp = on at 12:10"}
    stand = Stand(schedules=schedules, state=Hall(on=frozenset({"Fan1"})))
    stand.dated()
    stand.now += 3600.0
    stand.dated(NOON + 3600.0 + 7200.0)  # the clock leaps: nobody watched
    assert stand.state.on == frozenset()
    assert [name for name, _ in stand.rows("schedule")] == ["ran", "skipped"]


def test_rules_and_plan_outlive_a_restart():
    stand = Stand()
    stand.dated()
    assert stand.schedule("set Fan1 = on at 13:00") == ""
    assert stand.rule("when MQ2 > 300 for 1m: set Fan1 = on") == ""
    stand.sense(MQ2=301.0)
    disk = json.dumps([written(stand.state.rules), written_plan(stand.state.plan)])
    rules, plan = json.loads(disk)
    back = taken_back(KeptRules.model_validate(rules), stand.now, StartCause.RESTART, 1003.0)
    state = Hall(rules=back, plan=KeptPlan.model_validate(plan).plan(), sensed={"MQ2": 301.0})
    again = Stand(state=state, now=1003.0)
    again.dated(NOON + 3)
    again.until(1063.0)  # the three seconds in which nobody watched do not count
    assert again.rows("rule") != []
    assert again.state.on == {"Fan1"}
    assert [each["name"] for each in listed(again.actor, again.state)] == ["s"]


def test_a_kept_rule_that_does_not_suit_any_more_says_so_and_does_nothing():
    stand = Stand()
    assert stand.rule("when MQ2 > 300: set Fan1 = on") == ""
    poorer = replace(stand.actor.thing, properties=stand.actor.thing.properties[1:])
    actor = replace(stand.actor, thing=poorer)
    (told,) = rules_told(actor, stand.state, stand.now)
    assert told["state"][0].startswith("it does not suit this device: no value is named 'MQ2';")


def test_nothing_acts_by_itself_once_it_has_stopped():
    stand = Stand(schedules={"fan": "set Fan1 = on at 12:10"}, rules={"smoke": SMOKE})
    stand.dated()
    stand.sense(MQ2=301.0)
    stand.state = replace(stand.state, is_stopped=True)
    assert next_times(stand.actor, stand.state, stand.now) == (None, None)
    stand.until(9000.0)
    stand.sense(MQ2=302.0)
    assert stand.state.on == frozenset()
