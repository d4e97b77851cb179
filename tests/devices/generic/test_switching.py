import pytest

from agent.devices.effects import SetLevel, SetRelay
from agent.devices.inputs import RelayObeyed, Tick, Toggle
from agent.messages import ActionCall, Command, PropertySet, RefusalKind
from tests.devices.generic.bench import CLOUD, LOCAL, Bench, sensor, settings, switch


def lamps(**more: object) -> Bench:
    switches = {"Lamp": switch(), "Pump": switch(min_off_s=180)}
    dimmers = {"Glow": {"driver": "simulated"}}
    return Bench(settings(switches=switches, dimmers=dimmers, sensors={"T": sensor()}, **more))


def test_a_switch_is_driven_first_and_told_after():
    on = lamps()
    on.effects.clear()
    assert on.command(CLOUD, Lamp=True).refusal is None
    kinds = [type(each).__name__ for each in on.effects]
    assert kinds == ["SetRelay", "Answer", "Record", "Save"]
    assert on.outputs == {"Lamp": True, "Pump": False, "Glow": 0.0}
    row = on.rows[-1]
    assert (row.topic, row.name) == ("relay", "on")
    assert row.details == {
        "output": "Lamp",
        "why": "command",
        "by": "cloud tencent",
        "request": "r",
        "live": True,
    }


def test_a_command_is_done_whole_or_not_at_all():
    on = lamps()
    before = on.state
    for values in ({"Lamp": True, "T": 3.0}, {"Lamp": True, "Glow": 101}, {"Lamp": True, "x": 1}):
        assert on.command(**values).refusal is not None
        assert on.state == before
    assert on.command(Lamp=True, Pump=True, Glow=40).refusal is None
    assert on.outputs == {"Lamp": True, "Pump": False, "Glow": 0.4}


def test_what_opens_is_driven_before_what_closes():
    on = lamps()
    on.now += 180
    on.command(Pump=True)
    effects = on.give(Command(origin=LOCAL, request=_set(Lamp=True, Pump=False, Glow=5)))
    assert effects[:3] == [
        SetRelay(on=False, output="Pump"),
        SetRelay(on=True, output="Lamp"),
        SetLevel(level=0.05, output="Glow"),
    ]


def _set(**values):

    return PropertySet(request_id="r", values=values)


def test_what_stands_as_it_was_asked_for_is_not_driven_again():
    on = lamps()
    on.command(Lamp=True, Glow=30)
    on.effects.clear()
    assert on.command(Lamp=True, Glow=30).refusal is None
    assert [type(each).__name__ for each in on.effects] == ["Answer"]


def test_a_closing_waits_for_min_off_s_and_is_answered_at_once():
    on = lamps()
    assert on.command(CLOUD, Pump=True).refusal is None
    told = on.device.describe(on.state, on.now)
    assert (told["closes_in_s"], told["closing"]) == (180.0, {"Pump": 180.0})
    assert on.value("Pump") is False
    assert on.device.thing.property("Pump").position(on.state) is True
    on.wait(179.9)
    assert on.outputs["Pump"] is False
    on.wait(0.1)
    assert on.outputs["Pump"] is True
    assert on.rows[-1].details == {"output": "Pump", "why": "min_off_s", "by": "cloud tencent"}
    assert on.device.describe(on.state, on.now)["closes_in_s"] is None


def test_a_closing_waits_for_the_very_last_of_min_off_s():
    on = lamps()
    on.now += 179.9
    on.command(Pump=True)
    assert on.outputs["Pump"] is False
    assert on.device.outputs(on.state) == on.outputs


def test_opening_is_never_delayed_and_forgets_a_closing():
    on = lamps()
    on.command(Pump=True)
    assert on.command(Pump=False).refusal is None
    on.wait(400)
    assert on.outputs["Pump"] is False


def test_a_toggle_turns_the_main_switch_over():
    on = lamps()
    on.ask(Toggle(origin=LOCAL))
    assert on.outputs["Lamp"] is True
    on.ask(Toggle(origin=LOCAL))
    assert on.outputs["Lamp"] is False
    on = lamps(main="Pump")
    on.ask(Toggle(origin=LOCAL))
    on.ask(Toggle(origin=LOCAL))  # the closing that waits was asked for
    on.wait(400)
    assert on.outputs["Pump"] is False


def test_without_a_switch_a_toggle_is_refused():
    on = Bench(settings(sensors={"T": sensor()}))
    assert on.ask(Toggle(origin=LOCAL)).refusal.kind is RefusalKind.NOT_ALLOWED
    assert on.device.thing.switch is None


def test_there_are_no_actions():
    call = ActionCall(request_id="r", name="explode", values={})
    refusal = lamps().ask(Command(origin=CLOUD, request=call)).refusal
    assert refusal.kind is RefusalKind.UNKNOWN_NAME


@pytest.mark.parametrize("values", [{"Lamp": True}, {"Glow": 30}, {"Lamp": False, "Glow": 30}])
def test_a_stored_command_may_switch_off_and_on_only_where_it_may(values):
    on = lamps(accept_stored_on=False)
    refusal = on.command(CLOUD, is_live=False, **values).refusal
    assert "accept_stored_on" in refusal.reason
    assert on.outputs == {"Lamp": False, "Pump": False, "Glow": 0.0}
    on.command(Lamp=True, Glow=30)
    assert on.command(CLOUD, is_live=False, Lamp=False, Glow=20).refusal is None
    assert on.outputs["Lamp"] is False
    on = lamps()
    assert on.command(CLOUD, is_live=False, **values).refusal is None


def test_a_stored_command_that_may_not_switch_on_still_switches_off():
    on = lamps(accept_stored_on=False)
    on.command(Lamp=True, Glow=30)
    outcome = on.command(CLOUD, is_live=False, Lamp=False, Glow=10, Pump=True)
    assert "accept_stored_on" in outcome.refusal.reason
    on.wait(400)
    assert on.outputs == {"Lamp": False, "Pump": False, "Glow": 0.1}


def test_a_stored_command_with_a_fault_still_switches_off_and_a_live_one_does_nothing():
    on = lamps()
    on.command(Lamp=True, Glow=30)
    assert on.command(CLOUD, Lamp=False, Glow=0, Former=1).refusal is not None
    assert on.outputs == {"Lamp": True, "Pump": False, "Glow": 0.3}
    assert on.command(CLOUD, is_live=False, Lamp=False, Pump=True, Glow=0, Former=1).refusal
    on.wait(400)
    assert on.outputs == {"Lamp": False, "Pump": False, "Glow": 0.0}


def test_what_a_stored_command_has_switched_off_is_seen_by_rules():
    rules = {"both": "when Lamp == off: set Glow = 0"}
    on = lamps(accept_stored_on=False, rules=rules)
    on.command(Lamp=True, Glow=30)
    on.command(CLOUD, is_live=False, Lamp=False, Pump=True)
    assert on.outputs == {"Lamp": False, "Pump": False, "Glow": 0.0}


def test_a_stored_command_may_ask_for_what_is_on_already():
    on = lamps(accept_stored_on=False)
    on.command(Lamp=True, Pump=True)
    assert on.command(CLOUD, is_live=False, Lamp=True, Pump=True, Glow=0).refusal is None


def test_a_contact_that_obeys_late_counts_from_then():
    on = lamps()
    on.now += 50
    on.give(RelayObeyed(on=False, output="Pump"))
    assert on.state.switches["Pump"].changed_at == on.now
    before = on.state
    on.give(RelayObeyed(on=True, output="Pump"))
    on.give(RelayObeyed(on=True, output="gone"))
    assert on.state is before


def test_the_indicator_shows_nothing():
    on = lamps()
    light = on.device.light(on.state, on.now)
    assert (light.color.red, light.until) == (0, None)


def test_time_alone_moves_nothing():
    on = lamps()
    assert on.device.next_deadline(on.state, on.now) is None
    assert on.give(Tick()) == []
