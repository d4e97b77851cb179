"""Rules on a socket: real loads in virtual time, and what a rule may never do."""

import json

import pytest

from agent.devices.effects import Log, Raise, Record
from agent.devices.inputs import ClockTold, Dated, EditRule, Heat, Measured, Tick
from agent.model import StartCause
from tests.devices.socket.bench import CLOUD, LOCAL, Bench, settings
from tests.devices.socket.starts import last_saved

NOON = 1_795_752_000.0  # 2026-11-27 04:00 UTC, noon in Shanghai


class Ruled(Bench):
    """A socket with rules whose time is known, and loads that are long without many frames."""

    def __init__(self, *texts, now=1000.0, **sections):
        rules = {f"r{number}": text for number, text in enumerate(texts, 1)}
        super().__init__(settings(rules=rules, protection={"meter_lost": "keep"}, **sections), now)
        self.give(ClockTold(offset=NOON - now, zone="Asia/Shanghai"))

    def load(self, seconds, watts, every=2.0):
        """Feed a steady load with few frames; an opened contact carries nothing."""
        end = self.now + seconds
        while self.now < end:
            self.tick_until(min(self.now + every, end))
            flows = watts if self.contact else 0.0
            self.give(Measured(reading=self.registers.frame(self.now, flows / 230, flows, every)))

    def rows(self, name):
        return [e.details for e in self.effects if isinstance(e, Record) and e.name == name]

    def notices(self):
        return [each.values["name"] for each in self.events("notice")]

    def moves(self):
        return [e for e in self.effects if isinstance(e, Record) and e.topic == "relay"]


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


# ── editing ─────────────────────────────────────────────────────────────────────────────────


def edit(bench, name, text=None, **more):
    event = EditRule(name=name, origin=LOCAL, text=text, **more)
    effects = bench.give(event)
    (outcome,) = (each.outcome for each in effects if hasattr(each, "outcome"))
    return "" if outcome.refusal is None else outcome.refusal.reason


def test_a_rule_is_added_fires_and_is_removed():
    bench = Ruled()
    assert edit(bench, "idle", "when active_power<5 for 1m:event idle") == ""
    bench.load(64, 0.0)
    assert bench.notices() == ["idle"]
    assert edit(bench, "idle", removes=True) == ""
    assert bench.state.rules.added == ()
    assert bench.device.next_deadline(bench.state, bench.now) is not None
    rows = [e for e in bench.effects if isinstance(e, Record) and e.topic == "rule"]
    assert [(e.name, e.details.get("by")) for e in rows] == [
        ("written", "local maker"),
        ("fired", None),
        ("removed", "local maker"),
    ]


def test_a_rule_of_the_file_can_only_be_turned_off_and_on():
    bench = Ruled("when voltage > 200 for 1m: event hello")
    assert "stands in the device's file" in edit(bench, "r1", "when voltage > 1: off")
    assert "stands in the device's file" in edit(bench, "r1", removes=True)
    assert edit(bench, "r1", is_enabled=False) == ""
    bench.load(100, 60.0)
    assert bench.notices() == []
    assert edit(bench, "r1", is_enabled=True) == ""
    bench.load(62, 60.0)
    assert bench.notices() == ["hello"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("Bad", "when voltage > 1: off", "'Bad' is no name of a rule; allowed: a small letter"),
        ("x" * 33, "when voltage > 1: off", "is no name of a rule"),
        ("a", "when volage > 1: off", "a: no value is named 'volage'; allowed: "),
        ("a", "when voltage > 1: of", "a: character 19: found 'of'"),
        ("nix", None, "no rule is named 'nix'; there are: r1"),
    ],
)
def test_an_edit_that_cannot_be_done_says_why_and_changes_nothing(name, text, says):
    bench = Ruled("when voltage > 200 for 1m: event hello")
    before = bench.state
    assert says in edit(bench, name, text, is_enabled=None if text else True)
    assert bench.state == before


def test_rules_are_bounded_in_number():
    bench = Ruled()
    for number in range(20):
        assert edit(bench, f"r{number}", "when voltage < 1 for 1m: off") == ""
    assert "there are 20 added rules; allowed: up to 20" in edit(bench, "x", "when voltage < 1: on")
    assert edit(bench, "r5", "when voltage < 2 for 1m: off") == ""
    assert len(json.dumps(last_saved(bench))) < 12_000


def test_changed_text_begins_anew():
    bench = Ruled()
    edit(bench, "a", "when active_power < 5 for 1m: event a")
    bench.load(50, 0.0)
    edit(bench, "a", "when active_power < 6 for 1m: event a")
    bench.load(50, 0.0)
    assert bench.notices() == []
    bench.load(20, 0.0)
    assert bench.notices() == ["a"]


# ── restarts ────────────────────────────────────────────────────────────────────────────────


def restart(bench, cause=StartCause.RESTART, seconds=5.0):
    _, effects = bench.device.stop(bench.state, bench.now)
    saved = next(e.saved for e in effects if hasattr(e, "saved"))
    bench.now += seconds
    bench.begin(json.loads(json.dumps(saved)), cause)


RELAY = {"on_start": "restore", "on_stop": "keep"}


def test_what_holds_goes_on_holding_over_a_short_restart():
    bench = Ruled("when active_power < 5 for 10m after > 30: off", relay=RELAY)
    bench.switch_on()
    bench.load(60, 85.0)
    bench.load(500, 2.0)
    restart(bench)
    bench.load(105, 2.0)
    assert not bench.contact


def test_a_crash_keeps_what_was_seen_and_begins_the_time_anew():
    bench = Ruled("when active_power < 5 for 10m after > 30: off", relay=RELAY)
    bench.switch_on()
    bench.load(60, 85.0)
    bench.load(500, 2.0)
    bench.now += 3
    bench.begin(json.loads(json.dumps(last_saved(bench))), StartCause.CRASH)
    bench.load(590, 2.0)
    assert bench.contact
    bench.load(20, 2.0)
    assert not bench.contact


def test_added_and_disabled_rules_outlive_a_power_loss():
    bench = Ruled("when voltage > 200 for 1m: event hello")
    edit(bench, "mine", "when voltage > 200 for 1m: event mine")
    edit(bench, "r1", is_enabled=False)
    bench.now = 5.0
    bench.begin(json.loads(json.dumps(last_saved(bench))), StartCause.POWER_LOSS)
    bench.load(70, 0.0)
    assert bench.notices() == ["mine"]


def test_a_kept_rule_that_this_version_cannot_read_does_nothing_and_stays():
    bench = Ruled()
    edit(bench, "mine", "when voltage > 200 for 1m: event mine")
    saved = json.loads(json.dumps(last_saved(bench)))
    saved["rules"]["added"][0]["text"] = "whenever voltage > 200: event mine"
    bench.begin(saved, StartCause.CRASH)
    bench.load(70, 0.0)
    assert bench.notices() == []
    assert len(bench.state.rules.added) == 1


def test_only_what_was_decided_is_saved_not_every_hold():
    bench = Ruled("when active_power < 5 for 10m: event idle")
    before = len(bench.effects)
    for _ in range(20):
        bench.load(4, 60.0)
        bench.load(4, 2.0)
    causes = [e.cause for e in bench.effects[before:] if hasattr(e, "cause")]
    assert "rules" not in causes
    bench.load(700, 2.0)
    assert "rules" in [e.cause for e in bench.effects[before:] if hasattr(e, "cause")]


def test_a_socket_without_rules_is_left_as_it_is():
    bench = Ruled()
    before = bench.state
    bench.give(Tick())
    assert bench.state is before
