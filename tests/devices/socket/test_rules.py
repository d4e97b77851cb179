"""Rules on a socket: real loads in virtual time, and what a rule may never do."""

from agent.devices.effects import Log, Raise
from agent.devices.inputs import Dated, Heat, Tick
from tests.devices.socket.bench import CLOUD
from tests.devices.socket.ruled import Ruled

# ── presets, with the loads that they are for ───────────────────────────────────────────────


def test_a_charger_is_cut_off_after_its_trickle_and_not_before():
    bench = Ruled("preset charge_cutoff")
    bench.switch_on()
    bench.load(900, 2.0)
    assert bench.contact, "nothing was charged yet"
    bench.load(1800, 85.0)
    for watts in range(80, 5, -5):
        bench.load(120, float(watts))
    bench.load(300, 4.0)
    bench.load(60, 20.0)
    bench.load(590, 3.0)
    assert bench.contact, "the trickle has not lasted"
    bench.load(20, 3.0)
    assert not bench.contact
    assert bench.notices() == ["charge_done"]
    (row,) = bench.rows("fired")
    assert row["done"] == ["off", "event charge_done"]
    assert bench.moves()[-1].details == {
        "why": "rule",
        "name": "r1",
        "text": "preset charge_cutoff",
    }
    bench.load(3600, 0.0)
    assert bench.notices() == ["charge_done"]


def test_switched_off_by_hand_while_it_charges_tells_no_charge_done():
    bench = Ruled("preset charge_cutoff")
    bench.switch_on()
    bench.load(300, 85.0)
    bench.command(power_switch=False)
    bench.load(3600, 0.0)
    assert bench.notices() == []
    bench.command(power_switch=True)
    bench.load(3600, 3.0)
    assert bench.contact


def test_a_washing_machine_is_done_once_its_pauses_are_over():
    bench = Ruled("preset appliance_finished")
    bench.switch_on()
    bench.load(60, 3.0)
    bench.load(600, 900.0)
    for _ in range(4):
        bench.load(120, 120.0)
        bench.load(400, 3.0)
    bench.load(300, 350.0)
    assert bench.notices() == []
    bench.load(590, 1.5)
    assert bench.notices() == []
    bench.load(20, 1.5)
    assert bench.notices() == ["appliance_finished"]
    assert bench.contact
    bench.load(7200, 1.5)
    assert bench.notices() == ["appliance_finished"]


def test_a_television_set_in_standby_is_switched_off_and_can_be_switched_on_again():
    bench = Ruled("preset standby_killer")
    bench.switch_on()
    bench.load(1200, 90.0)
    bench.load(1795, 2.5)
    assert bench.contact
    bench.load(10, 2.5)
    assert not bench.contact
    bench.load(3600, 0.0)
    bench.switch_on()
    bench.load(1700, 2.5)
    assert bench.contact
    bench.load(200, 2.5)
    assert not bench.contact
    assert bench.notices() == ["standby_off", "standby_off"]


def test_a_daily_limit_holds_until_midnight():
    bench = Ruled("preset daily_limit kwh=0.1")
    bench.give(Dated(day="2026-11-27"))
    bench.switch_on()
    bench.load(350, 900.0)
    assert bench.contact
    bench.load(100, 900.0)
    assert not bench.contact
    bench.tick_until(bench.now + 100)
    bench.switch_on()
    assert not bench.contact, "the limit holds for the rest of the day"
    bench.give(Dated(day="2026-11-28"))
    bench.tick_until(bench.now + 100)
    bench.switch_on()
    bench.load(300, 900.0)
    assert bench.contact
    assert bench.notices() == ["daily_limit", "daily_limit"]


def test_a_hot_socket_is_switched_off():
    bench = Ruled("preset over_temperature")
    bench.switch_on()
    bench.give(Heat(celsius=61.0))
    bench.tick_until(bench.now + 9)
    bench.give(Heat(celsius=None))
    bench.give(Heat(celsius=62.0))
    bench.tick_until(bench.now + 9)
    assert bench.contact
    bench.tick_until(bench.now + 2)
    assert not bench.contact
    assert bench.notices() == ["over_temperature"]
    assert bench.state.trip is None


# ── what a rule may never do ────────────────────────────────────────────────────────────────


def trip(bench):
    bench.switch_on()
    bench.run(3, 0.26, 60)
    bench.run(20, 20.0, 4600.0)
    assert bench.state.trip is not None


def test_no_rule_closes_or_does_anything_behind_a_trip():
    bench = Ruled("when power_switch == off for 10s: on", "when power_switch == off: event is_off")
    known = len(bench.notices())
    trip(bench)
    bench.load(600, 0.0)
    assert not bench.contact
    assert bench.state.trip is not None
    assert len(bench.notices()) == known


def test_on_by_a_rule_obeys_the_shortest_time_off_and_says_who_asked():
    bench = Ruled("when power_switch == off: on", relay={"min_off_s": 180})
    bench.tick_until(bench.now + 200)
    assert bench.contact
    bench.command(CLOUD, power_switch=False)
    assert bench.moves()[-1].details["by"] == "cloud tencent"
    bench.tick_until(bench.now + 179)
    assert not bench.contact
    bench.tick_until(bench.now + 10)
    assert bench.contact
    assert bench.moves()[-1].details == {"why": "min_off_s", "by": "rule r1", "request": ""}


def test_on_by_a_rule_is_refused_while_the_socket_is_hot():
    bench = Ruled("when power_switch == off for 1m: on; event too_late")
    bench.switch_on()
    for celsius in (90.0, 90.0, None):
        bench.give(Heat(celsius=celsius))
    assert bench.state.trip is not None
    bench.command(power_switch=True)
    bench.command(power_switch=False)
    bench.tick_until(bench.now + 100)
    assert not bench.contact
    assert bench.notices() == []
    (row,) = bench.rows("refused")
    assert row["what"] == "on"
    assert "opened for heat" in row["why"]


def test_a_rule_may_do_several_things_in_their_order():
    bench = Ruled("when power_switch == on: event a; set count_down = 5; off; event b")
    bench.switch_on()
    assert bench.notices() == ["a", "b"]
    bench.tick_until(bench.now + 10)
    assert bench.contact, "a rule may switch off and on again"


def test_a_rule_that_fires_too_often_rests_and_says_so_once():
    bench = Ruled("when power_switch == on rest 1s: off")
    for _ in range(20):
        bench.switch_on()
    assert bench.contact, "it has given up"
    assert len(bench.rows("fired")) == 12
    (row,) = bench.rows("resting")
    assert (row["rule"], row["fired"]) == ("r1", 12)
    (log,) = [e for e in bench.effects if isinstance(e, Log) and e.event == "rule.resting"]
    assert log.is_warning


# ── who did it ──────────────────────────────────────────────────────────────────────────────


def test_a_countdown_that_a_rule_sets_says_so_when_it_ends_and_a_person_keeps_the_blame():
    bench = Ruled("when power_switch == on: set count_down = 600")
    bench.tick_until(bench.now + 10)
    bench.command(CLOUD, power_switch=True)
    assert bench.moves()[-1].details["by"] == "cloud tencent"
    bench.tick_until(bench.now + 601)
    assert not bench.contact
    assert bench.moves()[-1].details == {"why": "countdown", "by": "rule r1", "request": ""}


def test_one_firing_may_make_another_rule_hold_at_once():
    bench = Ruled("when power_switch == off: event went_off", "when power_switch == on: off")
    bench.tick_until(bench.now + 100)
    bench.give(Tick())
    bench.switch_on()
    assert bench.notices() == ["went_off", "went_off"]


def test_a_toggle_becomes_on_or_off():
    bench = Ruled("when voltage > 200 for 1m: toggle")
    bench.switch_on()
    bench.load(64, 60.0)
    assert not bench.contact


def test_a_notice_carries_when_its_rule_fires():
    bench = Ruled("when voltage > 200 for 1m: event hello")
    bench.load(64, 60.0)
    assert bench.events("notice") == [
        Raise(event="notice", values={"name": "hello", "text": "when voltage > 200 for 1m"})
    ]
