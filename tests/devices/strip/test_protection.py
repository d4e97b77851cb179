"""One protection for all outlets: the sum trips, everything opens, and a person resets."""

import pytest

from agent.devices.effects import Raise, Record, Save, SetRelay
from agent.devices.inputs import Heat, Measured
from agent.messages import RefusalKind
from agent.model import Origin, OriginKind
from tests.devices.socket.bench import CLOUD, FRAME_S, LOCAL
from tests.devices.strip.bench import VOLTS, StripBench, settings

AGENT = Origin(kind=OriginKind.AGENT, name="schedule")
LAMP = {"1": 60.0, "2": 60.0, "3": 60.0}


def carrying(**watts: float) -> StripBench:
    """Put on, for a while, outlets that draw little."""
    bench = StripBench()
    bench.on(*watts)
    bench.run(5, LAMP)
    return bench


def tripped() -> StripBench:
    bench = carrying(**{"1": 0, "2": 0})
    assert bench.run(10, {"1": 2000.0, "2": 2000.0}) is not None
    return bench


def test_the_sum_of_loads_that_are_each_allowed_opens_every_outlet_in_one_decision():
    bench = carrying(**{"1": 0, "2": 0, "3": 0})
    assert bench.run(4, {"1": 900.0, "2": 60, "3": 60}) is None
    opened_after = bench.run(10, {"1": 900.0, "2": 1000.0, "3": 1000.0})
    assert opened_after is not None
    assert opened_after <= 0.6
    assert [(m.output, m.on) for m in bench.decisions[-1]] == [(n, False) for n in "123"]
    assert bench.state.trip is not None
    assert bench.state.trip.cause == "overcurrent"


def test_every_outlet_opens_before_anything_is_told_or_kept():
    bench = carrying(**{"1": 0, "2": 0, "3": 0})
    while not bench.state.trip:
        bench.now += FRAME_S
        frame = bench.registers.frame(bench.now, 4000 / VOLTS, 4000.0, FRAME_S)
        effects = bench.give(Measured(reading=frame))
    kinds = [type(each) for each in effects]
    assert kinds[:3] == [SetRelay] * 3
    assert {Raise, Record, Save} <= set(kinds[3:])
    assert SetRelay not in kinds[3:]


@pytest.mark.parametrize(
    ("origin", "is_live"), [(AGENT, True), (CLOUD, False), (LOCAL, False), (CLOUD, True)]
)
def test_nothing_automatic_stored_or_too_soon_resets_a_trip_by_an_outlet(origin, is_live):
    bench = tripped()
    refusal = bench.command(origin, is_live=is_live, power_switch_1=True).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.TRIPPED
    assert "overcurrent" in refusal.reason
    assert bench.closed == set()


def test_a_person_resets_a_trip_and_puts_on_the_outlet_that_was_asked_for():
    bench = tripped()
    bench.tick_until(bench.now + 2)
    assert bench.command(LOCAL, power_switch_3=True).refusal is None
    assert bench.closed == {"3"}
    assert bench.state.trip is None


def test_a_person_resets_a_trip_and_puts_on_what_was_on():
    bench = tripped()
    bench.tick_until(bench.now + 2)
    assert bench.command(LOCAL, power_switch=True).refusal is None
    assert bench.closed == {"1", "2"}


def test_an_outlet_may_be_switched_off_behind_a_trip():
    bench = tripped()
    assert bench.command(CLOUD, is_live=False, power_switch_1=False).refusal is None
    assert bench.state.trip is not None


def test_a_motor_that_starts_behind_another_outlet_is_no_overload():
    bench = carrying(**{"1": 0})
    bench.command(power_switch_2=True)
    assert bench.run(0.4, {"1": 60.0, "2": 4000.0}) is None
    assert bench.run(60, {"1": 60.0, "2": 600.0}) is None


def test_the_reference_rule_knows_no_inrush_of_an_outlet_that_is_added():
    bench = StripBench(settings(protection={"profile": "reference"}))
    bench.on("1")
    bench.run(5, LAMP)
    bench.command(power_switch_2=True)
    opened_after = bench.run(2, {"1": 60.0, "2": 1500.0})
    assert opened_after is not None
    assert opened_after < 1.5


def test_a_load_that_stays_behind_an_added_outlet_opens_after_a_second():
    bench = carrying(**{"1": 0})
    bench.command(power_switch_2=True)
    opened_after = bench.run(10, {"1": 60.0, "2": 4000.0})
    assert opened_after is not None
    assert 1 <= opened_after <= 2.5


@pytest.mark.parametrize("every_s", [1.5, 2.5, 4.0])
def test_switching_one_outlet_over_and_over_hides_no_overload_behind_another(every_s):
    bench = carrying(**{"1": 0, "2": 0})
    watts = {"1": 1100 * 1.7, "2": 10.0}
    begin = bench.now
    is_on = True
    while bench.state.trip is None and bench.now < begin + 30:
        is_on = not is_on
        bench.command(power_switch_2=is_on)
        bench.run(every_s, watts)
    assert bench.state.trip is not None
    assert bench.now - begin <= 3 + every_s + 2.5


def test_a_meter_that_falls_silent_opens_all_outlets_however_often_one_is_switched():
    bench = carrying(**{"1": 0, "2": 0})
    for number in range(5):
        bench.tick_until(bench.now + 1)
        bench.command(power_switch_2=bool(number % 2))
    bench.tick_until(bench.now + 0.5)
    assert bench.state.trip is not None
    assert bench.state.trip.cause == "meter_lost"
    assert bench.closed == set()


def test_heat_opens_all_outlets():
    bench = carrying(**{"1": 0, "2": 0})
    for _ in range(3):
        bench.give(Heat(celsius=90))
    assert bench.closed == set()
    assert bench.command(LOCAL, power_switch_1=True).refusal is not None


def test_a_contact_that_is_welded_is_found_once_all_outlets_are_off():
    bench = carrying(**{"1": 0, "2": 0})
    bench.welded = {"2": 60.0}
    bench.command(power_switch_2=False)
    bench.run(10, LAMP)
    assert bench.state.fault is None
    bench.command(power_switch_1=False)
    bench.run(10, LAMP)
    assert bench.state.fault == "contact_welded"
    assert bench.device.describe(bench.state, bench.now)["fault"]["name"] == "contact_welded"


def test_mains_behind_open_outlets_is_no_fault_as_the_meter_stands_before_them():
    bench = StripBench()
    bench.run(10, LAMP)
    assert bench.state.fault is None
    assert bench.read("voltage") == VOLTS


def test_energy_is_counted_for_the_sum():
    bench = carrying(**{"1": 0, "2": 0})
    bench.run(60, {"1": 500.0, "2": 500.0})
    assert bench.state.energy.total_mj == pytest.approx(60_000_000, rel=0.02)
