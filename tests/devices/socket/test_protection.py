"""The contact opens on evidence, exactly where the rules say, and nowhere else."""

from dataclasses import replace

import pytest

from agent.devices.effects import SetRelay
from agent.devices.inputs import Measured
from agent.model import Register
from tests.devices.socket.bench import (
    CLOUD,
    FRAME_S,
    PULSE_J,
    Bench,
    reading,
    register,
    settings,
)


def on_bench(**protection: object) -> Bench:
    bench = Bench(settings(protection=protection))
    bench.switch_on()
    bench.run(3.0, 0.26, 60.0)
    return bench


def just_closed() -> Bench:
    bench = Bench()
    bench.tick_until(bench.now + 2)
    bench.command(power_switch=True)
    assert bench.contact
    return bench


def test_a_steady_kettle_never_trips():
    bench = on_bench()
    assert bench.run(600, 3.9, 900) is None
    assert bench.contact


def test_a_strong_overload_opens_within_half_a_second():
    bench = on_bench()
    took_s = bench.run(5, 15.0, 3450.0)
    assert took_s is not None
    assert took_s <= 0.5
    assert bench.state.trip is not None
    assert bench.state.trip.cause == "overcurrent"
    assert bench.state.trip.value == pytest.approx(15.0, rel=0.1)
    assert 0 <= bench.state.trip.duration_s <= took_s


def test_the_counter_alone_names_the_current_that_flows():
    bench = on_bench()
    took_s = bench.run(5, 14.0, 3220.0)
    assert took_s is not None
    assert bench.state.trip is not None
    assert bench.state.trip.cause == "overcurrent"
    assert bench.state.trip.value == pytest.approx(14.0, rel=0.08)
    assert bench.state.trip.limit == 12.5


def test_many_frames_at_once_after_a_stall_of_the_machine_are_no_overload():
    bench = on_bench()
    bench.run(5, 3.9, 900)
    frames = []
    for _ in range(40):
        bench.registers.pulses += 900 * FRAME_S / PULSE_J
        voltage, power = register(230.0, raw=1), register(900.0, raw=2)
        frames.append(reading(voltage, register(3.9, raw=3), power, int(bench.registers.pulses)))
    bench.now += 40 * FRAME_S
    for frame in frames:
        bench.give(Measured(reading=frame))
    bench.run(5, 3.9, 900)
    assert bench.contact


def test_a_stall_at_low_power_factor_opens_within_two_and_a_half_seconds():
    bench = on_bench()
    took_s = bench.run(6, 15.0, 15.0 * 230 * 0.3)
    assert took_s is not None
    assert 0.5 < took_s <= 2.5
    assert bench.state.trip is not None
    assert bench.state.trip.evidence == "current register"


@pytest.mark.parametrize(
    ("amps", "watts", "low_s", "high_s"), [(6.6, 1518.0, 9.5, 11.5), (5.2, 1196.0, None, None)]
)
def test_a_small_overload_opens_after_ten_seconds(amps, watts, low_s, high_s):
    bench = on_bench()
    took_s = bench.run(120, amps, watts)
    if low_s is None:
        assert took_s is None
    else:
        assert low_s <= took_s <= high_s


def test_the_bucket_cools_at_the_rate_it_fills():
    bench = on_bench()
    for _ in range(20):
        assert bench.run(7, 6.6, 1518.0) is None
        assert bench.run(9, 0.26, 60.0) is None
    assert bench.contact


def test_overpower_is_named_only_where_the_current_is_within_its_band():
    bench = Bench(settings(protection={"rated_power_w": 500}))
    bench.switch_on()
    assert bench.run(30, 3.0, 690.0) is not None
    assert bench.state.trip is not None
    assert bench.state.trip.cause == "overpower"


def test_inrush_of_two_seconds_does_not_trip_but_a_fault_of_one_second_does():
    bench = just_closed()
    assert bench.run(0.6, 20.0, 4600.0) is None
    assert bench.run(30, 0.9, 150.0) is None
    fault = just_closed()
    took_s = fault.run(5, 20.0, 4600.0)
    assert took_s is not None
    assert 0.95 <= took_s <= 1.8


def fantasy(bench: Bench, *, count: int, amps: float, watts: float, changing: bool) -> None:
    """Frames whose registers lie while the counter goes on as before."""
    for index in range(count):
        bench.now += FRAME_S
        good = bench.registers.frame(bench.now, 2.0, 455.0, FRAME_S)
        raw = 7_000_000 + (index if changing else 0)
        lie = replace(
            good,
            power=Register(raw=raw, value=watts, is_updated=True),
            current=Register(raw=raw, value=amps, is_updated=True),
        )
        bench.give(Measured(reading=lie))


@pytest.mark.parametrize("changing", [True, False])
@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_fantasy_registers_do_not_trip_while_the_counter_is_calm(count, changing):
    bench = on_bench()
    bench.run(5, 2.0, 455.0)
    fantasy(bench, count=count, amps=30.0, watts=41_117.0, changing=changing)
    bench.run(20, 2.0, 455.0)
    assert bench.contact
    assert bench.state.trip is None


def test_one_frame_that_lies_in_registers_and_counter_does_not_trip():
    bench = on_bench()
    bench.run(5, 2.0, 455.0)
    bench.now += FRAME_S
    good = bench.registers.frame(bench.now, 2.0, 455.0, FRAME_S)
    lie = replace(good, pulses=(good.pulses + 120) % (1 << 17), power=register(9000.0, raw=1))
    bench.give(Measured(reading=lie))
    bench.run(10, 2.0, 455.0)
    assert bench.contact


def test_the_power_register_alone_counts_when_it_was_refreshed_and_nobody_denies_it():
    bench = on_bench()
    begin = bench.now
    while bench.contact and bench.now < begin + 5:
        bench.now += FRAME_S
        frame = bench.registers.frame(bench.now, 2.0, 2600.0, FRAME_S)
        raw = int((bench.now - begin) / 0.3)
        high = register(3000.0, raw=raw)
        bench.give(Measured(reading=replace(frame, power=high)))
    assert not bench.contact
    assert bench.state.trip is not None
    assert bench.state.trip.evidence == "power register"


def test_a_meter_that_says_nothing_while_pulses_run_is_found_out():
    bench = on_bench()
    begin = bench.now
    while bench.contact and bench.now < begin + 5:
        bench.now += FRAME_S
        frame = bench.registers.frame(bench.now, 15.0, 3450.0, FRAME_S)
        nothing = register(0.0, raw=1)
        bench.give(Measured(reading=replace(frame, power=nothing, current=nothing)))
    assert not bench.contact
    assert bench.now - begin <= 1.5
    assert bench.state.trip is not None
    assert bench.state.trip.evidence == "pulse counter"


def test_the_relay_opens_before_anything_else_happens():
    bench = on_bench()
    before = len(bench.effects)
    bench.run(5, 15.0, 3450.0)
    said = bench.effects[before:]
    assert said[0] == SetRelay(on=False)
    (event,) = bench.events("trip")
    assert event.values["cause"] == "overcurrent"
    assert event.values["limit"] == 12.5


def test_a_stopped_chip_counter_is_no_evidence_against_a_true_reading():
    bench = on_bench()
    quiet = reading(register(230.0), register(0.2), register(46.0), 5)
    for _ in range(50):
        bench.now += FRAME_S
        bench.give(Measured(reading=quiet))
    assert bench.contact


def test_a_trip_forgets_the_countdown():
    bench = on_bench()
    bench.command(CLOUD, count_down=60)
    bench.run(5, 15.0, 3450.0)
    bench.tick_until(bench.now + 120)
    assert not bench.contact
    assert bench.state.countdown_at is None


def test_what_the_meter_clips_opens_at_once_whatever_the_rating_is():
    bench = on_bench(rated_current_a=16, rated_power_w=3680)
    took_s = bench.run(5, 31.0, 7130.0)
    assert took_s is not None
    assert took_s <= 0.5
    assert bench.state.trip is not None
    assert bench.state.trip.limit < 31
