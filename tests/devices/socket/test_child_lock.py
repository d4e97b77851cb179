"""Under the child lock a click only switches off; who sets it, and what outlives the process."""

import json

import pytest

from agent.devices.effects import Record
from agent.devices.inputs import ButtonEdge
from agent.devices.socket.socket import Socket
from agent.devices.socket.themes import Showing
from agent.model import StartCause
from tests.devices.socket.bench import CLOUD, LOCAL, Bench, settings
from tests.devices.socket.pressed import (
    bench_with,
    click,
    clicks,
    press,
    rows,
    shows,
)
from tests.devices.socket.starts import last_saved


def test_under_the_child_lock_a_click_only_switches_off():
    bench = bench_with(child_lock=True)
    click(bench)
    assert not bench.contact
    assert shows(bench) is Showing.REFUSED
    bench.tick_until(bench.now + 1)
    bench.switch_on()
    click(bench)
    assert not bench.contact
    (row,) = rows(bench, "button")
    assert row.details == {"gesture": "click", "reason": "the child lock is on"}


@pytest.mark.parametrize("double", ["event doorbell", "set child_lock = false", "countdown 1m"])
def test_under_the_child_lock_a_double_click_does_nothing_but_open(double):
    bench = bench_with(child_lock=True, double_click=double)
    bench.switch_on()
    clicks(bench, 2)
    bench.tick_until(bench.now + 5)
    assert not bench.contact
    assert bench.state.child_lock
    assert bench.events("notice") == []
    assert [row.name for row in rows(bench, "button")] == ["refused"]


@pytest.mark.parametrize(("held_s", "gesture"), [(6, "hold"), (11, "reset hold")])
def test_under_the_child_lock_no_hold_does_anything(held_s, gesture):
    bench = bench_with(child_lock=True)
    effects = press(bench, held_s)
    assert [type(effect) for effect in effects] == [Record]
    (row,) = rows(bench, "button")
    assert row.details == {"gesture": gesture, "reason": "the child lock is on"}
    assert bench.state.provisioning_until is None
    assert shows(bench) is Showing.REFUSED


def test_many_refusals_in_a_row_are_one_row():
    bench = bench_with(child_lock=True)
    for _ in range(20):
        click(bench, held_s=0.05)
        bench.tick_until(bench.now + 0.05)
    assert len(rows(bench, "button")) == 1


def test_the_child_lock_is_set_while_it_runs_and_outlives_the_process():
    bench = bench_with()
    assert bench.device.thing.snapshot(bench.state, bench.now)["child_lock"] is False
    assert bench.command(CLOUD, child_lock=True).refusal is None
    assert bench.device.thing.snapshot(bench.state, bench.now)["child_lock"] is True
    saved = json.loads(json.dumps(last_saved(bench)))
    bench.begin(saved, StartCause.POWER_LOSS)
    assert bench.state.child_lock
    assert bench.command(CLOUD, child_lock=False).refusal is None
    bench.begin(last_saved(bench), StartCause.CRASH)
    assert not bench.state.child_lock


def test_who_sets_the_child_lock_stands_in_the_journal():
    bench = bench_with(double_click="set child_lock = true")
    clicks(bench, 2)
    bench.command(CLOUD, child_lock=True)
    bench.command(CLOUD, child_lock=False)
    found = [row.details for row in rows(bench, "button") if row.name == "child_lock"]
    assert [(each["is_on"], each["by"]) for each in found] == [
        (True, "button"),
        (False, "cloud tencent"),
    ]


def test_what_was_set_outweighs_the_settings_and_what_was_not_follows_them():
    locked, free = settings(button={"child_lock": True}), settings()
    bench = Bench(locked)
    assert bench.state.child_lock
    bench.device = Socket(settings=free)
    click(bench)
    assert not bench.state.child_lock
    bench.command(LOCAL, child_lock=True)
    bench.give(ButtonEdge(is_pressed=False))
    assert bench.state.child_lock
    bench.begin({"child_lock": False}, StartCause.RESTART)
    bench.device = Socket(settings=locked)
    bench.give(ButtonEdge(is_pressed=False))
    assert not bench.state.child_lock


def test_what_was_stored_puts_the_child_lock_on_and_never_off():
    bench = bench_with()
    assert bench.command(CLOUD, is_live=False, child_lock=False).refusal is None
    assert bench.command(CLOUD, is_live=False, child_lock=True).refusal is None
    refusal = bench.command(CLOUD, is_live=False, child_lock=False).refusal
    assert refusal is not None
    assert refusal.reason == "a stored command may put the child lock on, not off"
    assert bench.state.child_lock


def test_a_kept_child_lock_that_cannot_be_read_begins_as_in_the_settings():
    bench = Bench(settings(button={"child_lock": True}))
    bench.begin({"child_lock": "yes"}, StartCause.RESTART)
    assert bench.state.child_lock
    assert bench.state.child_lock_set is None
