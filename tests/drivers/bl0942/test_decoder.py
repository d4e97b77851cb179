"""What the registers of a BL0942 mean on a board."""

import pytest

from agent.drivers.bl0942 import decoder as bl0942
from agent.drivers.bl0942.decoder import Decoder, Scale
from agent.drivers.bl0942.packet import Packet
from agent.model import COUNTER_MODULUS, Factors
from agent.settings.meters import Bl0942MeterSettings

SHEET = Scale(kv=3.8245, ki=1.0, kp=3.8245)
"""The data sheet's circuit: 5 x 390 kohm over 0.51 kohm, a shunt of 1 mohm."""


def packet(
    volts: float, amps: float, watts: float, pulses: int = 0, scale: Scale = SHEET
) -> Packet:
    return Packet(
        i_rms=round(amps / scale.ki * 305_978 / 1.218),
        v_rms=round(volts / scale.kv * 73_989 / 1.218),
        i_fast_rms=0,
        watt=round(watts / scale.kp * 3_537 / 1.218**2),
        pulses=pulses,
        period=20_000,
        status=0,
    )


def settled(decoder: Decoder, one: Packet):
    decoder.decode(one)
    return decoder.decode(one)


def test_the_data_sheets_circuit_gives_its_numbers():
    reading = settled(Decoder(SHEET, 2), packet(230, 4.0, 920))
    assert reading.voltage_v == pytest.approx(230, rel=1e-4)
    assert reading.current_a == pytest.approx(4.0, rel=1e-4)
    assert reading.power_w == pytest.approx(920, rel=1e-4)
    assert reading.chip == (0x0942, 2)


def test_a_pulse_is_a_great_deal_of_energy():
    assert Decoder(SHEET).decode(packet(230, 0, 0)).pulse_pj == pytest.approx(672.8e12, rel=1e-3)


def test_the_counter_has_all_its_24_bits():
    reading = Decoder(SHEET).decode(packet(230, 0, 0, pulses=(1 << 24) - 2))
    assert (reading.pulses, reading.modulus) == ((1 << 24) - 2, 1 << 24)
    assert reading.modulus % COUNTER_MODULUS == 0


def test_a_shunt_soldered_the_other_way_round_measures_the_same():
    assert settled(Decoder(SHEET), packet(230, 4, -920)).power_w == pytest.approx(920, rel=1e-4)


def test_noise_of_an_open_input_is_no_voltage_and_no_current():
    reading = settled(Decoder(SHEET), packet(2, 0.01, 0))
    assert (reading.voltage_v, reading.current_a, reading.power_w) == (0.0, 0.0, 0.0)
    assert reading.current.value == pytest.approx(0.01, rel=0.01)


def test_what_the_chip_cannot_measure_is_not_published_but_is_evidence():
    decoder = Decoder(SHEET)
    settled(decoder, packet(230, 1, 230))
    reading = decoder.decode(packet(230, 1, 9_000))
    assert reading.power_w == pytest.approx(230, rel=1e-3)
    assert reading.power.value == pytest.approx(9_000, rel=1e-3)


def test_a_calibration_moves_what_is_held_too():
    decoder = Decoder(SHEET)
    settled(decoder, packet(230, 4, 920))
    decoder.rescale(SHEET.scaled(Factors(voltage=1.1, current=1.2, power=1.3)))
    reading = decoder.decode(packet(230, 4, 920))
    assert reading.voltage_v == pytest.approx(253, rel=1e-4)
    assert reading.current_a == pytest.approx(4.8, rel=1e-4)
    assert reading.power_w == pytest.approx(1196, rel=1e-4)


def test_settings_and_decoder_agree_on_full_scale():
    assert Bl0942MeterSettings.FULL_SCALE_MV == bl0942.FULL_SCALE_MV
    assert Bl0942MeterSettings.FULL_SCALE_MA == bl0942.FULL_SCALE_MA
