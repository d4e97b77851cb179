"""What acts by itself where little else happens: at a stop, beside a countdown, after an edit."""

import json

import pytest

from agent.devices.effects import Record, SetRelay
from agent.devices.inputs import ButtonEdge, EditRule, EditSchedule, Tick
from agent.devices.socket import keeping
from agent.devices.socket.kept import read
from agent.devices.socket.socket import Socket
from agent.model import StartCause
from tests.devices.socket.bench import LOCAL, Bench, settings
from tests.devices.socket.planned import Clocked
from tests.devices.socket.pressed import PATIENT, click, press

LOW = "when active_power < 50 for 10m: off"


def edit(bench: Bench, name: str, text: str | None = None, **more: object) -> None:
    effects = bench.give(EditRule(name=name, origin=LOCAL, text=text, **more))  # type: ignore[arg-type]
    (outcome,) = (effect.outcome for effect in effects if hasattr(effect, "outcome"))
    assert outcome.refusal is None


def end(bench: Bench) -> None:
    """Stop the service, while time still passes."""
    bench.state, effects = bench.device.stop(bench.state, bench.now)
    bench._act(effects)


def bench_of(**sections: object) -> Bench:
    bench = Bench(settings(protection=PATIENT, **sections))
    bench.tick_until(bench.now + 5)
    return bench


# ── a rule that has gone ────────────────────────────────────────────────────────────────────


def test_a_rule_that_is_written_again_begins_anew():
    bench = bench_of()
    bench.switch_on()
    edit(bench, "low", LOW)
    bench.run(60, 0.1, 10)
    edit(bench, "low", removes=True)
    assert bench.state.rules.memory == ()
    bench.run(600, 1, 200)
    bench.run(5, 0.1, 10)
    edit(bench, "low", LOW)
    assert bench.run(590, 0.1, 10) is None
    assert bench.run(20, 0.1, 10) is not None


@pytest.mark.parametrize("others", [{}, {"other": "when voltage > 300: off"}])
def test_a_rule_that_a_reload_takes_away_and_brings_back_begins_anew(others):
    bench = bench_of(rules={"low": LOW, **others})
    bench.switch_on()
    bench.run(60, 0.1, 10)
    with_rule, without = bench.device, Socket(settings=settings(protection=PATIENT, rules=others))
    bench.device = without
    bench.run(600, 1, 200)
    bench.run(5, 0.1, 10)
    bench.device = with_rule
    assert bench.run(590, 0.1, 10) is None
    assert bench.run(20, 0.1, 10) is not None


def test_names_of_rules_that_left_the_file_do_not_pile_up_until_no_rule_is_read_back():
    bench = bench_of()
    edit(bench, "mine", LOW)
    for number in range(45):
        name = f"rule-{number}"
        bench.device = Socket(settings=settings(protection=PATIENT, rules={name: LOW}))
        bench.give(Tick())
        edit(bench, name, is_enabled=False)
    assert bench.state.rules.disabled == ("rule-44",)
    _, saved = keeping.save(bench.state, "test", bench.now)
    kept, dropped = read(json.loads(json.dumps(saved.saved)))
    assert dropped == ()
    assert [each.name for each in kept.rules.added] == ["mine"]


@pytest.mark.parametrize("since", [float("nan"), 1e12])
def test_a_rule_that_was_kept_with_times_to_come_is_not_dead(since):
    bench = bench_of(rules={"low": LOW})
    bench.switch_on()
    _, save = keeping.save(bench.state, "test", bench.now)
    row = {"name": "low", "text": LOW, "since": since, "fired": [1e12]}
    bench.begin({**save.saved, "rules": {"memory": [row]}}, StartCause.RESTART)
    bench.tick_until(bench.now + 2)
    bench.switch_on()
    assert bench.run(650, 0.1, 10) is not None


def test_neither_a_rule_nor_a_schedule_writes_timers():
    bench = bench_of()
    text = "set timers = on at 07:00 daily"
    for event in (
        EditRule(name="a", origin=LOCAL, text=f"when voltage > 1: {text}"),
        EditSchedule(name="a", origin=LOCAL, text=f"{text} at 06:00"),
    ):
        (outcome,) = (each.outcome for each in bench.give(event) if hasattr(each, "outcome"))
        assert outcome.refusal.reason.endswith(
            "allowed: set power_switch | count_down | current_limit | child_lock = VALUE"
        )


# ── a clock that goes back and comes again ──────────────────────────────────────────────────


def test_a_run_that_was_carried_out_is_not_made_up_for_after_the_clock_was_wrong_for_a_while():
    bench = Clocked("2026-05-10 09:59:00", schedules={"night": "off at 10:00"})
    bench.tell()
    bench.switch_on()
    bench.until("2026-05-10 12:00:00")
    bench.switch_on()
    bench.set_clock(-3 * 3600)
    bench.tick_until(bench.now + 5)
    bench.set_clock(3 * 3600)
    bench.tick_until(bench.now + 5)
    assert bench.contact
    bench.until("2026-05-11 10:00:01")
    assert not bench.contact


# ── after the stop ──────────────────────────────────────────────────────────────────────────


def test_a_schedule_closes_nothing_after_a_stop_that_found_the_contact_open():
    bench = Clocked("2026-05-10 06:59:58", schedules={"morning": "on at 07:00"})
    bench.tell()
    end(bench)
    bench.until("2026-05-10 07:00:05")
    assert not bench.contact


def test_a_countdown_closes_nothing_after_a_stop_that_found_the_contact_open():
    bench = bench_of()
    bench.command(count_down=3)
    end(bench)
    bench.tick_until(bench.now + 5)
    assert not bench.contact


def test_a_click_that_waits_for_a_second_one_closes_nothing_after_a_stop():
    bench = bench_of(button={"double_click": "event x"})
    click(bench)
    end(bench)
    bench.tick_until(bench.now + 5)
    assert not bench.contact


def test_a_rule_closes_nothing_after_a_stop_that_found_the_contact_open():
    bench = bench_of(rules={"low": "when power_switch == off for 10s: on"})
    end(bench)
    bench.tick_until(bench.now + 60)
    assert not bench.contact


@pytest.mark.parametrize("was_on", [True, False])
def test_off_after_a_stop_lets_nothing_act_by_itself_again(was_on):
    bench = Clocked("2026-05-10 06:59:50", schedules={"morning": "on at 07:00"})
    bench.tell()
    if was_on:
        bench.switch_on()
    end(bench)
    bench.command(power_switch=False)
    bench.until("2026-05-10 07:00:05")
    assert not bench.contact


def test_what_a_person_closes_after_a_stop_is_protected():
    bench = Bench()
    bench.tick_until(bench.now + 5)
    end(bench)
    bench.switch_on()
    assert bench.contact
    bench.tick_until(bench.now + 60)
    assert bench.state.trip is not None
    assert not bench.contact


# ── who did it ──────────────────────────────────────────────────────────────────────────────


def test_a_countdown_that_opens_beside_a_schedule_that_must_wait_is_told_as_the_countdown():
    bench = Clocked("2026-05-10 06:50:00", schedules={"morning": "on at 07:00"})
    bench.tell()
    bench.switch_on()
    bench.command(count_down=598)
    bench.until("2026-05-10 07:00:10")
    off, on = bench.rows("relay")[-2:]
    assert (off[0], off[1]["why"], off[1]["by"]) == ("off", "countdown", "local maker")
    assert (on[0], on[1]["why"], on[1]["by"]) == ("on", "min_off_s", "schedule morning")


# ── a contact that ends where it stood ──────────────────────────────────────────────────────


def test_a_factory_reset_opens_though_a_rule_would_close_at_once():
    rules = {"always": "when power_switch == off: on"}
    bench = bench_of(relay={"min_off_s": 0}, rules=rules)
    bench.switch_on()
    effects = press(bench, 12)
    assert [each for each in effects if isinstance(each, SetRelay)] == [SetRelay(on=False)]


def test_off_and_on_in_one_decision_begins_no_new_inrush():
    rules = {"turn": "when active_power > 100: off; on"}
    bench = bench_of(relay={"min_off_s": 0}, rules=rules)
    bench.switch_on()
    closed_at = bench.state.changed_at
    bench.run(5, 1, 230)
    fired = [e for e in bench.effects if isinstance(e, Record) and e.topic == "rule"]
    assert [row.name for row in fired] == ["fired"]
    assert bench.contact
    assert bench.state.changed_at == closed_at


def test_a_press_after_a_stop_is_a_persons():
    bench = bench_of()
    end(bench)
    bench.give(ButtonEdge(is_pressed=True))
    bench.give(ButtonEdge(is_pressed=False))
    assert bench.contact
