"""A contact that does not obey is found out, by what the meter says against it."""

import pytest

from agent.devices.effects import Raise, Record, Save
from agent.devices.inputs import Measured
from agent.devices.socket.themes import RED, WHITE
from agent.model import StartCause
from tests.devices.socket.bench import FRAME_S, Bench, Registers, settings


def bench_of(voltage_from: str = "load", **relay: object) -> Bench:
    bench = Bench(settings(meter={"voltage_from": voltage_from}, relay=relay))
    bench.tick_until(bench.now + 2)
    return bench


def feed(bench: Bench, seconds: float, amps: float, watts: float, volts: float) -> float | None:
    """Feed frames whatever the contact should do; tell when a fault was raised."""
    bench.registers.volts = volts
    begin = bench.now
    known = len(bench.events("hardware_fault"))
    while bench.now < begin + seconds:
        bench.tick_until(bench.now + FRAME_S)
        bench.give(Measured(reading=bench.registers.frame(bench.now, amps, watts, FRAME_S)))
        if len(bench.events("hardware_fault")) > known:
            return bench.now - begin
    return None


def switched_off(voltage_from: str = "load") -> Bench:
    bench = bench_of(voltage_from)
    bench.command(power_switch=True)
    feed(bench, 5, 3.9, 900, 230)
    bench.command(power_switch=False)
    return bench


def names(bench: Bench) -> list[object]:
    return [event.values["name"] for event in bench.events("hardware_fault")]


@pytest.mark.parametrize("voltage_from", ["load", "mains"])
def test_a_load_that_flows_on_after_off_is_a_welded_contact(voltage_from):
    bench = switched_off(voltage_from)
    took_s = feed(bench, 10, 3.9, 900, 230)
    assert took_s is not None
    assert 2.0 < took_s <= 4.0
    assert bench.events("hardware_fault")[0] == Raise(
        event="hardware_fault", values={"name": "contact_welded", "error_code": 2}
    )
    assert bench.state.fault == "contact_welded"
    text = bench.device.describe(bench.state, bench.now)["fault"]["text"]
    assert text.startswith("UNPLUG")
    colors = {bench.device.light(bench.state, bench.now + n * 0.15).color for n in (0, 1)}
    assert colors == {RED, WHITE}
    assert feed(bench, 30, 3.9, 900, 230) is None


def test_the_counter_alone_finds_a_welded_contact():
    bench = switched_off("mains")
    took_s = feed(bench, 10, 0.0, 900, 230)
    assert took_s is not None
    assert took_s <= 3.0


def test_the_current_alone_finds_a_welded_contact():
    bench = switched_off("mains")
    took_s = feed(bench, 10, 0.5, 0.0, 230)
    assert took_s is not None
    assert took_s <= 4.5


def test_voltage_behind_an_open_contact_is_a_welded_one():
    bench = switched_off()
    assert feed(bench, 10, 0.0, 0.0, 230) is not None
    assert names(bench) == ["contact_welded"]


@pytest.mark.parametrize(("voltage_from", "volts"), [("load", 0.3), ("mains", 230)])
def test_a_contact_that_opens_is_none(voltage_from, volts):
    bench = switched_off(voltage_from)
    assert feed(bench, 60, 0.034, 0.0, volts) is None


def test_a_phantom_of_three_watts_is_no_welded_contact():
    bench = switched_off("mains")
    assert feed(bench, 120, 0.02, 3.0, 230) is None


def test_no_voltage_behind_a_closed_contact_is_a_relay_that_failed():
    bench = bench_of()
    bench.command(power_switch=True)
    took_s = feed(bench, 10, 0.0, 0.0, 0.0)
    assert took_s is not None
    assert 2.0 < took_s <= 4.5
    assert names(bench) == ["relay_failed"]
    assert bench.contact
    assert not bench.events("low_voltage")


def test_no_voltage_is_nothing_the_relay_can_help_where_it_is_measured_before_it():
    bench = bench_of("mains")
    bench.command(power_switch=True)
    feed(bench, 10, 0.0, 0.0, 0.0)
    assert not bench.events("hardware_fault")
    assert len(bench.events("low_voltage")) == 1


def test_a_fault_that_is_gone_is_told_and_the_next_one_again():
    bench = switched_off()
    assert feed(bench, 10, 3.9, 900, 230) is not None
    feed(bench, 10, 0.0, 0.0, 0.0)
    assert bench.state.fault is None
    rows = [effect.name for effect in bench.effects if isinstance(effect, Record)]
    assert rows.count("fault_cleared") == 1
    assert feed(bench, 10, 3.9, 900, 230) is not None
    assert names(bench) == ["contact_welded"] * 2


def test_a_relay_that_failed_once_is_well_again_when_there_is_voltage_after_on():
    bench = bench_of(min_off_s=0)
    bench.command(power_switch=True)
    feed(bench, 10, 0.0, 0.0, 0.0)
    bench.command(power_switch=False)
    feed(bench, 10, 0.0, 0.0, 0.0)
    assert bench.state.fault == "relay_failed"
    bench.command(power_switch=True)
    feed(bench, 10, 0.26, 60, 230)
    assert bench.state.fault is None


def test_a_counter_that_begins_anew_is_no_load():
    bench = switched_off("mains")
    feed(bench, 3, 0.0, 0.0, 230)
    bench.registers = Registers(pulses=50_000)
    assert feed(bench, 20, 0.0, 0.0, 230) is None


def test_a_small_load_that_only_the_counter_sees_is_found_after_a_long_calm_too():
    bench = switched_off("mains")
    assert feed(bench, 900, 0.0, 0.0, 230) is None
    took_s = feed(bench, 300, 0.0, 20.0, 230)
    assert took_s is not None
    assert took_s <= 65


def test_a_phantom_is_no_welded_contact_in_any_of_the_minutes_in_which_it_is_counted():
    bench = switched_off("mains")
    assert feed(bench, 900, 0.02, 4.9, 230) is None


@pytest.mark.parametrize(("voltage_from", "fault"), [("load", "relay_failed"), ("mains", None)])
def test_a_relay_that_failed_is_forgotten_by_a_start_with_a_meter_that_cannot_see_it(
    voltage_from, fault
):
    bench = bench_of()
    bench.command(power_switch=True)
    feed(bench, 10, 0.0, 0.0, 0.0)
    _, effects = bench.device.stop(bench.state, bench.now)
    saved = next(effect.saved for effect in effects if isinstance(effect, Save))
    after = Bench(settings(meter={"voltage_from": voltage_from}))
    after.begin(saved, StartCause.RESTART)
    assert after.state.fault == fault
