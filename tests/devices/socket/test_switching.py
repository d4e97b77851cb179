"""Commands: absolute, all or nothing; a trip is reset by a person only."""

import pytest

from agent.devices.inputs import ButtonEdge, LinkChanged, Toggle
from agent.messages import ActionCall, Command, RefusalKind
from agent.model import StartCause
from tests.devices.socket.bench import CLOUD, LOCAL, Bench, settings


def tripped_bench(**protection: object) -> Bench:
    bench = Bench(settings(protection=protection))
    bench.switch_on()
    bench.run(3, 0.26, 60)
    assert bench.run(5, 15.0, 3450.0) is not None
    return bench


def click(bench: Bench, held_s: float = 0.2) -> None:
    bench.give(ButtonEdge(is_pressed=True))
    bench.tick_until(bench.now + held_s)
    bench.give(ButtonEdge(is_pressed=False))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"power_switch": True, "nonsense": 1}, RefusalKind.UNKNOWN_NAME),
        ({"power_switch": True, "voltage": 5.0}, RefusalKind.READ_ONLY),
        ({"power_switch": 1}, RefusalKind.WRONG_TYPE),
        ({"power_switch": True, "count_down": 86_401}, RefusalKind.OUT_OF_RANGE),
        ({"power_switch": True, "count_down": "60"}, RefusalKind.WRONG_TYPE),
        ({"power_switch": True, "count_down": True}, RefusalKind.WRONG_TYPE),
        ({"power_switch": True, "count_down": -1}, RefusalKind.OUT_OF_RANGE),
        ({}, RefusalKind.MALFORMED),
    ],
)
def test_a_command_with_one_fault_changes_nothing(values, kind):
    bench = Bench()
    before = bench.state
    outcome = bench.command(CLOUD, **values)
    assert outcome.refusal is not None
    assert outcome.refusal.kind is kind
    assert bench.state == before


def test_switching_is_absolute():
    bench = Bench()
    bench.switch_on()
    bench.command(power_switch=True)
    assert bench.contact
    bench.command(power_switch=False)
    bench.command(power_switch=False)
    assert not bench.contact


def test_opening_is_never_delayed_and_closing_waits_for_the_minimum_off_time():
    bench = Bench(settings(relay={"min_off_s": 180}))
    bench.tick_until(bench.now + 180)
    bench.switch_on()
    assert bench.contact
    bench.command(power_switch=False)
    assert not bench.contact
    outcome = bench.command(CLOUD, power_switch=True)
    assert outcome.refusal is None
    assert not bench.contact
    bench.tick_until(bench.now + 179.9)
    assert not bench.contact
    bench.tick_until(bench.now + 0.2)
    assert bench.contact


def test_off_cancels_a_closing_that_waits():
    bench = Bench(settings(relay={"min_off_s": 10}))
    bench.command(power_switch=True)
    bench.command(power_switch=False)
    bench.tick_until(bench.now + 60)
    assert not bench.contact


def test_a_click_toggles_and_a_long_press_does_not():
    bench = Bench()
    bench.tick_until(bench.now + 2)
    click(bench)
    assert bench.contact
    click(bench)
    assert not bench.contact
    bench.tick_until(bench.now + 2)
    click(bench, held_s=1.5)
    assert not bench.contact


@pytest.mark.parametrize("how", ["click", "local", "toggle"])
def test_a_person_at_the_socket_resets_a_trip_at_once(how):
    bench = tripped_bench()
    bench.tick_until(bench.now + 1)
    if how == "click":
        click(bench)
    elif how == "local":
        assert bench.command(LOCAL, power_switch=True).refusal is None
    else:
        bench.give(Toggle(origin=LOCAL))
    assert bench.state.trip is None
    bench.tick_until(bench.now + 1)
    assert bench.contact


def test_a_cloud_resets_a_trip_after_ten_seconds_and_three_times_an_hour():
    bench = tripped_bench()
    outcome = bench.command(CLOUD, power_switch=True)
    assert outcome.refusal is not None
    assert outcome.refusal.kind is RefusalKind.TRIPPED
    assert "tripped: overcurrent 1" in outcome.refusal.reason
    for _ in range(3):
        bench.tick_until(bench.now + 10)
        assert bench.command(CLOUD, power_switch=True).refusal is None
        assert bench.contact
        bench.run(3, 0.26, 60)
        assert bench.run(5, 15.0, 3450.0) is not None
    bench.tick_until(bench.now + 60)
    outcome = bench.command(CLOUD, power_switch=True)
    assert outcome.refusal is not None
    assert "3 times within the hour" in outcome.refusal.reason
    bench.tick_until(bench.now + 3600)
    assert bench.command(CLOUD, power_switch=True).refusal is None


def test_no_cloud_resets_where_only_the_socket_may():
    bench = tripped_bench(reset="local")
    bench.tick_until(bench.now + 60)
    assert bench.command(CLOUD, power_switch=True).refusal is not None
    assert bench.state.trip is not None


def test_a_stored_command_may_switch_off_but_never_resets_a_trip():
    bench = tripped_bench()
    bench.tick_until(bench.now + 60)
    outcome = bench.command(CLOUD, is_live=False, power_switch=True)
    assert outcome.refusal is not None
    assert bench.state.trip is not None
    assert bench.command(CLOUD, is_live=False, power_switch=False).refusal is None


@pytest.mark.parametrize(("accepts", "contact"), [(True, True), (False, False)])
def test_a_stored_on_is_a_setting(accepts, contact):
    bench = Bench(settings(protection={"accept_stored_on": accepts}))
    bench.tick_until(bench.now + 2)
    outcome = bench.command(CLOUD, is_live=False, power_switch=True)
    assert (outcome.refusal is None) is contact
    assert bench.contact is contact


def test_a_silent_meter_is_unknown_and_opens_a_closed_contact():
    bench = Bench()
    bench.switch_on()
    bench.run(3, 0.26, 60)
    assert bench.device.thing.snapshot(bench.state, bench.now)["voltage"] == 230.0
    bench.tick_until(bench.now + 4)
    snapshot = bench.device.thing.snapshot(bench.state, bench.now)
    assert snapshot["voltage"] is None
    assert snapshot["active_power"] is None
    assert bench.contact
    bench.tick_until(bench.now + 1.1)
    assert not bench.contact
    (event,) = bench.events("trip")
    assert event.values["cause"] == "meter_lost"


def test_silence_raises_no_event_while_the_contact_is_open():
    bench = Bench()
    bench.run(3, 0, 0)
    bench.tick_until(bench.now + 60)
    assert bench.state.trip is None
    assert bench.events("trip") == []


def test_one_reading_alone_is_not_published():
    bench = Bench()
    bench.run(0.1, 0.26, 60)
    assert bench.device.thing.snapshot(bench.state, bench.now)["voltage"] is None
    bench.run(0.1, 0.26, 60)
    assert bench.device.thing.snapshot(bench.state, bench.now)["voltage"] == 230.0


def test_an_action_that_is_not_there_is_refused_with_what_there_is():
    bench = Bench()
    call = ActionCall(request_id="1", name="explode", values={})
    (answer,) = bench.give(Command(origin=LOCAL, request=call))
    assert answer.outcome.refusal.kind is RefusalKind.UNKNOWN_NAME
    assert "there is: reset_energy" in answer.outcome.refusal.reason


def test_a_tripped_socket_is_described_and_takes_no_countdown():
    bench = tripped_bench()
    refusal = bench.command(LOCAL, count_down=60).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.TRIPPED
    bench.now += 2
    trip = bench.device.describe(bench.state, bench.now)["trip"]
    assert (trip["cause"], trip["age_s"]) == ("overcurrent", 2.0)
    assert trip["text"].startswith("overcurrent 1")
    assert "at" not in trip


def test_a_running_countdown_is_described_with_where_it_leads():
    bench = Bench()
    bench.switch_on()
    bench.command(count_down=60)
    described = bench.device.describe(bench.state, bench.now)
    assert described["countdown"] == {"left_s": 60.0, "to": "off"}
    assert described["meter"] == "no frame yet"


def test_the_energy_can_be_reset_for_the_eye_and_the_true_total_stays():
    bench = Bench()
    bench.switch_on()
    bench.run(60, 3.9, 900)
    total_mj = bench.state.energy.total_mj
    assert total_mj > 0
    bench.give(
        Command(origin=LOCAL, request=ActionCall(request_id="1", name="reset_energy", values={}))
    )
    assert bench.device.thing.snapshot(bench.state, bench.now)["total_energy"] == 0
    assert bench.state.energy.total_mj == total_mj


@pytest.mark.parametrize(
    ("cause", "policy", "contact"),
    [
        (StartCause.RESTART, "restore", True),
        (StartCause.CRASH, "off", False),
        (StartCause.POWER_LOSS, "on", True),
        (StartCause.REBOOT, {"reboot": "restore"}, True),
        (StartCause.CRASH, {"reboot": "restore"}, False),
    ],
)
def test_the_start_policy_is_by_cause(cause, policy, contact):
    bench = Bench(settings(relay={"on_start": policy}))
    bench.begin({"relay_on": True}, cause)
    assert bench.contact is contact


@pytest.mark.parametrize("cause", list(StartCause))
def test_a_trip_survives_every_start_and_overrules_the_policy(cause):
    bench = tripped_bench()
    saved = [effect.saved for effect in bench.effects if hasattr(effect, "saved")][-1]
    again = Bench(settings(relay={"on_start": "on"}), start=bench.now + 1)
    again.begin(saved, cause)
    assert not again.contact
    assert again.state.trip is not None
    assert again.state.trip.cause == "overcurrent"
    assert again.command(CLOUD, power_switch=True).refusal is not None


def test_a_state_that_cannot_be_read_starts_with_the_contact_open():
    bench = Bench(settings(relay={"on_start": "on"}))
    bench.begin({"relay_on": "perhaps"}, StartCause.RESTART)
    assert not bench.contact
    assert not bench.state.relay_on


def test_the_stop_policy_opens_or_keeps():
    for policy, contact in (("off", False), ("keep", True)):
        bench = Bench(settings(relay={"on_stop": policy}))
        bench.switch_on()
        _, effects = bench.device.stop(bench.state, bench.now)
        assert effects[0].on is contact
        saved = effects[-1].saved
        assert saved["relay_on"] is True


def test_the_light_tells_trip_before_network_before_load():
    bench = Bench(settings(clouds=["tencent"]))
    blue = bench.device.light(bench.state, 1000.0)
    assert (blue.color.blue, blue.until) == (255, 1000.5)
    bench.give(LinkChanged(cloud="tencent", is_up=True))
    idle = bench.device.light(bench.state, bench.now)
    assert (idle.color.green, idle.color.blue, idle.until) == (255, 0, None)
    bench.switch_on()
    bench.run(3, 3.9, 900)
    load = bench.device.light(bench.state, bench.now)
    assert load.color.red > 0
    assert load.color.green == load.color.blue == 0
    bench.run(5, 15, 3450)
    trip = {bench.device.light(bench.state, at).color.red for at in (10.0, 10.5)}
    assert trip == {0, 255}
