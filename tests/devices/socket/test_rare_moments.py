"""Moments that are rare, and in which the contact must still do what the rules say."""

import json
from dataclasses import replace

import pytest

from agent.devices.effects import Save
from agent.devices.inputs import Measured
from agent.devices.socket.kept import KeptSocket, read
from agent.model import StartCause
from tests.devices.socket.bench import (
    CLOUD,
    FRAME_S,
    LOCAL,
    Bench,
    reading,
    register,
    settings,
)

NO_QUANTITY = register(None, is_updated=False)


def last_saved(bench: Bench) -> object:
    return [effect.saved for effect in bench.effects if isinstance(effect, Save)][-1]


def feed_blind(bench: Bench, seconds: float) -> None:
    """Frames with a good checksum whose state says that no quantity can be computed."""
    end = bench.now + seconds
    while bench.now < end and bench.contact:
        bench.tick_until(bench.now + FRAME_S)
        blind = reading(NO_QUANTITY, NO_QUANTITY, NO_QUANTITY, 7)
        bench.give(Measured(reading=replace(blind, pulse_pj=0)))


@pytest.mark.parametrize("warm_s", [0.0, 3.0])
def test_a_chip_that_measures_nothing_counts_as_lost_though_its_frames_arrive(warm_s):
    bench = Bench()
    bench.tick_until(bench.now + 2)
    bench.command(power_switch=True)
    bench.run(warm_s, 0.26, 60)
    feed_blind(bench, 10)
    assert not bench.contact
    assert bench.state.trip is not None
    assert bench.state.trip.cause == "meter_lost"


def test_a_stored_countdown_does_not_switch_on_where_a_stored_on_may_not():
    bench = Bench(settings(protection={"accept_stored_on": False, "meter_lost": "keep"}))
    bench.tick_until(bench.now + 2)
    bench.command(CLOUD, is_live=False, count_down=5)
    bench.tick_until(bench.now + 10)
    assert not bench.contact


def test_a_stored_countdown_may_still_switch_off():
    bench = Bench(settings(protection={"accept_stored_on": False, "meter_lost": "keep"}))
    bench.tick_until(bench.now + 2)
    bench.switch_on()
    assert bench.command(CLOUD, is_live=False, count_down=5).refusal is None
    bench.tick_until(bench.now + 10)
    assert not bench.contact


def test_a_stored_countdown_does_not_switch_on_what_was_switched_off_meanwhile():
    bench = Bench(settings(protection={"accept_stored_on": False, "meter_lost": "keep"}))
    bench.tick_until(bench.now + 2)
    bench.switch_on()
    bench.command(CLOUD, is_live=False, count_down=60)
    bench.command(power_switch=False)
    bench.begin(last_saved(bench), StartCause.CRASH)
    bench.tick_until(bench.now + 100)
    assert not bench.contact


def test_a_start_from_an_unreadable_state_keeps_that_the_contact_is_open():
    bench = Bench(settings(relay={"on_start": {"restart": "on", "crash": "restore"}}))
    bench.begin({"relay_on": "perhaps"}, StartCause.RESTART)
    assert not bench.contact
    bench.begin(last_saved(bench), StartCause.CRASH)
    assert not bench.contact


def test_a_bucket_that_was_full_at_the_trip_does_not_trip_an_empty_socket():
    bench = Bench(settings(relay={"min_off_s": 0}))
    bench.switch_on()
    bench.run(3, 0.26, 60)
    assert bench.run(30, 6.6, 1518.0) is not None
    saved = last_saved(bench)
    again = Bench(settings(relay={"min_off_s": 0}), start=bench.now + 60)
    again.begin(saved, StartCause.REBOOT)
    again.command(LOCAL, power_switch=True)
    assert again.contact
    assert again.run(30, 0.0, 0.0) is None


def test_a_closing_that_waits_and_its_countdown_to_off_go_on_after_a_restart():
    relay = {"min_off_s": 30, "on_start": "restore"}
    bench = Bench(settings(relay=relay, protection={"meter_lost": "keep"}))
    bench.command(power_switch=True)
    bench.command(count_down=60)
    assert not bench.contact
    bench.now += 2
    bench.begin(last_saved(bench), StartCause.CRASH)
    bench.tick_until(bench.now + 40)
    assert bench.contact
    bench.tick_until(bench.now + 80)
    assert not bench.contact


def test_a_chip_that_lost_its_mains_invents_no_energy():
    bench = Bench(settings(protection={"meter_lost": "keep"}))
    bench.registers.pulses = (1 << 17) - 2000
    bench.switch_on()
    bench.run(5, 0.0, 0.0)
    total_mj = bench.state.energy.total_mj
    bench.tick_until(bench.now + 100)
    bench.registers.pulses = 0
    bench.run(1, 0.0, 0.0)
    assert bench.state.energy.total_mj == total_mj


@pytest.mark.parametrize("every_s", [0.5, 1.0, 2.0])
def test_a_line_that_delivers_in_bursts_delays_a_trip_by_no_more_than_a_burst(every_s):
    bench = Bench()
    bench.switch_on()
    bench.run(3, 0.26, 60)
    begin = sent_at = bench.now
    while bench.contact and sent_at < begin + 60:
        frames = []
        for _ in range(round(every_s / FRAME_S)):
            sent_at += FRAME_S
            frames.append(bench.registers.frame(sent_at, 6.6, 1518.0, FRAME_S))
        bench.tick_until(sent_at)
        for frame in frames:
            bench.give(Measured(reading=frame))
    assert not bench.contact
    assert 9.5 <= bench.now - begin <= 12.5 + every_s


def test_a_reset_before_the_next_frame_does_not_judge_the_load_of_before():
    bench = Bench(settings(relay={"min_off_s": 0}))
    bench.tick_until(bench.now + 2)
    bench.command(power_switch=True)
    assert bench.run(5, 15.0, 3450.0) is not None
    bench.command(LOCAL, power_switch=True)
    assert bench.contact
    assert bench.run(20, 0.26, 60.0) is None


def test_what_is_kept_is_read_back_whole_and_is_plain_json():
    bench = Bench()
    bench.switch_on()
    bench.run(5, 0.26, 60)
    assert bench.run(5, 15.0, 3450.0) is not None
    saved = [effect.saved for effect in bench.effects if isinstance(effect, Save)][-1]
    kept, dropped = read(json.loads(json.dumps(saved)))
    assert dropped == ()
    assert kept is not None
    assert kept.model_dump() == saved
    assert set(saved) == set(KeptSocket.model_fields)


def test_the_counter_is_kept_at_every_half_of_its_round():
    bench = Bench()
    bench.registers.pulses = (1 << 16) - 30
    bench.switch_on()
    bench.run(0.3, 3.9, 900)
    known = len(bench.effects)
    bench.run(2, 3.9, 900)
    (save,) = [effect for effect in bench.effects[known:] if isinstance(effect, Save)]
    assert save.cause == "counter"
    assert save.saved["energy"]["counter"] >> 16 == 1
