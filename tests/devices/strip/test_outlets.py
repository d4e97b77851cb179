"""Switching outlets: absolute, all or nothing, opening at once, closing no sooner than allowed."""

import pytest

from agent.devices.effects import MAIN
from agent.devices.inputs import RelayObeyed
from agent.messages import ActionCall, Command, RefusalKind
from tests.devices.socket.bench import LOCAL
from tests.devices.strip.bench import StripBench, settings

SILENT = {"meter_lost": "keep"}


def test_a_new_strip_is_off_and_needs_a_contact_for_each_outlet():
    bench = StripBench(settings(outlets=4))
    assert bench.contacts == dict.fromkeys("1234", False)
    assert list(bench.device.needs.relays) == ["1", "2", "3", "4"]
    assert MAIN not in bench.device.needs.relays
    assert bench.device.outputs(bench.state) == bench.contacts


def test_an_outlet_of_a_strip_that_is_off_comes_on_alone():
    bench = StripBench()
    bench.on("2")
    assert bench.read("power_switch") is True
    assert [bench.read(f"power_switch_{n}") for n in "123"] == [False, True, False]


def test_an_outlet_that_is_added_leaves_the_others_as_they_are():
    bench = StripBench()
    bench.on("2")
    bench.command(power_switch_3=True)
    assert bench.closed == {"2", "3"}
    assert [(m.output, m.on) for m in bench.decisions[-1]] == [("3", True)]


def test_the_last_outlet_off_puts_the_strip_off():
    bench = StripBench()
    bench.on("1", "2")
    bench.command(power_switch_1=False)
    assert bench.read("power_switch") is True
    bench.command(power_switch_2=False)
    assert bench.closed == set()
    assert bench.read("power_switch") is False


def test_the_whole_strip_off_opens_every_outlet_in_one_decision():
    bench = StripBench()
    bench.on("1", "2", "3")
    bench.command(power_switch=False)
    assert [(m.output, m.on) for m in bench.decisions[-1]] == [(n, False) for n in "123"]


def test_the_whole_strip_on_brings_back_what_was_on_together_last():
    bench = StripBench()
    bench.on("1", "3")
    bench.command(power_switch=False)
    bench.tick_until(bench.now + 5)
    bench.command(power_switch=True)
    assert bench.closed == {"1", "3"}


def test_the_whole_strip_on_means_all_outlets_where_none_was_ever_on():
    bench = StripBench()
    bench.tick_until(bench.now + 5)
    bench.command(power_switch=True)
    assert bench.closed == {"1", "2", "3"}


def test_outlets_that_go_off_while_the_strip_is_off_do_not_come_back_with_it():
    bench = StripBench()
    bench.on("1", "3")
    bench.command(power_switch=False)
    assert bench.command(power_switch_3=False).refusal is None
    bench.tick_until(bench.now + 5)
    bench.command(power_switch=True)
    assert bench.closed == {"1"}


def test_all_outlets_off_one_by_one_leave_something_to_come_back():
    bench = StripBench()
    bench.command(power_switch_1=False, power_switch_2=False, power_switch_3=False)
    bench.tick_until(bench.now + 5)
    bench.command(power_switch=True)
    assert bench.closed == {"1", "2", "3"}


def test_the_whole_and_single_outlets_may_be_set_together():
    bench = StripBench()
    bench.tick_until(bench.now + 5)
    bench.command(power_switch=True, power_switch_2=False)
    assert bench.closed == {"1", "3"}
    bench.command(power_switch=False, power_switch_1=False)
    bench.tick_until(bench.now + 5)
    bench.command(power_switch=True)
    assert bench.closed == {"3"}


@pytest.mark.parametrize(
    "values",
    [
        {"power_switch": False, "power_switch_1": True},
        {"power_switch": True, **{f"power_switch_{n}": False for n in "123"}},
    ],
)
def test_what_contradicts_itself_is_refused_and_changes_nothing(values):
    bench = StripBench()
    bench.on("2")
    before = bench.state
    refusal = bench.command(**values).refusal
    assert refusal is not None
    assert "contradict each other" in refusal.reason
    assert bench.state == before


def test_a_command_is_done_whole_or_not_at_all():
    bench = StripBench()
    bench.on("2")
    before = bench.state
    for wrong in ({"voltage": 1.0}, {"power_switch_9": True}, {"count_down": 100_000}):
        assert bench.command(power_switch_1=True, **wrong).refusal is not None
        assert bench.state == before


def test_an_unknown_outlet_is_refused_with_the_names_that_there_are():
    refusal = StripBench().command(power_switch_4=True).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.UNKNOWN_NAME
    assert "power_switch_1, power_switch_2, power_switch_3" in refusal.reason


def test_an_outlet_takes_true_or_false_only():
    refusal = StripBench().command(power_switch_1=1).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.WRONG_TYPE


def test_closing_waits_for_the_outlets_own_minimum_and_opening_never_does():
    bench = StripBench(settings(each={"min_off_s": 60}, protection=SILENT))
    bench.tick_until(bench.now + 100)
    bench.command(power_switch_1=True, power_switch_2=True)
    bench.command(power_switch_1=False)
    assert bench.closed == {"2"}
    assert bench.command(power_switch_1=True).refusal is None
    assert bench.closed == {"2"}
    row = bench.device.thing.property("power_switch_1")
    assert row.position(bench.state) is True
    described = bench.device.describe(bench.state, bench.now)
    assert described["closes_in_s"] == 60
    assert described["closing"] == {"power_switch_1": 60}
    bench.tick_until(bench.now + 59)
    assert bench.closed == {"2"}
    bench.tick_until(bench.now + 1)
    assert bench.closed == {"1", "2"}
    assert bench.rows("relay")[-1].details == {
        "output": "outlet 1",
        "why": "min_off_s",
        "by": "local maker",
        "request": "r",
    }


def test_a_strip_whose_outlets_all_wait_is_off_until_the_first_of_them_closes():
    bench = StripBench(settings(each={"min_off_s": 60}, protection=SILENT))
    bench.tick_until(bench.now + 100)
    bench.command(power_switch_1=True)
    bench.tick_until(bench.now + 30)
    bench.command(power_switch_2=True)
    bench.command(power_switch=False)
    bench.tick_until(bench.now + 5)
    bench.command(power_switch=True)
    assert bench.closed == set()
    assert bench.read("power_switch") is False
    described = bench.device.describe(bench.state, bench.now)
    assert described["closing"] == {
        "power_switch": 55,
        "power_switch_1": 55,
        "power_switch_2": 55,
    }
    bench.command(power_switch_1=False)
    bench.tick_until(bench.now + 54)
    assert bench.closed == set()
    bench.tick_until(bench.now + 1)
    assert bench.closed == {"2"}
    bench.tick_until(bench.now + 200)
    assert bench.closed == {"2"}


def test_an_off_puts_an_end_to_what_waits():
    bench = StripBench(settings(each={"min_off_s": 60}, protection=SILENT))
    bench.command(power_switch_1=True)
    bench.command(power_switch_1=False)
    bench.tick_until(bench.now + 200)
    assert bench.closed == set()


def test_the_only_closed_outlet_off_leaves_the_strip_waiting_for_the_others():
    bench = StripBench(settings(each={"min_off_s": 60}, protection=SILENT))
    bench.tick_until(bench.now + 100)
    bench.command(power_switch_1=True, power_switch_2=True)
    bench.command(power_switch_2=False)
    bench.command(power_switch_2=True)
    bench.command(power_switch_1=False)
    assert bench.closed == set()
    assert bench.read("power_switch") is False
    bench.tick_until(bench.now + 60)
    assert bench.closed == {"2"}


def test_an_action_is_the_sockets():
    bench = StripBench()
    request = ActionCall(request_id="r", name="reset_energy", values={})
    assert bench.give(Command(origin=LOCAL, request=request))


def test_a_contact_that_obeys_late_counts_from_then():
    bench = StripBench(settings(each={"min_off_s": 60}, protection=SILENT))
    bench.tick_until(bench.now + 100)
    bench.command(power_switch_1=True, power_switch_2=True)
    bench.command(power_switch_1=False)
    bench.tick_until(bench.now + 50)
    bench.give(RelayObeyed(on=False, output="1"))
    bench.command(power_switch_1=True)
    bench.tick_until(bench.now + 59)
    assert bench.closed == {"2"}
    bench.tick_until(bench.now + 1)
    assert bench.closed == {"1", "2"}


def test_a_strip_whose_last_contact_obeys_late_has_moved_then():
    bench = StripBench()
    bench.on("1")
    bench.command(power_switch=False)
    bench.tick_until(bench.now + 3)
    bench.give(RelayObeyed(on=False, output="1"))
    assert bench.state.changed_at == bench.now


@pytest.mark.parametrize("output", ["1", "9"])
def test_a_contact_that_obeys_what_is_not_asked_any_more_means_nothing(output):
    bench = StripBench()
    bench.on("1", "2")
    before = bench.state
    assert bench.give(RelayObeyed(on=False, output=output)) == []
    assert bench.state is before


def test_the_light_is_the_sockets():
    bench = StripBench()
    off = bench.device.light(bench.state, bench.now)
    bench.on("1")
    assert bench.device.light(bench.state, bench.now) != off


def test_what_waits_is_due_by_the_first_of_those_that_are_still_wanted():
    bench = StripBench(settings(each={"min_off_s": 60}, protection=SILENT))
    bench.tick_until(bench.now + 100)
    bench.command(power_switch_1=True, power_switch_2=True)
    bench.command(power_switch_1=False)
    bench.tick_until(bench.now + 10)
    bench.command(power_switch_2=False)
    bench.command(power_switch_1=True, power_switch_2=True)
    assert bench.state.closing_at == bench.now + 50
    bench.command(power_switch_1=False)
    assert bench.state.closing_at == bench.now + 60
    bench.tick_until(bench.now + 59)
    assert bench.closed == set()
    bench.tick_until(bench.now + 1)
    assert bench.closed == {"2"}


def test_what_opens_moves_before_what_closes():
    bench = StripBench()
    bench.on("3")
    bench.command(power_switch_1=True, power_switch_3=False)
    assert [(move.output, move.on) for move in bench.decisions[-1]] == [("3", False), ("1", True)]
