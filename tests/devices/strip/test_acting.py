"""What acts on a strip's outlets: the button, countdowns, rules, schedules, stored commands."""

from agent.devices.inputs import ButtonEdge, ClockTold, Tick, Toggle
from agent.messages import RefusalKind
from tests.devices.socket.bench import CLOUD, LOCAL
from tests.devices.strip.bench import StripBench, settings


def click(bench):
    bench.give(ButtonEdge(is_pressed=True))
    bench.tick_until(bench.now + 0.2)
    bench.give(ButtonEdge(is_pressed=False))
    bench.tick_until(bench.now + 1)


def test_a_toggle_means_the_whole_strip():
    bench = StripBench()
    bench.on("1", "3")
    bench.give(Toggle(origin=LOCAL))
    assert bench.closed == set()
    bench.tick_until(bench.now + 2)
    bench.give(Toggle(origin=LOCAL))
    assert bench.closed == {"1", "3"}


def test_a_click_of_the_button_means_the_whole_strip():
    bench = StripBench()
    bench.on("2")
    click(bench)
    assert bench.closed == set()
    bench.tick_until(bench.now + 2)
    click(bench)
    assert bench.closed == {"2"}


def test_a_gesture_may_switch_one_outlet():
    bench = StripBench(settings(button={"click": "set power_switch_2 = true"}))
    bench.tick_until(bench.now + 5)
    click(bench)
    assert bench.closed == {"2"}
    assert bench.rows("relay")[-1].details["gesture"] == "click"


def test_the_child_lock_lets_a_click_switch_off_only():
    bench = StripBench()
    bench.on("2")
    bench.command(child_lock=True)
    click(bench)
    assert bench.closed == set()
    bench.tick_until(bench.now + 2)
    click(bench)
    assert bench.closed == set()


def test_a_countdown_ends_for_all_outlets():
    bench = StripBench()
    bench.on("1", "2")
    bench.command(count_down=10)
    bench.tick_until(bench.now + 11)
    assert bench.closed == set()


def test_an_outlet_and_a_countdown_may_be_set_together():
    bench = StripBench()
    bench.tick_until(bench.now + 5)
    bench.command(power_switch_2=True, count_down=10)
    assert bench.closed == {"2"}
    bench.tick_until(bench.now + 11)
    assert bench.closed == set()


def test_a_stored_command_may_switch_an_outlet_off_and_on_only_where_that_is_accepted():
    bench = StripBench(settings(protection={"accept_stored_on": False}))
    bench.on("1", "2")
    assert bench.command(CLOUD, is_live=False, power_switch_1=False).refusal is None
    refusal = bench.command(CLOUD, is_live=False, power_switch_3=True).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.NOT_ALLOWED
    assert bench.closed == {"2"}


def test_a_rule_switches_an_outlet_and_is_named_in_the_journal():
    rules = {"two_follows_one": "when power_switch_1 == on: set power_switch_2 = on"}
    bench = StripBench(settings(rules=rules))
    bench.tick_until(bench.now + 5)
    bench.command(power_switch_1=True)
    assert bench.closed == {"1", "2"}
    details = {row.details["output"]: row.details for row in bench.rows("relay")[-2:]}
    assert details["outlet 2"]["why"] == "rule"


def test_a_schedule_switches_an_outlet():
    bench = StripBench(settings(schedules={"evening": "set power_switch_3 = on at 00:01"}))
    bench.give(ClockTold(offset=-bench.now, zone="UTC"))
    bench.give(Tick())
    bench.tick_until(bench.now + 61)
    assert bench.closed == {"3"}
    assert bench.rows("relay")[-1].details["why"] == "schedule"


def test_rules_and_schedules_know_the_outlets():
    thing = StripBench().device.actor.thing
    assert thing.property("power_switch_3").is_writable
