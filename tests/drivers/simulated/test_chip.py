"""The chip model, seen through the real framer and decoder, in virtual time."""

import pytest

from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.frame import FRAME_PERIOD_S, SATURATED, Frame
from agent.drivers.hlw8032.framer import Framer
from agent.drivers.simulated.appliances import make
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.plant import Plant
from agent.model import COUNTER_MODULUS, Reading

CODE504 = Coefficients(kv=3.069, ki=1.007, kp=3.108)


class Bench:
    """Plant, chip, framer and decoder on one virtual clock."""

    def __init__(self, load: str = "kettle", **options) -> None:
        self.now = 0.0
        self.plant = Plant(make(load))
        self.chip = Chip(self.plant.at, CODE504, **options)
        self.framer = Framer()
        self.decoder = Decoder(CODE504)

    def step(self) -> tuple[Frame, Reading]:
        self.now += FRAME_PERIOD_S
        self.chip.advance(self.now)
        (sighting,) = self.framer.feed(self.chip.frame())
        assert sighting.rejection is None
        return sighting.frame, self.decoder.decode(sighting.frame).reading

    def run(self, seconds: float) -> tuple[Frame, Reading]:
        until = self.now + seconds
        last = self.step()
        while self.now < until:
            last = self.step()
        return last

    def seconds_until(self, condition) -> float:
        start = self.now
        for _ in range(400):
            if condition(self.step()[1]):
                return self.now - start
        raise AssertionError("never")

    def switch(self, *, on: bool) -> None:
        self.plant.set_contact(on=on, now=self.now)


@pytest.mark.parametrize(
    ("load", "current_a", "power_w"),
    [
        ("lamp", 0.2609, 60.0),
        ("kettle", 3.913, 900.0),
        ("compressor", 0.9317, 150.0),
        ("overload", 16.0, 3680.0),
    ],
)
def test_an_appliance_reads_what_it_draws(load, current_a, power_w):
    bench = Bench(load)
    bench.switch(on=True)
    _, reading = bench.run(5)
    assert reading.voltage_v == pytest.approx(230, rel=0.01)
    assert reading.current_a == pytest.approx(current_a, rel=0.01)
    assert reading.power_w == pytest.approx(power_w, rel=0.01)


def test_a_phone_charger_reads_between_its_rare_pulses():
    bench = Bench("phone_charger")
    bench.switch(on=True)
    _, reading = bench.run(30)
    assert reading.power_w == pytest.approx(5.0, rel=0.01)
    assert not reading.power.is_updated or reading.power.value == pytest.approx(5.0, rel=0.01)


def test_power_follows_a_step_within_half_a_second_and_current_within_two():
    bench = Bench("lamp")
    bench.switch(on=True)
    bench.run(5)
    bench.plant.plug(make("kettle"), now=bench.now)
    register_s = bench.seconds_until(lambda r: r.power.is_updated and r.power.value > 850)
    assert register_s <= 0.75
    assert bench.seconds_until(lambda r: r.power_w > 850) <= 0.5
    assert bench.seconds_until(lambda r: r.current_a > 3.8) <= 2.0


def test_the_counter_is_live_in_every_frame():
    bench = Bench("kettle")
    bench.switch(on=True)
    bench.run(1)
    steps = set()
    before = bench.step()[1].pulses
    for _ in range(20):
        after = bench.step()[1].pulses
        steps.add(after - before)
        before = after
    assert steps == {5, 6}


def test_pulses_are_the_energy_of_the_plant_to_within_one():
    bench = Bench("kettle")
    closed_s = 0.0
    for second in range(60):
        is_closed = second % 7 < 5
        bench.switch(on=is_closed)
        start = bench.now
        _, reading = bench.run(1)
        closed_s += bench.now - start if is_closed else 0.0
    counted_j = reading.pulses * reading.pulse_pj / 1e12
    assert 0 <= closed_s * 900 - counted_j < bench.chip.portion_j


def test_a_fresh_chip_without_mains_says_near_zero_and_gives_no_current():
    frame, reading = Bench().run(0.5)
    assert (frame.state, frame.update, frame.ir) == (0xF2, 0x01, 0)
    assert (reading.current_a, reading.power_w) == (None, 0.0)
    frame, reading = Bench().run(30)
    assert (frame.state, frame.vr, frame.pr) == (0xFA, SATURATED, SATURATED)
    assert (reading.voltage_v, reading.current_a, reading.power_w) == (0.0, 0.0, 0.0)


def test_without_a_load_the_power_register_counts_time_until_it_is_full():
    bench = Bench("kettle", voltage_from="mains")
    bench.switch(on=True)
    bench.run(3)
    bench.switch(on=False)
    frame, _ = bench.run(1.0)
    assert frame.update & 0x10
    frame, _ = bench.run(0.3)
    assert not frame.update & 0x10
    assert frame.pr == pytest.approx(1.3e6, rel=0.1)
    assert frame.state == 0x55
    frame, reading = bench.run(16)
    assert (frame.state, frame.pr) == (0xF2, SATURATED)
    assert reading.voltage_v == pytest.approx(230, rel=0.01)
    assert reading.power_w == 0.0


def test_the_first_power_after_a_long_pause_is_not_averaged_over_it():
    bench = Bench("kettle")
    bench.switch(on=True)
    bench.run(3)
    bench.switch(on=False)
    bench.run(20)
    bench.switch(on=True)
    bench.seconds_until(lambda r: r.power.is_updated)
    assert bench.step()[1].power.value == pytest.approx(900, rel=0.01)


def test_near_zero_is_sticky_until_a_whole_period_has_been_measured():
    bench = Bench("phone_charger")
    bench.run(20)
    bench.switch(on=True)
    states = []
    for _ in range(100):
        frame, _ = bench.step()
        states.append((frame.state & 0xF2, frame.pulses))
    assert {pulses for state, pulses in states if state == 0xF2} == {0, 1}
    assert states[-1] == (0x50, 3)


def test_an_isolated_board_shows_noise_instead_of_no_voltage():
    bench = Bench(has_noise=True)
    frame, reading = bench.run(3)
    assert frame.state == 0xF2
    assert reading.voltage.value == pytest.approx(0.4 * 3.069, rel=0.01)
    assert reading.voltage_v == 0.0


def test_the_voltage_is_measured_before_the_contact_where_the_board_says_so():
    bench = Bench(voltage_from="mains")
    _, reading = bench.run(3)
    assert reading.voltage_v == pytest.approx(230, rel=0.01)


def test_the_counter_goes_round():
    bench = Bench("overload")
    bench.plant.plug(lambda _since, _volts: make("kettle", 7000.0)(0, 230), now=0)
    bench.switch(on=True)
    bench.chip.advance(400.0)
    bench.now = 400.0
    frame, _ = bench.step()
    spent = 7000 * bench.now / bench.chip.portion_j
    assert spent > COUNTER_MODULUS
    assert frame.pulses == pytest.approx(spent - COUNTER_MODULUS, abs=2)


def test_a_current_beyond_the_input_reads_as_full_scale():
    bench = Bench("kettle")
    bench.plant.plug(make("kettle", 15_000.0), now=0)
    bench.switch(on=True)
    _, reading = bench.run(5)
    assert reading.current_a == pytest.approx(30.9 * 1.007, rel=0.01)


def test_a_change_is_seen_at_its_moment_by_who_looks_late():
    plant = Plant(make("kettle"))
    plant.set_contact(on=True, now=1.0)
    plant.set_contact(on=False, now=2.0)
    plant.set_mains(110.0, now=3.0)
    assert [plant.at(t).power_w for t in (0.5, 1.5, 2.5)] == [0, pytest.approx(900), 0]
    assert [plant.at(t).mains_v for t in (0.5, 3.5)] == [230, 110]


def test_a_compressor_starts_with_eight_times_its_current():
    plant = Plant(make("compressor"))
    plant.set_contact(on=True, now=10.0)
    assert plant.at(10.3).current_a == pytest.approx(8 * plant.at(10.5).current_a)
    plant.set_contact(on=True, now=20.0)
    assert plant.at(20.1).current_a == plant.at(10.5).current_a


def test_an_unknown_appliance_is_refused():
    with pytest.raises(ValueError, match="toaster"):
        make("toaster")


def test_a_cse7766_rolls_over_where_an_hlw8032_holds_and_no_watt_comes_of_it():
    bench = Bench(is_cse=True)
    bench.plant.set_contact(on=True, now=0.0)
    bench.run(3.0)
    bench.plant.set_contact(on=False, now=bench.now)
    raws = []
    for _ in range(200):
        frame, reading = bench.step()
        raws.append(frame.pr)
        assert not reading.power.is_updated or reading.power.value < 1000
        assert reading.power_w is None or reading.power_w < 1000
    assert frame.state == 0xFA
    assert reading.power_w == 0.0
    assert raws.count(128) == 1
    assert raws[-1] > 128
