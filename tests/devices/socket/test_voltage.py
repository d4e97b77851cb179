"""Voltage: high is told, too high opens, low is an event, and one odd frame is nothing."""

import pytest

from agent.devices.effects import Record
from agent.devices.inputs import Measured
from agent.devices.socket.voltage import CALM, watch
from agent.settings.protection import ProtectionSettings
from tests.devices.socket.bench import FRAME_S, Bench, reading, register, settings


def on_bench(voltage_from: str = "load") -> Bench:
    bench = Bench(settings(meter={"voltage_from": voltage_from}))
    bench.switch_on()
    feed(bench, 5, 230)
    return bench


def feed(bench: Bench, seconds: float, volts: float) -> float | None:
    """Feed a lamp at *volts*; tell when the contact opened."""
    bench.registers.volts = volts
    begin = bench.now
    was_closed = bench.contact
    while bench.now < begin + seconds:
        bench.tick_until(bench.now + FRAME_S)
        amps, watts = (0.26, 60) if bench.contact else (0.0, 0.0)
        bench.give(Measured(reading=bench.registers.frame(bench.now, amps, watts, FRAME_S)))
        if was_closed and not bench.contact:
            return bench.now - begin
    return None


def rows(bench: Bench) -> list[str]:
    return [
        effect.name
        for effect in bench.effects
        if isinstance(effect, Record) and effect.topic == "protection"
    ]


def test_far_too_much_voltage_opens_after_a_second():
    bench = on_bench()
    took_s = feed(bench, 6, 380)
    assert took_s is not None
    assert 1.0 <= took_s <= 2.6
    assert bench.state.trip is not None
    assert bench.state.trip.cause == "overvoltage"
    assert bench.state.trip.describe() == "overvoltage 380.0 V"


def test_a_voltage_that_is_only_high_is_told_once_and_opens_nothing():
    bench = on_bench()
    assert feed(bench, 4, 255) is None
    assert rows(bench) == []
    assert feed(bench, 30, 255) is None
    assert rows(bench) == ["high_voltage"]
    assert bench.device.describe(bench.state, bench.now)["alerts"] == ["high_voltage"]
    feed(bench, 3, 230)
    assert rows(bench) == ["high_voltage", "voltage_normal"]
    assert bench.device.describe(bench.state, bench.now)["alerts"] == []


def test_low_voltage_is_an_event_and_no_trip():
    bench = on_bench()
    feed(bench, 4, 180)
    assert not bench.events("low_voltage")
    feed(bench, 60, 180)
    (event,) = bench.events("low_voltage")
    assert event.values == {"voltage": 180.0}
    assert bench.contact
    feed(bench, 3, 230)
    feed(bench, 10, 180)
    assert len(bench.events("low_voltage")) == 2


def test_one_that_turns_from_low_to_high_is_told_both_times():
    bench = on_bench()
    feed(bench, 10, 180)
    feed(bench, 10, 260)
    assert rows(bench) == ["low_voltage", "high_voltage"]


def test_low_voltage_behind_an_open_contact_is_nothing():
    bench = on_bench()
    feed(bench, 10, 180)
    bench.command(power_switch=False)
    feed(bench, 30, 0.0)
    assert len(bench.events("low_voltage")) == 1
    assert rows(bench) == ["low_voltage"]


def test_a_voltage_before_the_contact_is_watched_while_it_is_open():
    bench = on_bench("mains")
    bench.command(power_switch=False)
    feed(bench, 10, 180)
    assert len(bench.events("low_voltage")) == 1


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_frames_that_lie_about_the_voltage_open_nothing(count):
    bench = on_bench()
    for number in range(count):
        bench.now += FRAME_S
        lie = register(900.0 + number, raw=5_000_000 + number)
        good = bench.registers.frame(bench.now, 0.26, 60, FRAME_S)
        bench.give(Measured(reading=reading(lie, good.current, good.power, good.pulses)))
    assert feed(bench, 10, 230) is None
    assert bench.state.trip is None


def test_a_voltage_register_that_says_nothing_changes_nothing():
    bench = on_bench()
    feed(bench, 3, 255)
    before = bench.state.voltage
    good = bench.registers.frame(bench.now + FRAME_S, 0.26, 60, FRAME_S)
    silent = register(None, is_updated=False)
    bench.give(Measured(reading=reading(silent, good.current, good.power, good.pulses)))
    assert bench.state.voltage == before


def test_a_second_of_one_and_the_same_measurement_opens_nothing():
    high, protection = register(380.0), ProtectionSettings()
    once, verdict, _ = watch(CALM, high, protection, now=0.0)
    assert verdict is None
    still, verdict, _ = watch(once, high, protection, now=1.0)
    assert verdict is None
    _, verdict, _ = watch(still, high, protection, now=1.5)
    assert verdict is not None
