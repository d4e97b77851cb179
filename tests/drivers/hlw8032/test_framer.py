"""The framer: any bytes, in any pieces."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.drivers.hlw8032.frame import (
    HEADER_STATES,
    Frame,
    Parameters,
    parse,
    serialize,
)
from agent.drivers.hlw8032.framer import Framer, Rejection, Sighting

FIXTURE = Path(__file__).parents[2] / "fixtures" / "hlw8032_frames.json"
ROWS = {row["id"]: row for row in json.loads(FIXTURE.read_text(encoding="utf-8"))}
BYTES = {name: bytes.fromhex(row["hex"]) for name, row in ROWS.items()}

THIS_CHIP = Parameters(187_000, 15_830, 5_115_000)
OTHER_CHIP = Parameters(190_200, 16_415, 5_263_000)


def make(pulses: int = 0, chip: Parameters = THIS_CHIP, **registers: int) -> bytes:
    values = {"state": 0x55, "update": 0x71, "vr": 2500, "ir": 4000, "pr": 17_000, **registers}
    return serialize(Frame(vp=chip.vp, ip=chip.ip, pp=chip.pp, pulses=pulses, checksum=0, **values))


def sightings(*pieces: bytes) -> list[Sighting]:
    framer = Framer()
    return [sighting for piece in pieces for sighting in framer.feed(piece)]


def good(*pieces: bytes) -> list[Frame]:
    return [s.frame for s in sightings(*pieces) if s.rejection is None]


any_register = st.integers(0, 0xFFFFFF)
any_frame = st.builds(
    Frame,
    state=st.sampled_from(sorted(HEADER_STATES)),
    update=st.integers(0, 0x7F),
    vp=st.just(THIS_CHIP.vp),
    vr=any_register,
    ip=st.just(THIS_CHIP.ip),
    ir=any_register,
    pp=st.just(THIS_CHIP.pp),
    pr=any_register,
    pulses=st.integers(0, (1 << 17) - 1),
    checksum=st.just(0),
)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_recorded_frame_parses_into_its_registers(row):
    frame = parse(bytes.fromhex(row["hex"]))
    registers = row["registers"]
    assert {name: getattr(frame, name) for name in ("vp", "vr", "ip", "ir", "pp", "pr")} == {
        name: registers[name] for name in ("vp", "vr", "ip", "ir", "pp", "pr")
    }
    assert frame.pulses == registers["pf"] | registers["pf_toggle"] << 16
    assert (f"0x{frame.state:02X}", f"0x{frame.update:02X}") == (row["state"], row["update"])
    assert serialize(frame) == bytes.fromhex(row["hex"])


def test_the_recorded_frames_in_a_row_are_all_found_at_their_offsets():
    found = sightings(b"".join(BYTES.values()))
    assert [sighting.offset for sighting in found] == [24 * n for n in range(12)]
    assert all(sighting.rejection is None for sighting in found)


@pytest.mark.parametrize(
    ("pieces", "names"),
    [
        ((BYTES["Y1"], BYTES["Y1"][:14], BYTES["Y2"], BYTES["Y3"]), ["Y1", "Y2", "Y3"]),
        ((BYTES["E1"][:19], BYTES["E2"]), ["E2"]),
        ((BYTES["T2"] * 5,), ["T2"] * 5),
        ((BYTES["T1"], b"\x55", BYTES["T2"], b"\x5a", BYTES["T3"]), ["T1", "T2", "T3"]),
        ((BYTES["T5"][:23] + b"\x00", BYTES["T6"]), ["T6"]),
    ],
)
def test_a_damaged_frame_costs_no_other_frame(pieces, names):
    assert good(b"".join(pieces)) == [parse(BYTES[name]) for name in names]


@pytest.mark.parametrize("name", ["T1", "T2", "T3"])
@pytest.mark.parametrize("length", range(1, 24))
def test_a_frame_is_found_behind_a_piece_of_another_one_of_its_chip(name, length):
    piece = BYTES["T1"][:length]
    assert good(piece + BYTES[name]) == [parse(BYTES[name])]


@given(st.lists(any_frame, min_size=1, max_size=12), st.lists(st.integers(1, 60), min_size=1))
@settings(max_examples=60, deadline=None)
def test_any_payload_in_any_pieces_gives_the_same_frames(frames, sizes):
    stream = b"".join(serialize(frame) for frame in frames)
    whole = sightings(stream)
    assert [serialize(s.frame) for s in whole] == [serialize(frame) for frame in frames]
    pieces = []
    at = 0
    while at < len(stream):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(stream[at : at + size])
        at += size
    assert sightings(*pieces) == whole
    assert sightings(*(bytes([byte]) for byte in stream)) == whole


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_garbage_costs_at_most_the_frame_that_it_touches(data):
    frames = [make(pulses=n) for n in range(20)]
    at = data.draw(st.integers(8, 19), "frame that is hit")
    inside = data.draw(st.integers(0, 23), "byte that is hit")
    garbage = data.draw(st.binary(min_size=0, max_size=40), "garbage")
    cut = data.draw(st.integers(0, 24 - inside), "bytes lost")
    hit = frames[at][:inside] + garbage + frames[at][inside + cut :]
    stream = b"".join([*frames[:at], hit, *frames[at + 1 :]])
    found = {frame.pulses for frame in good(stream)}
    assert found >= {n for n in range(20) if n != at}


@given(st.lists(st.binary(max_size=200), max_size=40))
@settings(max_examples=60, deadline=None)
def test_it_keeps_less_than_a_frame_and_counts_every_byte(pieces):
    framer = Framer()
    for piece in pieces:
        framer.feed(piece)
        assert len(framer._buffer) < 24
    assert framer.offset == sum(map(len, pieces))


@pytest.mark.parametrize("state", [0x00, 0x54, 0x5A, 0xA5, 0xEF])
def test_another_state_is_no_header_though_the_checksum_is_right(state):
    framer = Framer()
    assert framer.feed(make(state=state)) == []
    assert framer.rejections[Rejection.NO_HEADER] >= 1


def test_a_wrong_check_byte_is_no_frame():
    data = bytearray(make())
    data[1] = 0x5B
    assert good(bytes(data)) == []


def test_a_bad_checksum_is_shown_once_where_a_frame_should_stand():
    broken = bytearray(make(pulses=2))
    broken[6] ^= 0xFF
    found = sightings(make(pulses=1) + bytes(broken) + make(pulses=3))
    assert [(s.offset, s.rejection) for s in found] == [
        (0, None),
        (24, Rejection.BAD_CHECKSUM),
        (48, None),
    ]


def test_a_header_inside_garbage_is_counted_but_not_shown():
    framer = Framer()
    garbage = b"\x01\x02\x03\x55\x5a" + bytes(range(30))
    found = framer.feed(make() + garbage + make())
    assert [s.rejection for s in found] == [None, None]
    assert framer.rejections[Rejection.BAD_CHECKSUM] == 1


def test_frames_of_another_chip_pass_until_eight_in_a_row_have_agreed():
    found = sightings(make() * 7 + make(chip=OTHER_CHIP) + make() * 8 + make(chip=OTHER_CHIP))
    reasons = [sighting.rejection for sighting in found]
    assert reasons == [None] * 16 + [Rejection.FOREIGN_PARAMETERS]


def test_eight_frames_in_a_row_that_agree_make_another_chip_known():
    learned = make() * 8
    found = sightings(learned + make(chip=OTHER_CHIP) * 10)
    reasons = [sighting.rejection for sighting in found[8:]]
    assert reasons == [Rejection.FOREIGN_PARAMETERS] * 7 + [None] * 3


def test_a_good_frame_between_foreign_ones_begins_the_count_anew():
    found = sightings(make() * 8 + make(chip=OTHER_CHIP) * 7 + make() + make(chip=OTHER_CHIP) * 7)
    assert [s.rejection for s in found[8:]].count(None) == 1
