"""What a start makes of what was kept: the contact, its minimum, what was damaged."""

import pytest

from agent.devices.effects import Log, Record, Save, SetRelay
from agent.devices.inputs import Tick
from agent.model import Condition, StartCause
from tests.devices.socket.bench import CLOUD, LOCAL, Bench, settings
from tests.devices.socket.starts import last_saved, overloaded, started, stopped


def test_a_contact_that_was_opened_a_moment_ago_waits_for_its_minimum():
    relay = {"on_start": "restore", "min_off_s": 180}
    bench = Bench(settings(relay=relay), start=10_000)
    bench.tick_until(bench.now + 200)
    bench.command(power_switch=True)
    saved = stopped(bench)
    state, _ = started(saved, StartCause.RESTART, now=bench.now + 5, relay=relay)
    assert not state.relay_on
    assert state.closing_at == bench.now + 180
    state, _ = started(saved, StartCause.RESTART, now=bench.now + 200, relay=relay)
    assert state.relay_on


def test_a_boot_opened_the_contact_when_the_clock_began():
    relay = {"on_start": "restore", "min_off_s": 180}
    bench = overloaded(1)
    state, _ = started(last_saved(bench), StartCause.POWER_LOSS, now=40.0, relay=relay)
    assert (state.relay_on, state.closing_at) == (False, 180.0)


def test_a_minimum_that_is_running_goes_on_over_a_crash():
    relay = {"on_start": "on", "min_off_s": 180}
    bench = Bench(settings(relay=relay), start=10_000)
    bench.command(power_switch=False)
    bench.run(5, 0, 0)
    state, _ = started(last_saved(bench), now=bench.now + 1, relay=relay)
    assert state.closing_at == 10_000 + 180


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        (Condition.LOST, "state_lost"),
        (Condition.OLDER, "state_damaged"),
        (Condition.SALVAGED, "state_damaged"),
        (Condition.GOOD, None),
        (Condition.RESTORED, None),
    ],
)
def test_damage_is_a_row_of_the_ledger(condition, name):
    saved = None if condition is Condition.LOST else last_saved(overloaded(1))
    _, effects = started(saved, condition=condition)
    rows = [e.name for e in effects if isinstance(e, Record) and e.topic == "energy"]
    assert rows == ([] if name is None else [name])


def test_a_state_that_cannot_be_read_is_told_and_opens():
    state, effects = started({"relay_on": "perhaps"})
    assert not state.relay_on
    assert any(isinstance(e, Log) and e.event == "state.unreadable" for e in effects)


def test_a_fault_of_the_contact_is_remembered_and_an_unknown_one_is_not():
    assert started({"fault": "contact_welded"})[0].fault == "contact_welded"
    assert started({"fault": "else"})[0].fault is None


def test_a_limit_of_ones_own_is_clamped_to_the_rating_and_survives():
    bench = Bench()
    bench.switch_on()
    bench.command(LOCAL, current_limit=20.0)
    assert bench.state.limit_a == 5.0
    bench.command(LOCAL, current_limit=2.0)
    bench.run(3, 0.26, 60)
    assert bench.run(5, 6.0, 1380.0) is not None
    assert bench.state.trip is not None
    assert bench.state.trip.limit == 5.0
    assert started(last_saved(bench))[0].limit_a == 2.0
    bench.command(LOCAL, current_limit=0)
    assert bench.state.limit_a is None


# ── what is not sure opens, and what can be saved is ────────────────────────────────────────


@pytest.mark.parametrize(
    "condition", [Condition.LOST, Condition.OLDER, Condition.SALVAGED, Condition.RESTORED]
)
@pytest.mark.parametrize("policy", ["on", "restore"])
def test_a_state_that_may_have_forgotten_a_trip_opens(condition, policy):
    saved = None if condition is Condition.LOST else last_saved(overloaded(1))
    relay = {"on_start": policy}
    state, effects = started(saved, StartCause.POWER_LOSS, condition=condition, relay=relay)
    assert not state.relay_on
    assert state.closing_at is None
    assert any(isinstance(e, Log) and e.event == "state.unreadable" for e in effects)


@pytest.mark.parametrize(
    ("name", "value"),
    [("fault", 5), ("limit_a", "5"), ("calibrations", [{"at": 1}]), ("trip", {"cause": 1})],
)
def test_one_part_that_does_not_fit_costs_that_part_alone(name, value):
    saved = last_saved(overloaded(20)) | {name: value}
    total_mj = saved["energy"]["total_mj"]
    state, effects = started(saved)
    assert state.energy.total_mj == total_mj > 0
    assert not state.relay_on
    (row,) = [e for e in effects if isinstance(e, Record) and e.name == "state_damaged"]
    assert row.details["dropped"] == [name]


@pytest.mark.parametrize(
    "energy", [{"total_mj": 7, "counter": "x"}, {"total_mj": 7, "rest_pj": -1}]
)
def test_a_count_with_a_fault_keeps_its_total(energy):
    state, _ = started(last_saved(overloaded(1)) | {"energy": energy})
    assert (state.energy.total_mj, state.energy.counter) == (7, None)


@pytest.mark.parametrize("energy", [None, [], {"total_mj": -1}, {"total_mj": True}])
def test_a_count_without_a_total_begins_anew(energy):
    assert started(last_saved(overloaded(1)) | {"energy": energy})[0].energy.total_mj == 0


def test_a_version_without_books_begins_its_day_with_the_total_that_it_had():
    saved = {"relay_on": False, "energy": {"total_mj": 5_000_000_000}}
    state, _ = started(saved, StartCause.UPDATE)
    assert (state.books.day_base_mj, state.books.month_base_mj) == (5_000_000_000, 5_000_000_000)


def test_a_line_that_was_held_open_is_not_closed_for_what_was_kept_before():
    state, _ = started(last_saved(overloaded(1)), is_held_off=True)
    assert not state.relay_on


def test_a_closing_that_waits_outlives_two_starts():
    relay = {"on_start": "restore", "min_off_s": 180}
    saved, now = last_saved(overloaded(1)), 40.0
    for _ in range(2):
        state, effects = started(saved, StartCause.POWER_LOSS, now=now, relay=relay)
        assert (state.relay_on, state.closing_at) == (False, 180.0)
        saved = dict(next(e.saved for e in effects if isinstance(e, Save)))
    state, _ = started(saved, StartCause.CRASH, now=60.0, relay=relay)
    assert state.closing_at == 180.0
    state, _ = started(saved, StartCause.CRASH, now=200.0, relay=relay)
    assert state.relay_on


@pytest.mark.parametrize("cause", [StartCause.POWER_LOSS, StartCause.REBOOT])
def test_a_contact_that_a_boot_leaves_open_has_been_so_since_the_boot(cause):
    bench = Bench(settings(relay={"on_start": "restore"}), start=10_000)
    bench.command(power_switch=False)
    assert not bench.state.relay_on
    state, _ = started(last_saved(bench), cause, now=40.0)
    assert state.changed_at == 40.0


def test_a_closing_that_waits_outlives_a_clean_stop():
    relay = {"on_start": "restore", "min_off_s": 180}
    bench = Bench(settings(relay=relay), start=10_000)
    bench.command(power_switch=True)
    assert bench.state.closing_at is not None
    state, _ = started(stopped(bench), StartCause.RESTART, now=bench.now + 5, relay=relay)
    assert state.closing_at == 10_000 + 180


def test_after_a_fault_of_ours_the_contact_is_open_and_its_minimum_runs_from_there():
    relay = {"on_start": "restore", "on_stop": "keep", "min_off_s": 180}
    bench = Bench(settings(relay=relay), start=10_000)
    bench.tick_until(bench.now + 200)
    bench.command(power_switch=True)
    _, effects = bench.device.stop(bench.state, bench.now, opens=True)
    assert effects[0] == SetRelay(on=False)
    (row,) = [effect for effect in effects if isinstance(effect, Record)]
    assert (row.name, row.details["fault"]) == ("off", True)
    saved = dict(next(e.saved for e in effects if isinstance(e, Save)))
    state, _ = started(saved, now=bench.now + 1.2, relay=relay)
    assert state.closing_at == bench.now + 180


def test_a_compressor_waits_after_a_crash_in_which_nobody_held_its_line():
    relay = {"on_start": "restore", "min_off_s": 180}
    saved = last_saved(overloaded(1))
    state, _ = started(saved, now=2000.0, relay=relay)
    assert (state.relay_on, state.closing_at) == (False, 2180.0)
    state, _ = started(saved, now=2000.0, relay=relay, is_held_on=True)
    assert state.relay_on


def test_resets_of_long_ago_do_not_come_back_with_a_boot():
    bench = Bench(settings(protection={"meter_lost": "keep"}))
    bench.switch_on()
    bench.run(3, 0.26, 60)
    bench.run(5, 15.0, 3450.0)
    bench.tick_until(bench.now + 20)
    assert bench.command(CLOUD, power_switch=True).refusal is None
    assert len(bench.state.resets) == 1
    bench.tick_until(bench.now + 4000)
    bench.command(power_switch=False)
    assert last_saved(bench)["resets"] == []


def test_nothing_runs_on_after_the_stop():
    bench = Bench(settings(protection={"meter_lost": "keep"}))
    bench.switch_on()
    bench.command(count_down=30)
    bench.state, _ = bench.device.stop(bench.state, bench.now)
    bench.contact = False
    assert bench.device.next_deadline(bench.state, bench.now) is None
    bench.now += 60
    bench.give(Tick())
    assert not bench.contact


def test_a_stored_command_lowers_a_limit_and_never_raises_it():
    bench = Bench()
    bench.command(LOCAL, current_limit=3.0)
    assert bench.command(CLOUD, is_live=False, current_limit=2.0).refusal is None
    for limit in (4.0, 0):
        refusal = bench.command(CLOUD, is_live=False, current_limit=limit).refusal
        assert refusal is not None
        assert bench.state.limit_a == 2.0
