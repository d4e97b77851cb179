"""Edges of an HLW8012 and a BL0937 become readings."""

from collections import deque
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.pulses import alternation
from agent.drivers.pulses.alternation import Alternation, Shown
from agent.drivers.pulses.decoder import PulseDecoder
from agent.drivers.pulses.power import Power
from agent.drivers.pulses.scale import BL0937, HLW8012, Scale
from agent.drivers.simulated.appliances import Draw, resistor
from agent.drivers.simulated.plant import Plant
from agent.drivers.simulated.pulse_chip import PulseChip
from agent.model import COUNTED_HERE, Factors
from agent.settings.meters import PulseMeterSettings

PERIOD_S = 0.105


def scale(chip=HLW8012) -> Scale:
    return Scale(chip=chip, kv=2.351, ki=1.0, kp=2.351, vref_v=chip.vref_v)


class Board:
    """A chip whose edges come with the kernel's numbers, some of them lost on purpose."""

    def __init__(self, chip=HLW8012, *, has_mains: bool = True) -> None:
        self.now = 100.0
        self.scale = scale(chip)
        self.plant = Plant(now=self.now)
        self.plant.set_contact(on=True, now=self.now)
        self.chip = PulseChip(self.plant.at, self.scale, is_high_voltage=True, now=self.now)
        self.decoder = PulseDecoder(self.scale, 7, self.now, has_mains=has_mains)
        self.numbers = {"cf": 0, "cf1": 0}
        self.room = 1000
        self.readings = []

    def run(self, seconds: float):
        end = self.now + seconds
        while self.now < end:
            self.now += PERIOD_S
            kept = {line: deque(maxlen=self.room) for line in self.numbers}
            for line, at in self.chip.advance(self.now):
                self.numbers[line] += 1
                kept[line].append((at, self.numbers[line]))
            for line, edges in kept.items():
                for at, number in edges:
                    getattr(self.decoder, line)(at, number)
            self.readings.append(self.decoder.reading(self.now))
            if self.decoder.turn(self.now):
                self.chip.select(high=self.decoder.shown is Shown.VOLTAGE)
        return self.readings[-1]

    def plug(self, watts: float) -> None:
        self.plant.plug(partial(resistor, watts), now=self.now)


@pytest.mark.parametrize("chip", [HLW8012, BL0937])
@pytest.mark.parametrize("watts", [25.0, 60.0, 900.0, 3680.0])
def test_a_steady_load_shows_its_volts_amperes_and_watts(chip, watts):
    board = Board(chip)
    board.plug(watts)
    reading = board.run(12)
    assert reading.voltage_v == pytest.approx(230, rel=1e-3)
    assert reading.current_a == pytest.approx(watts / 230, rel=1e-3)
    assert reading.power_w == pytest.approx(watts, rel=1e-3)
    assert reading.chip == (COUNTED_HERE, 7)


def test_the_formulas_are_the_data_sheets():
    assert scale(HLW8012).pulse_j == pytest.approx(2.43**2 * 2351 / 0.001 * 64 / 24 / 3_579_000)
    assert scale(HLW8012).amperes == pytest.approx(2.43 / 0.001 * 512 / 24 / 3_579_000)
    assert scale(HLW8012).volts == pytest.approx(2.43 * 2351 * 256 / 3_579_000)
    assert scale(BL0937).pulse_j == pytest.approx(1.218**2 * 2351 / 0.001 / 1_721_506)
    assert scale(BL0937).amperes == pytest.approx(1.218 / 0.001 / 94_638)
    assert scale(BL0937).volts == pytest.approx(1.218 * 2351 / 15_397)


def test_settings_and_decoder_agree_on_full_scale():
    pins = {"cf": "A", "cf1": "B", "sel": "C"}
    for driver, chip in (("hlw8012", HLW8012), ("bl0937", BL0937)):
        meter = PulseMeterSettings(driver=driver, divider=2351, shunt_mohm=1, **pins)
        assert meter.full_scale_v == scale(chip).most_v
        assert meter.full_scale_a == scale(chip).most_a


@pytest.mark.parametrize("room", [1000, 3, 1])
def test_no_pulse_is_lost_where_edges_are(room):
    board = Board()
    board.room = room
    board.plug(2000.0)
    reading = board.run(20)
    used_j = 2000.0 * 20
    assert reading.pulses * reading.pulse_pj / 1e12 == pytest.approx(
        used_j, abs=2 * scale().pulse_j + 2000 * PERIOD_S
    )
    assert reading.power_w == pytest.approx(2000, rel=0.01)
    assert (board.decoder.untimed > 0) is (room < 1000)


def test_a_load_that_ends_fades_by_the_time_since_its_last_pulse():
    board = Board()
    board.plug(60.0)
    board.run(5)
    board.plant.plug(None, now=board.now)
    shown = []
    for _ in range(24):
        reading = board.run(0.9)
        shown.append(reading.power_w)
        assert reading.power.value <= 60.1
    assert shown == sorted(shown, reverse=True)
    assert shown[4] < 4.0
    assert shown[-1] == 0.0
    assert reading.current_a == 0.0


def test_nothing_is_known_before_the_first_pulses():
    board = Board(has_mains=False)
    board.plant.set_contact(on=False, now=board.now)
    first = board.run(0.1)
    assert (first.voltage_v, first.current_a, first.power_w) == (None, None, None)
    assert first.pulses == 0
    later = board.run(20)
    assert (later.voltage_v, later.current_a, later.power_w) == (0.0, 0.0, 0.0)


def test_a_dead_chip_behind_a_closed_contact_gives_no_reading():
    board = Board()
    board.plug(60.0)
    assert board.run(5) is not None
    board.chip.is_dead = True
    assert board.run(1.8) is not None
    assert board.run(1.0) is None
    board.decoder.set_mains(board.now, on=False)
    assert board.run(0.2) is not None
    board.decoder.set_mains(board.now, on=True)
    board.decoder.set_mains(board.now, on=True)
    assert board.run(0.2) is not None
    assert board.run(3) is None
    board.chip.is_dead = False
    assert board.run(3) is not None


def test_a_chip_without_a_load_is_never_taken_for_dead():
    board = Board()
    board.run(60)
    assert all(reading is not None for reading in board.readings)


def test_the_first_values_after_sel_has_moved_are_not_used():
    board = Board()
    board.plug(900.0)
    board.run(30)
    volts = {reading.voltage.value for reading in board.readings if reading.voltage.value}
    amps = {reading.current.value for reading in board.readings if reading.current.value}
    assert all(each == pytest.approx(230, rel=1e-3) for each in volts)
    assert all(each == pytest.approx(900 / 230, rel=1e-3) for each in amps)


def test_a_voltage_that_moves_is_looked_at_for_longer():
    board = Board()
    board.run(10)
    board.plant.set_mains(280.0, now=board.now)
    board.run(1.8)
    numbers = [board.run(0.1).voltage.raw for _ in range(20)]
    assert numbers[-1] - numbers[0] >= 4
    assert board.readings[-1].voltage_v == pytest.approx(280, rel=1e-3)


def test_a_calibration_moves_everything_at_once():
    board = Board()
    board.plug(900.0)
    board.run(10)
    board.decoder.rescale(scale().scaled(Factors(voltage=1.1, current=1.2, power=1.3)))
    reading = board.run(0.1)
    assert reading.voltage_v == pytest.approx(253, rel=1e-3)
    assert reading.current_a == pytest.approx(900 / 230 * 1.2, rel=1e-3)
    assert reading.power_w == pytest.approx(1170, rel=1e-3)


@pytest.mark.parametrize(("hz", "expected"), [(0.8, None), (0.3, 0.0), (1.7, 1.7), (30.0, 30.0)])
def test_a_weak_current_takes_its_time_and_a_single_pulse_is_dropped(hz, expected):
    turns = Alternation(0.0)
    now, number, next_at = 0.0, 0, 0.5
    while not turns.turn(now):
        now += 0.1
        while next_at <= now:
            number += 1
            turns.take(next_at, number)
            next_at += 1 / hz
    assert turns.shown is Shown.VOLTAGE
    assert now <= alternation.SETTLE_S + 2 * alternation.MOST_S + 0.2
    assert turns.current.hz == (None if expected is None else pytest.approx(expected, rel=1e-6))


def test_edges_told_twice_change_nothing():
    power, turns = Power(0.0), Alternation(0.0)
    for take in (power.take, turns.take):
        for at, number in ((1.0, 1), (1.5, 2), (1.5, 2)):
            take(at, number)
    assert power.count.total == turns.count.total == 2
    assert power.hz(1.5) == pytest.approx(2.0)
    assert not power.is_recent(3.0)


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(0, 5)), max_size=40))
def test_whatever_the_edges_power_is_never_above_what_came(edges):
    power, now, number = Power(0.0), 0.0, 0
    for wait, step in edges:
        now += wait
        number += step
        power.take(now, number)
        hz = power.hz(now + 0.5)
        assert hz is None or 0.0 <= hz <= 2.001


@given(st.floats(0.02, 20.0), st.floats(0.1, 1.0))
def test_energy_is_that_of_the_load_whatever_its_power_factor(amps, power_factor):
    board = Board()
    watts = 230 * amps * power_factor
    board.plant.plug(lambda *_: Draw(amps, watts), now=board.now)
    reading = board.run(3)
    most_j = watts * 3.15 + scale().pulse_j
    assert watts * 3 - 2 * scale().pulse_j <= reading.pulses * scale().pulse_j <= most_j
