"""A refused command changes nothing, and a stored one resets nothing, at any moment."""

import json

import pytest

from agent.devices.effects import Answer, Save
from agent.devices.inputs import Measured
from agent.messages import Command, PropertySet
from agent.model import Origin, OriginKind, StartCause
from tests.devices.socket.bench import CLOUD, FRAME_S, LOCAL, PULSE_PJ, Bench, settings

SCHEDULE = Origin(kind=OriginKind.AGENT, name="schedule")
KEEPS = {"protection": {"meter_lost": "keep"}}


def test_a_refused_command_changes_nothing_even_when_a_save_is_due():
    bench = Bench(settings(**KEEPS))
    bench.switch_on()
    bench.run(3, 3.9, 900)
    bench.tick_until(bench.now + 200)
    before = bench.state
    request = PropertySet(request_id="r", values={"voltage": 1.0})
    effects = bench.give(Command(origin=CLOUD, request=request))
    assert [type(effect) for effect in effects] == [Answer]
    assert bench.state == before


def test_a_save_that_was_due_comes_with_the_next_frame():
    bench = Bench(settings(**KEEPS))
    bench.switch_on()
    bench.run(3, 3.9, 900)
    bench.tick_until(bench.now + 200)
    bench.command(CLOUD, voltage=1.0)
    frame = bench.registers.frame(bench.now, 3.9, 900, FRAME_S)
    assert any(isinstance(effect, Save) for effect in bench.give(Measured(reading=frame)))


@pytest.mark.parametrize("kind", list(OriginKind))
def test_a_stored_command_resets_no_trip_whoever_sent_it(kind):
    bench = Bench()
    bench.switch_on()
    bench.run(3, 0.26, 60)
    bench.run(5, 15.0, 3450.0)
    trip = bench.state.trip
    assert trip is not None
    bench.tick_until(bench.now + 20)
    outcome = bench.command(Origin(kind=kind, name="x"), is_live=False, power_switch=True)
    assert outcome.refusal is not None
    assert "tripped: overcurrent" in outcome.refusal.reason
    assert bench.state.trip == trip
    assert not bench.contact


def test_a_schedule_resets_no_trip():
    bench = Bench()
    bench.switch_on()
    bench.run(3, 0.26, 60)
    bench.run(5, 15.0, 3450.0)
    bench.tick_until(bench.now + 20)
    assert bench.command(SCHEDULE, power_switch=True).refusal is not None
    assert not bench.contact
    assert bench.command(LOCAL, power_switch=True).refusal is None
    assert bench.contact


def test_the_first_frame_of_a_boot_is_kept_so_that_a_crash_loses_no_pulse():
    bench = Bench(settings(relay={"on_start": "on"}, **KEEPS))
    bench.run(3 * FRAME_S, 3.9, 900)
    saved = [effect.saved for effect in bench.effects if isinstance(effect, Save)][-1]
    first_mj = bench.state.energy.total_mj
    bench.tick_until(bench.now + 2)
    bench.registers.pulses += 20
    bench.begin(json.loads(json.dumps(saved)), StartCause.CRASH)
    bench.run(FRAME_S, 0, 0)
    gained_mj = bench.state.energy.total_mj - first_mj
    assert gained_mj == pytest.approx(20 * PULSE_PJ / 1e9, abs=2)


def trip_again(bench: Bench) -> None:
    bench.run(3, 0.26, 60)
    assert bench.run(5, 15.0, 3450.0) is not None


def test_a_cloud_resets_from_ten_seconds_on_and_three_times_an_hour():
    bench = Bench()
    bench.switch_on()
    for _ in range(3):
        trip_again(bench)
        bench.tick_until(bench.now + 9.9)
        assert bench.command(CLOUD, power_switch=True).refusal is not None
        bench.tick_until(bench.now + 0.2)
        assert bench.command(CLOUD, power_switch=True).refusal is None
    trip_again(bench)
    bench.tick_until(bench.now + 60)
    assert bench.command(CLOUD, power_switch=True).refusal is not None
    bench.tick_until(bench.now + 3600)
    assert bench.command(CLOUD, power_switch=True).refusal is None
