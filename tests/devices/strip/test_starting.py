"""Starts and stops: each outlet by its own policy, a kept trip above them all."""

import json

import pytest

from agent.devices.effects import Log, SetRelay
from agent.model import Condition, StartCause
from agent.settings.strip import StripSettings
from tests.devices.socket.bench import LOCAL
from tests.devices.strip.bench import StripBench, settings

ROWS = [
    {"driver": "simulated", "on_start": "restore", "on_stop": "keep"},
    {"driver": "simulated", "on_start": "restore"},
    {"driver": "simulated", "on_start": "on"},
    {"driver": "simulated"},
]


def strip_of(rows) -> StripSettings:
    whole = {"id": "s", "kind": "strip", "outlets": rows, "protection": {"meter_lost": "keep"}}
    return StripSettings.model_validate(whole)


MIXED = strip_of(ROWS)


def running(config=MIXED) -> StripBench:
    bench = StripBench(config)
    bench.tick_until(bench.now + 5)
    return bench


def again(bench, saved, cause=StartCause.CRASH, later=5.0, **more) -> set[str]:
    """Start anew from what was kept, as it is on the disk."""
    bench.now += later
    bench.contacts = {}
    bench.begin(json.loads(json.dumps(saved)), cause, **more)
    return bench.closed


def test_a_first_start_follows_each_policy():
    assert running().closed == {"3"}


def test_a_crash_restores_what_each_policy_says():
    bench = running()
    bench.on("1", "4")
    assert again(bench, bench.saved) == {"1", "3"}


def test_a_stop_opens_all_but_what_is_kept_and_the_start_restores_what_was_on():
    bench = running()
    bench.on("1", "2", "4")
    saved = bench.stop()
    assert bench.closed == {"1"}
    assert again(bench, saved, StartCause.RESTART) == {"1", "2", "3"}


def test_a_fault_opens_all_outlets_whatever_their_stop_policy_is():
    bench = running()
    bench.on("1", "2")
    bench.stop(opens=True)
    assert bench.closed == set()


def test_a_stop_drives_every_contact_where_it_shall_stand_and_opens_first():
    bench = running()
    bench.on("1", "2")
    bench.stop()
    moves = [(move.output, move.on) for move in bench.decisions[-1]]
    assert moves == [("2", False), ("3", False), ("4", False), ("1", True)]


def test_nothing_closes_by_itself_after_the_stop():
    rows = [{**row, "min_off_s": 60} for row in ROWS]
    config = strip_of(rows)
    bench = running(config)
    bench.tick_until(bench.now + 100)
    bench.command(LOCAL, power_switch_1=True, power_switch_2=True)
    bench.command(LOCAL, power_switch_2=False)
    bench.command(LOCAL, power_switch_2=True)
    saved = bench.stop()
    bench.tick_until(bench.now + 1000)
    assert bench.closed <= {"1"}
    assert [row["restores"] for row in saved["outlets"]] == [True, True, True, False]


def test_an_outlet_that_is_switched_off_after_the_stop_is_not_restored():
    config = settings(each={"on_start": "restore"})
    bench = running(config)
    bench.on("1")
    bench.stop()
    assert [row["restores"] for row in bench.state.also_kept()["outlets"]] == [True, False, False]
    bench.command(LOCAL, power_switch=False)
    assert not any(row["restores"] for row in bench.state.also_kept()["outlets"])


def test_a_contact_that_was_held_closed_does_not_move_and_its_load_is_no_inrush():
    bench = running()
    bench.on("1", "3")
    changed_at = bench.state.outlets[0].changed_at
    held = {"1": True, "3": True}
    assert again(bench, bench.saved, StartCause.RESTART, held=held) == {"1", "3"}
    assert bench.state.outlets[0].changed_at == changed_at
    assert bench.state.age(bench.now).closed_s > 5


def test_a_contact_that_closes_at_the_start_is_an_inrush_though_others_were_held():
    bench = running()
    bench.on("1")
    assert again(bench, bench.saved, StartCause.RESTART, held={"1": True}) == {"1", "3"}
    assert bench.state.age(bench.now).closed_s == 0


def test_a_contact_that_was_held_open_is_not_restored():
    bench = running()
    bench.on("1", "2")
    assert again(bench, bench.saved, held={"1": False, "2": True}) == {"2", "3"}


def test_a_kept_trip_keeps_every_outlet_open():
    bench = StripBench(settings(each={"on_start": "on"}))
    bench.tick_until(bench.now + 5)
    bench.on("1", "2")
    bench.run(5, {"1": 60, "2": 60})
    assert bench.run(10, {"1": 3000.0, "2": 60.0}) is not None
    for cause in (StartCause.CRASH, StartCause.POWER_LOSS):
        assert again(bench, bench.saved, cause) == set()
        assert bench.state.trip is not None


@pytest.mark.parametrize("condition", [Condition.OLDER, Condition.LOST, Condition.SALVAGED])
def test_a_state_that_is_not_sure_keeps_every_outlet_open(condition):
    bench = StripBench(settings(each={"on_start": "on"}))
    assert again(bench, bench.saved, condition=condition) == set()


@pytest.mark.parametrize(
    "outlets", ["nonsense", [7], [{"name": "1", "is_on": "yes"}], [{"is_on": True}]]
)
def test_outlets_that_cannot_be_read_stay_open_and_the_count_is_kept(outlets):
    bench = StripBench(settings(each={"on_start": "restore"}))
    bench.on("1", "2")
    bench.run(60, {"1": 900, "2": 60})
    total_mj = bench.state.energy.total_mj
    saved = {**bench.stop(), "outlets": outlets}
    bench.effects.clear()
    assert again(bench, saved) == set()
    assert bench.state.energy.total_mj == total_mj > 0
    assert any(isinstance(each, Log) and each.is_warning for each in bench.effects)


def test_the_state_of_a_strip_with_fewer_outlets_is_understood():
    small, large = (settings(outlets=n, each={"on_start": "restore"}) for n in (2, 4))
    bench = StripBench(small)
    bench.on("2")
    saved = bench.saved
    grown = StripBench(large)
    assert again(grown, saved) == {"2"}
    assert again(StripBench(small), grown.saved) == {"2"}


@pytest.mark.parametrize(
    ("cause", "min_off_s", "waits"),
    [
        (StartCause.CRASH, 60, True),
        (StartCause.CRASH, 1, False),
        (StartCause.RESTART, 60, True),
        (StartCause.REBOOT, 3600, True),
        (StartCause.REBOOT, 60, False),
    ],
)
def test_the_minimum_holds_across_a_start(cause, min_off_s, waits):
    rows = {"on_start": "restore", "min_off_s": min_off_s}
    bench = StripBench(settings(each=rows, protection={"meter_lost": "keep"}), start=5000.0)
    bench.command(LOCAL, power_switch_2=True)
    bench.tick_until(bench.now + 3600)
    assert bench.closed == {"2"}
    saved = bench.stop() if cause is not StartCause.CRASH else bench.saved
    if cause is StartCause.REBOOT:
        bench.now = 100.0
    assert again(bench, saved, cause, later=5) == (set() if waits else {"2"})
    assert (bench.state.closing_at is not None) is waits
    bench.tick_until(bench.now + 3600)
    assert bench.closed == {"2"}


def test_outlets_of_a_start_close_when_each_may():
    rows = [{"driver": "simulated", "on_start": "restore", "min_off_s": s} for s in (0, 60)]
    bench = StripBench(strip_of(rows), start=5000.0)
    bench.tick_until(bench.now + 100)
    bench.on("1", "2")
    saved = bench.stop()
    assert again(bench, saved, StartCause.RESTART, later=1) == {"1"}
    bench.tick_until(bench.now + 60)
    assert bench.closed == {"1", "2"}


def test_an_outlet_that_stood_open_counts_from_when_it_opened():
    bench = StripBench(settings(each={"on_start": "off", "min_off_s": 60}))
    bench.tick_until(bench.now + 50)
    again(bench, bench.saved, StartCause.CRASH)
    bench.command(LOCAL, power_switch_1=True)
    bench.tick_until(bench.now + 6)
    assert bench.closed == {"1"}


def test_what_comes_back_with_the_strip_outlives_the_process():
    bench = StripBench(settings(protection={"meter_lost": "keep"}))
    bench.on("2")
    bench.command(power_switch=False)
    again(bench, bench.stop(), StartCause.RESTART)
    bench.command(LOCAL, power_switch=True)
    bench.tick_until(bench.now + 2)
    assert bench.closed == {"2"}


def test_every_change_of_an_outlet_is_kept_at_once():
    bench = StripBench()
    bench.on("1")
    bench.command(power_switch_2=True)
    assert [row["is_on"] for row in bench.saved["outlets"]] == [True, True, False]


def test_a_start_tells_where_each_outlet_stands():
    bench = StripBench(settings(each={"on_start": "on"}))
    row = bench.rows("relay")[0]
    assert (row.name, row.details["outlets"]) == ("on", {"1": True, "2": True, "3": True})
    assert not [each for each in bench.effects if isinstance(each, SetRelay) and not each.output]


def test_outlets_of_which_none_was_wanted_are_all_wanted_again():
    bench = StripBench(settings())
    saved = bench.stop()
    saved["outlets"] = [{**row, "is_wanted": False} for row in saved["outlets"]]
    again(bench, saved)
    assert all(each.is_wanted for each in bench.state.outlets)
