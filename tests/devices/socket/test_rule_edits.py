"""Rules that are edited while the socket works, and what is kept of them through a restart."""

import json

import pytest

from agent.devices.effects import Record
from agent.devices.inputs import EditRule, Tick
from agent.model import StartCause
from tests.devices.socket.bench import LOCAL
from tests.devices.socket.ruled import Ruled
from tests.devices.socket.starts import last_saved

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
