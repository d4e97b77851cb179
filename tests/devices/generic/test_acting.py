"""Rules and schedules of a generic device."""

import pytest

from agent.devices.inputs import EditRule, EditSchedule
from agent.messages import RefusalKind
from agent.model import StartCause
from tests.devices.generic.bench import LOCAL, MONDAY_NOON, Bench, sensor, settings, switch


def room(**more: object) -> Bench:
    on = Bench(
        settings(
            sensors={"MQ2": sensor(warm_up="3m"), "DHT11_T": sensor(), "Door": sensor(value=True)},
            switches={"NightLight": switch(), "Fan": switch(min_off_s=60)},
            dimmers={"Glow": {"driver": "simulated"}},
            **more,
        )
    )
    on.know_the_time()
    return on


def test_a_rule_sees_a_sensor_and_raises_an_event():
    on = room(rules={"gas": "when MQ2 > 1000: event gas; set Fan = on"})
    on.now += 180
    on.sense("MQ2", 900)
    assert not on.notices
    on.sense("MQ2", 1200)
    (notice,) = on.notices
    assert (notice.event, notice.values["name"]) == ("notice", "gas")
    assert on.outputs["Fan"] is True
    assert on.rows[-2].details["why"] == "rule"


def test_no_rule_fires_while_a_sensor_warms_up():
    on = room(rules={"gas": "when MQ2 > 1000: event gas"})
    for _ in range(17):
        on.sense("MQ2", 5000)
        on.wait(10)
    assert not on.notices
    on.now += 10
    on.sense("MQ2", 5000)
    assert len(on.notices) == 1


def test_a_value_that_is_not_known_is_a_break():
    on = room(rules={"hot": "when DHT11_T > 30 for 1m: on"})
    on.sense("DHT11_T", 31)
    on.wait(30)
    on.sense("DHT11_T", None)
    on.sense("DHT11_T", 31)
    on.wait(40)
    on.sense("DHT11_T", 32)
    assert on.outputs["NightLight"] is False
    on.wait(20)
    assert on.outputs["NightLight"] is True


def test_a_binary_sensor_stands_in_a_condition():
    on = room(rules={"door": "when Door == on: set Glow = 80"})
    on.sense("Door", 1)
    assert on.outputs["Glow"] == 0.8


def test_a_bare_word_means_the_main_switch():
    on = room(main="Fan", rules={"a": "when DHT11_T > 30: toggle"})
    on.now += 60
    on.sense("DHT11_T", 31)
    assert on.outputs == {"NightLight": False, "Fan": True, "Glow": 0.0}


def test_what_a_rule_cannot_do_is_told_and_undone_nothing():
    on = Bench(settings(sensors={"T": sensor()}, rules={"a": "when T > 3: event a"}))
    outcome = on.ask(EditRule(name="b", origin=LOCAL, text="when T > 3: on"))
    assert "no switch" in outcome.refusal.reason
    on.sense("T", 4)
    assert len(on.notices) == 1


def test_a_rule_of_a_switch_that_has_gone_is_refused():
    on = room()
    on.ask(EditRule(name="a", origin=LOCAL, text="when DHT11_T > 3: on"))
    bare = Bench(settings(sensors={"DHT11_T": sensor()}))
    bare.begin(on.saves[-1].saved, StartCause.RESTART)
    bare.sense("DHT11_T", 4)
    assert bare.rows[-1].details["why"] == "this device has no switch"


def test_a_closing_that_waits_belongs_to_the_rule():
    on = room(rules={"hot": "when DHT11_T > 30: set Fan = on"})
    on.sense("DHT11_T", 31)
    assert on.state.switches["Fan"].closing_by == "rule hot"
    on.wait(61)
    assert on.rows[-1].details == {"output": "Fan", "why": "min_off_s", "by": "rule hot"}


def test_a_schedule_switches_and_says_so():
    on = room(schedules={"noon": "set NightLight = on at 12:01", "dusk": "off at 12:02"})
    assert on.device.describe(on.state, on.now)["next_schedule"]["name"] == "noon"
    on.wait(61)
    assert on.outputs["NightLight"] is True
    assert on.rows[-1].details["why"] == "schedule"
    on.wait(60)
    assert on.outputs["NightLight"] is False


def test_nothing_acts_after_the_end():
    on = room(
        schedules={"noon": "on at 12:01"},
        rules={"hot": "when DHT11_T > 30: set Glow = 5"},
    )
    on.stop()
    on.sense("DHT11_T", 31)
    on.wait(120)
    assert on.outputs == {"NightLight": False, "Fan": False, "Glow": 0.0}


@pytest.mark.parametrize(
    ("doing", "level"),
    [("set Glow = 0", 0.0), ("set Glow = 9", 0.5), ("event x", 0.5), ("toggle", 0.5)],
)
def test_what_was_missed_may_only_switch_off(doing, level):
    on = room(schedules={"noon": f"{doing} at 12:01"})
    on.command(Glow=50, NightLight=doing == "toggle")
    on.wait(1)
    saved = on.saves[-1].saved
    on.now += 120
    on.begin(saved, StartCause.POWER_LOSS)
    on.command(Glow=50, NightLight=doing == "toggle")
    on.effects.clear()
    on.know_the_time(MONDAY_NOON + 121)
    on.wait(1)
    assert on.outputs["Glow"] == level
    assert on.outputs["NightLight"] is False
    assert not on.notices


def test_rules_and_schedules_are_written_kept_and_found_again():
    on = room()
    assert on.ask(EditRule(name="a", origin=LOCAL, text="when Door == on: on")).refusal is None
    assert on.saves[-1].cause == "rules"
    assert on.ask(EditSchedule(name="s", origin=LOCAL, text="off at 13:00")).refusal is None
    assert on.saves[-1].cause == "schedule"
    on.restart(StartCause.POWER_LOSS)
    assert [each.name for each in on.state.rules.added] == ["a"]
    assert [each.name for each in on.state.plan.entries] == ["s"]


def test_an_edit_that_is_refused_changes_nothing():
    on = room()
    before = on.state
    refusal = on.ask(EditSchedule(name="s", origin=LOCAL, text="set Fun = on at 13:00")).refusal
    assert refusal.kind is RefusalKind.MALFORMED
    assert "NightLight, Fan, Glow; did you mean 'Fan'?" in refusal.reason
    refusal = on.ask(EditRule(name="s", origin=LOCAL, text="when MQ3 > 3: off")).refusal
    assert "did you mean 'MQ2'?" in refusal.reason
    assert on.state == before
