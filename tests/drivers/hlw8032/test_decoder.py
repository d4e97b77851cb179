"""The decoder: what a frame says about volts, amperes and watts, and what cannot be."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.frame import Frame, parse
from agent.drivers.hlw8032.track import Quantity, Status

FIXTURE = Path(__file__).parents[2] / "fixtures" / "hlw8032_frames.json"
ROWS = {row["id"]: row for row in json.loads(FIXTURE.read_text(encoding="utf-8"))}
CODE504 = Coefficients(kv=3.069, ki=1.007, kp=3.108)
VP, IP, PP = 187_000, 15_830, 5_115_000


def make(
    volts: float = 230.0,
    amperes: float = 4.0,
    watts: float = 900.0,
    *,
    pulses: int = 0,
    state: int = 0x55,
    update: int = 0x71,
) -> Frame:
    return Frame(
        state=state,
        update=update,
        vp=VP,
        vr=round(CODE504.kv * VP / volts) if volts else 0,
        ip=IP,
        ir=round(CODE504.ki * IP / amperes) if amperes else 0,
        pp=PP,
        pr=round(CODE504.kp * PP / watts) if watts else 0,
        pulses=pulses,
        checksum=0,
    )


def settled(*, trusts_first: bool = False) -> Decoder:
    decoder = Decoder(CODE504, trusts_first=trusts_first)
    for _ in range(2):
        decoder.decode(make())
    return decoder


def expect(quantity: Quantity, correct: object, also: float | None = None) -> None:
    if correct == "hold":
        assert quantity.status is Status.HOLD
    elif correct == "none":
        assert quantity == Quantity(value=None, status=Status.NONE)
    else:
        assert quantity.status is Status.OK
        assert quantity.value in (pytest.approx(correct, abs=1e-6), pytest.approx(also, abs=1e-6))


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_recorded_frame_decodes_as_it_should(row):
    decoder = Decoder(Coefficients(kv=row["kv"], ki=row["ki"], kp=row["kp"]), trusts_first=True)
    if row["id"] == "T6":
        decoder.decode(parse(bytes.fromhex(ROWS["T5"]["hex"])))
    decoded = decoder.decode(parse(bytes.fromhex(row["hex"])))
    also = row.get("also_ok", {})
    for name, quantity in (
        ("v", decoded.voltage),
        ("i", decoded.current),
        ("p", decoded.power),
    ):
        expect(quantity, row["correct"][name], also.get(name, row["correct"][name]))


def test_a_live_meter_publishes_a_first_value_with_its_second_frame():
    decoder = Decoder(CODE504)
    assert decoder.decode(make()).reading.power_w is None
    assert decoder.decode(make()).reading.power_w == pytest.approx(900, rel=1e-3)


def test_the_registers_of_a_reading_are_bare():
    reading = settled().decode(make(4.0, 0.01, 50_000, state=0xF8, update=0x50)).reading
    assert reading.voltage.value == 0.0
    assert reading.voltage.is_updated
    assert reading.current.value == pytest.approx(0.01, rel=1e-3)
    assert not reading.current.is_updated
    assert reading.power.value == pytest.approx(50_000, rel=2e-3)
    assert reading.power.is_updated


def test_a_pulse_is_worth_whole_picojoules():
    assert settled().decode(make()).reading.pulse_pj == 5_115_000 * 3_108_000


@pytest.mark.parametrize("state", [0xAA, 0xF1, 0xFF])
def test_without_usable_parameters_only_the_pulses_are_told(state):
    decoder = settled()
    decoded = decoder.decode(make(state=state, pulses=77))
    reading = decoded.reading
    assert (reading.voltage_v, reading.current_a, reading.power_w) == (None, None, None)
    assert (reading.voltage.value, reading.current.value, reading.power.value) == (None,) * 3
    assert (reading.pulses, reading.pulse_pj) == (77, 5_115_000 * 3_108_000)
    assert decoder.decode(make()).reading.power_w == pytest.approx(900, rel=1e-3)


def test_an_unusable_first_frame_gives_its_pulses_no_worth():
    assert Decoder(CODE504).decode(make(state=0xAA)).reading.pulse_pj == 0


def test_no_register_divides_by_zero():
    decoded = Decoder(CODE504, trusts_first=True).decode(make(0, 0, 0))
    assert {decoded.voltage.status, decoded.current.status, decoded.power.status} == {Status.NONE}


def test_a_register_that_is_not_updated_holds_the_last_value():
    decoder = settled()
    decoded = decoder.decode(make(120, 1, 100, update=0x01))
    assert decoded.voltage == Quantity(value=pytest.approx(230, rel=1e-3), status=Status.HOLD)
    assert decoded.current == Quantity(value=pytest.approx(4, rel=1e-3), status=Status.HOLD)


def test_a_held_power_never_stands_above_what_the_silence_of_pulses_allows():
    decoder = settled()
    assert decoder.decode(make(watts=15.9, update=0x61)).reading.power_w == pytest.approx(15.9)
    assert decoder.decode(make(watts=3.2, update=0x61)).reading.power_w == pytest.approx(3.2)
    later = decoder.decode(make(watts=9.0, update=0x61)).reading
    assert later.power_w == pytest.approx(3.2)


def test_noise_is_no_voltage_and_no_load():
    decoder = Decoder(CODE504, trusts_first=True)
    reading = decoder.decode(make(9.9, 0.049, 1, state=0xF2, update=0x61)).reading
    assert (reading.voltage_v, reading.current_a, reading.power_w) == (0.0, 0.0, 0.0)


def test_a_small_current_counts_while_the_power_is_held():
    decoder = Decoder(CODE504, trusts_first=True)
    reading = decoder.decode(make(230, 0.03, 1, update=0x61)).reading
    assert reading.current_a == pytest.approx(0.03, rel=1e-3)


def test_a_voltage_that_falls_away_is_held_until_a_second_frame_agrees():
    decoder = settled()
    assert decoder.decode(make(1.2)).reading.voltage_v == pytest.approx(230, rel=1e-3)
    assert decoder.decode(make(1.3)).reading.voltage_v == 0.0


def test_near_zero_by_the_chip_itself_is_believed_at_once():
    decoder = settled()
    assert decoder.decode(make(1.2, state=0xF8)).reading.voltage_v == 0.0


@pytest.mark.parametrize(
    "fantasy",
    [make(0.4), make(400), make(230, 30), make(230, 0.2), make(230, 4, 41_117), make(watts=20)],
)
def test_a_single_fantasy_frame_is_not_published(fantasy):
    decoder = settled()
    before = decoder.decode(make()).reading
    during = decoder.decode(fantasy).reading
    after = decoder.decode(make()).reading
    for reading in (during, after):
        assert reading.voltage_v == before.voltage_v
        assert reading.current_a == before.current_a
        assert reading.power_w == before.power_w


def test_what_cannot_be_is_not_published_by_repetition_alone():
    decoder = settled()
    for frame in range(4):
        reading = decoder.decode(make(watts=41_117, pulses=6 * frame)).reading
        assert reading.power_w == pytest.approx(900, rel=1e-3)


def test_a_power_that_the_counter_denies_is_never_published():
    decoder = settled()
    for frame in range(100):
        reading = decoder.decode(make(watts=41_117 + frame, pulses=3 * frame)).reading
        assert reading.power_w == pytest.approx(900, rel=1e-3)


def test_a_power_ahead_of_voltage_and_current_is_published_when_the_counter_confirms_it():
    decoder = Decoder(CODE504)
    for _ in range(2):
        decoder.decode(make(1.2, 0.034, 1, state=0xF2, update=0x61))
    published = [
        decoder.decode(make(1.2, 0.034, 900, pulses=6 * n)).reading.power_w for n in range(4)
    ]
    assert published == [0.0, 0.0, pytest.approx(900, rel=1e-3), pytest.approx(900, rel=1e-3)]


def test_a_lamp_ahead_of_voltage_and_current_is_published_when_it_has_stood():
    decoder = Decoder(CODE504)
    for _ in range(2):
        decoder.decode(make(1.2, 0.034, 1, state=0xF2, update=0x61))
    published = [
        decoder.decode(make(1.2, 0.034, 60, pulses=n // 3)).reading.power_w for n in range(6)
    ]
    assert published == [0.0] * 4 + [pytest.approx(60, rel=1e-3)] * 2


def test_a_current_beyond_full_scale_that_persists_is_published_clipped():
    decoder = settled()
    most_a = 1.1 * 30.9 * 1.007
    published = [
        decoder.decode(make(amperes=36 + n % 2, watts=8000)).reading.current_a for n in range(20)
    ]
    assert published[0] == pytest.approx(4, rel=1e-3)
    assert published[1:] == [pytest.approx(most_a)] * 19
    again = decoder.decode(make(amperes=5, watts=1150)).reading
    assert again.current_a == pytest.approx(most_a)
    assert decoder.decode(make(amperes=5, watts=1150)).reading.current_a == pytest.approx(
        5, rel=1e-3
    )


def test_a_current_at_full_scale_is_not_clipped():
    decoder = settled()
    decoder.decode(make(amperes=31))
    assert decoder.decode(make(amperes=31)).reading.current_a == pytest.approx(31, rel=2e-3)


def test_the_memory_ends_with_the_chip():
    decoder = settled()
    other = replace(make(), vp=190_000)
    assert decoder.decode(other).reading.voltage_v is None
    assert decoder.decode(other).reading.voltage_v == pytest.approx(233.7, rel=1e-3)


@given(
    st.lists(
        st.builds(
            Frame,
            state=st.sampled_from([0x55, 0xAA, *range(0xF0, 0x100)]),
            update=st.integers(0, 0xFF),
            vp=st.sampled_from([0, VP, 0xFFFFFF]),
            vr=st.integers(0, 0xFFFFFF),
            ip=st.sampled_from([0, IP]),
            ir=st.integers(0, 0xFFFFFF),
            pp=st.sampled_from([0, PP]),
            pr=st.integers(0, 0xFFFFFF),
            pulses=st.integers(0, (1 << 17) - 1),
            checksum=st.just(0),
        ),
        max_size=30,
    )
)
@settings(max_examples=80, deadline=None)
def test_no_frames_publish_what_the_chip_cannot_measure(frames):
    decoder = Decoder(CODE504)
    for frame in frames:
        reading = decoder.decode(frame).reading
        assert 0 <= (reading.voltage_v or 0) <= CODE504.most_v
        assert 0 <= (reading.current_a or 0) <= CODE504.most_a
        assert 0 <= (reading.power_w or 0) <= CODE504.most_v * CODE504.most_a


def test_no_voltage_while_a_current_flows_is_not_believed_from_one_frame():
    alone = Decoder(Coefficients(kv=1, ki=1, kp=1), trusts_first=True)
    decoded = alone.decode(parse(bytes.fromhex(ROWS["T6"]["hex"])))
    assert decoded.voltage.value is None
    assert alone.decode(parse(bytes.fromhex(ROWS["T6"]["hex"]))).voltage.value == 0.0
