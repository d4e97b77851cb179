"""What is published of any chip's registers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.gate import Evidence, Gate
from agent.model import Factors, Register


def register(value: float | None, raw: int = 1, *, is_updated: bool = True) -> Register:
    return Register(raw=raw, value=value, is_updated=is_updated)


def evidence(volts=230.0, amps=4.0, power: Register | None = None, pulses: int = 0) -> Evidence:
    return Evidence(
        voltage=register(volts),
        current=register(amps),
        power=power or register(920.0),
        pulses=pulses,
        pulse_pj=10**13,
        chip=(1,),
    )


def opened() -> Gate:
    gate = Gate(330.0, 35.0)
    gate.judge(evidence())
    gate.judge(evidence())
    return gate


def test_a_first_value_needs_a_second_reading():
    gate = Gate(330.0, 35.0)
    assert gate.judge(evidence()).power_w is None
    assert gate.judge(evidence()).power_w == 920.0


def test_a_current_without_any_power_is_noise_below_its_floor():
    gate = opened()
    for _ in range(2):
        reading = gate.judge(evidence(amps=0.03, power=register(0.0)))
    assert reading.current_a == 0.0
    for _ in range(2):
        reading = gate.judge(evidence(amps=0.03, power=register(5.0)))
    assert reading.current_a == pytest.approx(0.03)


def test_what_is_held_falls_to_what_can_still_flow():
    gate = opened()
    assert gate.judge(evidence(power=register(300.0, is_updated=False))).power_w == 300.0
    assert gate.judge(evidence(power=register(400.0, is_updated=False))).power_w == 300.0
    assert gate.judge(evidence(power=register(None, is_updated=False))).power_w == 300.0


def test_more_power_than_volts_and_amperes_waits_for_the_counter():
    gate = opened()
    assert gate.judge(evidence(power=register(5000.0, raw=2), pulses=100)).power_w == 920.0
    for n in range(8):
        reading = gate.judge(evidence(power=register(5000.0, raw=3 + n), pulses=100 + 52 * n))
    assert reading.power_w == pytest.approx(5000.0)


def test_another_scale_moves_what_is_held():
    gate = opened()
    gate.rescale(330.0, 35.0, Factors(power=2.0))
    assert gate.judge(evidence(power=register(None))).power_w == 1840.0


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1e6) | st.none(),
            st.floats(0, 1e6) | st.none(),
            st.floats(0, 1e9) | st.none(),
        ),
        max_size=30,
    )
)
def test_nothing_beyond_the_chips_ends_is_ever_published(values):
    gate = Gate(330.0, 35.0)
    for n, (volts, amps, watts) in enumerate(values):
        reading = gate.judge(evidence(volts, amps, register(watts, raw=n), pulses=n))
        assert (reading.voltage_v or 0.0) <= 1.1 * 330
        assert (reading.current_a or 0.0) <= 1.1 * 35
        assert (reading.power_w or 0.0) <= 1.1 * 330 * 1.1 * 35 + 1e-6
