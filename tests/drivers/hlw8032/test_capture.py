"""A recording: one record a frame, and the bytes that belong to none."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.drivers.hlw8032.capture import Record, Summary, records
from agent.drivers.hlw8032.decoder import Coefficients
from agent.drivers.hlw8032.frame import Frame, serialize

PLAIN = Coefficients(kv=1, ki=1, kp=1)


def make(pulses: int, state: int = 0x55, vp: int = 187_000, update: int = 0x71) -> bytes:
    frame = Frame(
        state=state, update=update, vp=vp, vr=850, ip=15_830, ir=15_000,
        pp=5_115_000, pr=25_000, pulses=pulses, checksum=0,
    )  # fmt: skip
    return serialize(frame)


def decode(*chunks: bytes) -> list[Record | Summary]:
    return list(records(chunks, PLAIN))


def test_every_place_of_a_frame_gives_one_record_and_the_summary_comes_last():
    broken = bytearray(make(2))
    broken[23] ^= 1
    stream = [make(1), bytes(broken), b"\x00\x01", make(3, state=0xAA), make(4, update=0x61)]
    *lines, summary = decode(*stream)
    assert [(line.offset, line.status) for line in lines] == [
        (0, "ok"),
        (24, "bad_checksum"),
        (50, "parameters_unusable"),
        (74, "hold"),
    ]
    assert [line.pulses for line in lines] == [1, None, 3, 4]
    assert summary == Summary(frames=3, bytes_skipped=26)


def test_a_held_quantity_is_null_though_a_live_meter_would_keep_it():
    first, second, _ = decode(make(1), make(2, update=0x61))
    assert first.power_w == 5_115_000 / 25_000
    assert (second.voltage_v, second.power_w) == (220.0, None)


def test_a_frame_of_another_chip_is_named():
    lines = decode(make(1) * 8, make(2, vp=190_200), make(3))[:-1]
    assert [line.status for line in lines[7:]] == ["ok", "foreign_parameters", "ok"]
    assert lines[8].pulses == 2


def test_an_empty_recording_has_a_summary():
    assert decode() == [Summary(frames=0, bytes_skipped=0)]


@given(st.binary(max_size=300), st.integers(1, 50))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_accounted_for_however_they_come(garbage, size):
    stream = make(1) + garbage + make(2)
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    lines = decode(*pieces)
    assert lines == decode(stream)
    summary = lines[-1]
    assert summary.frames * 24 + summary.bytes_skipped == len(stream)
