"""Other coefficients while frames come: values, pulses, and what can be, all at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.model import Factors
from tests.drivers.hlw8032.test_decoder import CODE504, PP, make, settled


def test_the_next_frame_is_in_the_new_scale():
    decoder = settled()
    decoder.rescale(CODE504.scaled(Factors(voltage=1.1, current=0.9, power=1.05)))
    reading = decoder.decode(make()).reading
    assert reading.voltage_v == pytest.approx(253.0, rel=1e-3)
    assert reading.current_a == pytest.approx(3.6, rel=1e-3)
    assert reading.power_w == pytest.approx(945.0, rel=1e-3)
    assert reading.power.value == reading.power_w
    assert reading.pulse_pj == PP * round(CODE504.kp * 1.05 * 1e6)


def test_what_is_held_moves_along():
    decoder = settled()
    decoder.rescale(CODE504.scaled(Factors(voltage=2.0)))
    held = decoder.decode(make(update=0)).reading
    assert held.voltage_v == pytest.approx(460.0, rel=1e-3)
    assert held.current_a == pytest.approx(4.0, rel=1e-3)


def test_what_can_be_moves_along():
    """Half the scale, half the most that the chip can measure."""
    decoder = settled()
    decoder.rescale(CODE504.scaled(Factors(current=0.1)))
    for number in range(15):
        reading = decoder.decode(make(amperes=40.0, pulses=number)).reading
    most_a = CODE504.scaled(Factors(current=0.1)).most_a
    assert reading.current_a is not None
    assert reading.current_a <= most_a


up, down = st.floats(min_value=1, max_value=1.5), st.floats(min_value=0.5, max_value=1)


@given(up, up, down)
def test_a_rescaled_decoder_says_what_one_made_so_says(voltage, current, power):
    scale = CODE504.scaled(Factors(voltage=voltage, current=current, power=power))
    rescaled, made = settled(), Decoder(scale)
    rescaled.rescale(scale)
    for _ in range(3):
        one, other = rescaled.decode(make()).reading, made.decode(make()).reading
    assert one == other


def test_factors_of_one_change_nothing():
    assert Coefficients(kv=1.0, ki=2.0, kp=3.0).scaled(Factors()) == Coefficients(
        kv=1.0, ki=2.0, kp=3.0
    )
