"""A factory reset forgets what a person has set, and nothing that keeps anybody safe."""

import json
from dataclasses import fields, replace

from agent.devices.effects import Forget, Log, Record, SetRelay
from agent.devices.inputs import Dated, Identify
from agent.devices.socket.calibration import Calibration
from agent.devices.socket.contact import WELDED
from agent.devices.socket.forgetting import forgotten
from agent.devices.socket.socket import Socket
from agent.devices.socket.themes import Showing
from agent.model import Factors, StartCause
from tests.devices.socket.bench import LOCAL, Bench, settings
from tests.devices.socket.pressed import PATIENT, bench_with, press, rows, shows, trip
from tests.devices.socket.starts import last_saved

OUTLIVES = frozenset(
    [
        "energy",
        "published_mj",
        "calibrations",
        "trip",
        "resets",
        "fault",
        "warmth",
        "is_overloaded",
        "evidence",
        "voltage",
        "contact",
        "noticed_at",
        "metering",
        "links_up",
        "local",
        "finger",
        "handed",
        "stopped_at",
        "is_stopped",
        "child_lock",
    ]
)
"""What a factory reset leaves alone. A field that is new is here, or is forgotten."""


def used() -> Bench:
    """A socket that has been lived with."""
    bench = bench_with()
    bench.give(Dated(day="2026-05-10"))
    bench.switch_on()
    bench.run(60, 3.9, 900)
    bench.command(LOCAL, count_down=600, current_limit=4.5, child_lock=True)
    bench.give(Dated(day="2026-05-11"))
    bench.run(60, 3.9, 900)
    bench.command(LOCAL, child_lock=False)
    assert bench.contact
    return bench


def test_a_hold_of_ten_seconds_forgets_what_was_set_and_counted_for_the_eye():
    bench = used()
    total_mj = bench.state.energy.total_mj
    bench.effects.clear()
    press(bench, 10)
    state = bench.state
    assert not bench.contact
    assert bench.device.thing.snapshot(state, bench.now)["total_energy"] == 0
    assert (state.books.day_base_mj, state.books.month_base_mj) == (total_mj, total_mj)
    assert (state.books.yesterday_mj, state.books.last_month_mj) == (0, 0)
    assert state.books.day == "2026-05-11"
    assert (state.countdown_at, state.limit_a, state.child_lock_set) == (None, None, None)
    assert state.energy.total_mj == total_mj > 0


def test_it_opens_first_and_tells_why_and_what_is_gone():
    bench = used()
    shown_mj = bench.state.energy.total_mj
    effects = press(bench, 12)
    assert isinstance(effects[0], SetRelay)
    assert [effect for effect in effects if isinstance(effect, Forget)] == [Forget()]
    assert [effect.event for effect in effects if isinstance(effect, Log)] == [
        "button.factory_reset"
    ]
    ledger = rows(bench, "energy")[-1]
    assert (ledger.name, ledger.details["shown_mj"]) == ("factory_reset", shown_mj)
    assert {"day", "total_mj", "by"} <= ledger.details.keys()
    assert rows(bench, "relay")[-1].details["gesture"] == "factory reset"
    assert rows(bench, "button")[-1:] == [Record(topic="button", name="factory_reset", details={})]


def test_it_is_kept():
    bench = used()
    press(bench, 12)
    saved = json.loads(json.dumps(last_saved(bench)))
    assert saved["energy_base_mj"] == saved["energy"]["total_mj"]
    bench.begin(saved, StartCause.POWER_LOSS)
    assert bench.device.thing.snapshot(bench.state, bench.now)["total_energy"] == 0
    assert bench.state.limit_a is None


def test_a_latched_trip_a_fault_and_calibrations_outlive_it():
    bench = used()
    made = Calibration(
        factors=Factors(voltage=1.1), before=Factors(), at=None, by="maker", made_from={}
    )
    bench.state = replace(trip(bench), calibrations=(made,), fault=WELDED, resets=(1.0,))
    before = bench.state
    press(bench, 12)
    after = bench.state
    assert after.trip == before.trip
    assert (after.calibrations, after.fault, after.resets) == ((made,), WELDED, (1.0,))


def test_what_it_leaves_alone_is_listed():
    bench = used()
    bench.give(Identify(seconds=600, origin=LOCAL))
    before = replace(bench.state, resets=(1.0,), closing_at=None)
    after, _ = forgotten(before, bench.now + 1)
    same = {
        field.name
        for field in fields(before)
        if getattr(before, field.name) == getattr(after, field.name)
    }
    assert same >= OUTLIVES
    fresh = Bench().state
    forgot = {field.name for field in fields(before) if field.name not in OUTLIVES} - {
        "energy_base_mj",
        "books",
        "changed_at",
        "reset_until",
    }
    assert {name for name in forgot if getattr(after, name) != getattr(fresh, name)} == set()


def test_the_lock_is_as_in_the_settings_again():
    config = settings(button={"child_lock": True}, protection=PATIENT)
    bench = Bench(config)
    bench.command(LOCAL, child_lock=False)
    press(bench, 12)
    assert bench.state.child_lock
    assert bench.state.child_lock_set is None
    bench.device = Socket(settings=config)
    assert list(press(bench, 12)) != []
    assert rows(bench, "button")[-1].name == "refused"


def test_the_light_says_for_three_seconds_that_it_was_done():
    bench = bench_with()
    press(bench, 10)
    assert shows(bench) is Showing.RESET
    bench.tick_until(bench.now + 2.9)
    assert shows(bench) is Showing.RESET
    bench.tick_until(bench.now + 0.2)
    assert shows(bench) is Showing.IDLE


def test_a_closing_that_waits_is_forgotten_too():
    bench = Bench(settings(relay={"min_off_s": 100}, protection=PATIENT))
    bench.command(LOCAL, power_switch=True)
    press(bench, 12)
    bench.tick_until(bench.now + 200)
    assert not bench.contact
