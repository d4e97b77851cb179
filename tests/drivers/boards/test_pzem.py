"""The registers of a PZEM-004T."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.pzem import MOST_V, REGISTERS, Scale, decode
from agent.errors import DriverError
from agent.model import COUNTER_MODULUS, Factors
from agent.settings.meters import PzemSettings

words = st.lists(st.integers(0, 0xFFFF), min_size=REGISTERS, max_size=REGISTERS)

# A heater: 229.8 V, 4.357 A, 1,001.2 W, 70,000 Wh, 50.0 Hz, power factor 1.00, no alarm.
HEATER = [2298, 4357, 0, 10012, 0, 70_000 & 0xFFFF, 1, 500, 100, 0]


def test_an_answer_is_read_the_lower_word_first():
    reading = decode(HEATER, Scale(), 1)
    assert reading.voltage_v == pytest.approx(229.8)
    assert reading.current_a == pytest.approx(4.357)
    assert reading.power_w == pytest.approx(1001.2)
    assert (reading.pulses, reading.pulse_pj) == (70_000, 3_600 * 10**12)


def test_a_large_load_uses_the_upper_words():
    registers = [2300, 100_000 & 0xFFFF, 1, 220_000 & 0xFFFF, 3, 0, 2, 500, 96, 0xFFFF]
    reading = decode(registers, Scale(), 1)
    assert (reading.current_a, reading.power_w) == (100.0, pytest.approx(22_000.0))
    assert (reading.pulses, reading.modulus) == (2 * 65536, 1 << 32)
    assert reading.modulus % COUNTER_MODULUS == 0


def test_what_cannot_be_is_not_shown_and_still_is_evidence():
    reading = decode([2300, 0, 3, 10012, 0, 0, 0, 500, 100, 0], Scale(range_a=100), 1)
    assert (reading.current_a, reading.power_w) == (None, None)
    assert reading.current.value == pytest.approx(196.608)
    too_strong = decode([2300, 1000, 0, 9000, 0, 0, 0, 500, 100, 0], Scale(), 1)
    assert (too_strong.current_a, too_strong.power_w) == (1.0, None)
    assert decode([4000, *HEATER[1:]], Scale(), 1).voltage_v is None


def test_a_calibration_multiplies_every_quantity_and_energy_with_power():
    scale = Scale(kv=1.0, ki=2.0, kp=0.5).scaled(Factors(voltage=1.01, current=1.5, power=2.0))
    reading = decode(HEATER, scale, 1)
    assert reading.voltage.value == pytest.approx(229.8 * 1.01)
    assert reading.current.value == pytest.approx(4.357 * 3)
    assert reading.power.value == pytest.approx(1001.2)
    assert reading.pulse_pj == 3_600 * 10**12


def test_one_meter_is_told_from_another_by_its_address():
    assert decode(HEATER, Scale(), 1).chip != decode(HEATER, Scale(), 2).chip


def test_settings_and_decoder_agree_on_full_scale():
    meter = PzemSettings(driver="pzem004t", port="/dev/x", kv=2, ki=1.5, range_a=10)
    assert meter.full_scale_v == MOST_V * meter.kv
    assert meter.full_scale_a == 15.0


@given(words)
def test_whatever_it_says_is_a_reading_within_bounds(registers):
    reading = decode(registers, Scale(), 1)
    assert 0 <= reading.pulses < reading.modulus
    for shown, register in (
        (reading.voltage_v, reading.voltage),
        (reading.current_a, reading.current),
        (reading.power_w, reading.power),
    ):
        assert register.is_updated
        assert shown is None or shown == register.value


@given(st.lists(st.integers(0, 0xFFFF), max_size=30).filter(lambda found: len(found) != REGISTERS))
def test_another_number_of_registers_is_another_device(registers):
    with pytest.raises(DriverError, match="answers 10"):
        decode(registers, Scale(), 1)
