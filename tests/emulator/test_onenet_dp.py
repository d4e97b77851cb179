"""Frames of `$dp`, by bytes."""

import json
import struct
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.emulator.onenet.dp import MAX_BINARY, DpError, read_frame
from agent.emulator.onenet.streams import DataPoint

EIGHT_BEIJING = datetime(2026, 11, 20, 0, 0, tzinfo=UTC).timestamp()
EIGHT_UTC = datetime(2026, 11, 20, 8, 0, tzinfo=UTC).timestamp()
TIME_BYTES = bytes((26, 11, 20, 8, 0, 0))


def point(stream, value, time=None):
    return DataPoint(stream=stream, value=value, time=time)


def sized(data):
    data = data if isinstance(data, bytes) else data.encode()
    return len(data).to_bytes(2, "big") + data


def frame(head, document, tail=b""):
    return bytes((head,)) + sized(json.dumps(document)) + tail


FLOATS = [struct.unpack("<f", bytes.fromhex(text))[0] for text in ("00000842", "6666a2c1")]
VECTORS = [
    pytest.param(
        "01005c7b226461746173747265616d73223a5b7b226964223a22766f6c74616765222c2264617461706f696e"
        "7473223a5b7b226174223a22323032362d31312d32302030383a30303a3030222c2276616c7565223a323231"
        "2e357d5d7d5d7d",
        [point("voltage", 221.5, EIGHT_BEIJING)],
        id="1",
    ),
    pytest.param(
        "03001c7b22737769746368223a312c22766f6c74616765223a3232312e357d",
        [point("switch", 1), point("voltage", 221.5)],
        id="3",
    ),
    pytest.param(
        "0300177b22746573745f646174615f73747265616d223a39397d",
        [point("test_data_stream", 99)],
        id="3-official-sdk",
    ),
    pytest.param(
        "871a0b1408000000010002000008426666a2c1",
        [point("1", 34.0, EIGHT_UTC), point("1", FLOATS[1], EIGHT_UTC)],
        id="7-with-time",
    ),
    pytest.param("0700010002000008426666a2c1", [point("1", 34.0), point("1", FLOATS[1])], id="7"),
]


@pytest.mark.parametrize(("text", "points"), VECTORS)
def test_every_known_frame_is_read(text, points):
    assert read_frame(bytes.fromhex(text)) == points


@pytest.mark.parametrize(("text", "points"), VECTORS)
def test_a_frame_that_is_cut_off_or_too_long_is_broken(text, points):
    data = bytes.fromhex(text)
    assert points
    for broken in (data[:-1], data[:2], data[:1], data + b"\x00"):
        with pytest.raises(DpError):
            read_frame(broken)


TEXT = ",;temperature,2015-03-22 22:31:12,22.5;102;pm2.5,89;10"
STAMP = datetime(2015, 3, 22, 14, 31, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("head", "time"), [(b"\x05", None), (b"\x06", None), (b"\x86" + TIME_BYTES, EIGHT_UTC)]
)
def test_the_documents_text_is_read_under_types_5_and_6(head, time):
    assert read_frame(head + sized(TEXT)) == [
        point("temperature", 22.5, STAMP),
        point("1", 102, time),
        point("pm2.5", 89, time),
        point("3", 10, time),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("-1", -1),
        ("1e3", 1000.0),
        ("nan", "nan"),
        ("1e999", "1e999"),
        ("1_0", "1_0"),
        ("", ""),
        ("१", "१"),
    ],
)
def test_a_value_in_a_text_is_a_number_where_it_can_be_one(text, value):
    assert read_frame(b"\x05" + sized(",;x," + text)) == [point("x", value)]


@pytest.mark.parametrize(
    "text", ["", ",", ",,x", ",;x,y,z", ",;x,2026-11-20,1,2", ",;,1", ",;,2026-11-20 08:00:00,1"]
)
def test_a_text_without_its_form_is_broken(text):
    with pytest.raises(DpError, match=r"^type 5: "):
        read_frame(b"\x05" + sized(text))


def test_type_2_keeps_how_many_bytes_there_were():
    head = {"ds_id": "image", "at": "2026-11-20 08:00:00", "desc": {"a": 1}}
    data = frame(2, head, (3).to_bytes(4, "big") + b"\xff\x00\x01")
    assert read_frame(data) == [point("image", {"bytes": 3, "desc": {"a": 1}}, EIGHT_BEIJING)]


def test_type_4_has_a_time_for_each_value():
    data = frame(4, {"x": {"2026-11-20 08:00:00": 1, "2026-11-20 08:00:01": 2}, "y": {}})
    assert read_frame(data) == [point("x", 1, EIGHT_BEIJING), point("x", 2, EIGHT_BEIJING + 1)]


@pytest.mark.parametrize(
    "stamp", ["2026-11-20T08:00:00", "2026-11-20 08:00:00.000000", "2026-11-20T00:00:00+00:00"]
)
def test_iso_times_are_read_too(stamp):
    assert read_frame(frame(4, {"x": {stamp: 1}})) == [point("x", 1, EIGHT_BEIJING)]


def test_a_point_may_have_no_time_and_any_value():
    document = {"datastreams": [{"id": "x", "datapoints": [{"value": None}, {"value": [1]}]}]}
    assert read_frame(frame(1, document)) == [point("x", None), point("x", [1])]


def groups(*groups):
    return b"".join(
        struct.pack(
            f">HH{len(floats) * 4}s", name, len(floats), struct.pack(f"<{len(floats)}f", *floats)
        )
        for name, floats in groups
    )


def test_type_7_has_groups_of_up_to_500_floats_in_all():
    found = read_frame(b"\x07" + groups((1, [1.0] * 300), (65535, [2.0] * 200)))
    assert len(found) == 500
    assert found[-1] == point("65535", 2.0)
    assert read_frame(b"\x07" + groups((0, [1.0, 2.0]))) == [point("0", 1.0), point("0", 2.0)]


def streams(rows):
    return frame(1, {"datastreams": rows})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x08",
        b"\x41",
        b"\x81" + sized("{}"),
        b"\x83" + TIME_BYTES + sized('{"x":1}'),
        frame(1, []),
        frame(1, {}),
        streams({}),
        streams([1]),
        streams([{"id": "", "datapoints": []}]),
        streams([{"id": 1, "datapoints": []}]),
        streams([{"id": "x"}]),
        streams([{"id": "x", "datapoints": [1]}]),
        streams([{"id": "x", "datapoints": [{}]}]),
        streams([{"id": "x", "datapoints": [{"value": 1, "at": 1}]}]),
        streams([{"id": "x", "datapoints": [{"value": 1, "at": "now"}]}]),
        b"\x01" + sized(b"{"),
        b"\x01" + sized(b"\xff"),
        frame(2, {"ds_id": "x"}),
        frame(2, {"ds_id": ""}, bytes(4)),
        frame(2, {}, bytes(4)),
        frame(2, {"ds_id": "x"}, (MAX_BINARY + 1).to_bytes(4, "big") + bytes(MAX_BINARY + 1)),
        frame(3, [1]),
        b"\x03" + sized('{"x":NaN}'),
        frame(4, {"x": 1}),
        frame(4, {"x": {"now": 1}}),
        b"\x05" + sized(b"\xff\xfe"),
        b"\x86" + bytes((26, 13, 20, 8, 0, 0)) + sized(",;1"),
        b"\x07",
        b"\x07" + groups((1, [])),
        b"\x07" + groups((1, [1.0] * 501)),
        b"\x07" + groups((1, [1.0] * 300), (2, [1.0] * 201)),
        b"\x07" + groups((1, [float("nan")])),
        b"\x07" + groups((1, [float("inf")])),
    ],
)
def test_every_other_frame_is_broken(data):
    with pytest.raises(DpError):
        read_frame(data)


@given(st.sampled_from([1, 2, 3, 4, 5, 6, 0x86, 7, 0x87]), st.booleans(), st.binary(max_size=60))
def test_no_bytes_break_the_reader(head, is_sized, data):
    with suppress(DpError):
        read_frame(bytes((head,)) + (sized(data) if is_sized else data))


NAMES = st.sampled_from(["datastreams", "id", "datapoints", "at", "value", "ds_id", "x"])
VALUES = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=10,
)


@given(st.integers(1, 4), VALUES)
def test_no_json_breaks_the_reader(head, document):
    try:
        found = read_frame(frame(head, document))
    except DpError:
        return
    json.dumps([each.value for each in found], allow_nan=False)


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text):
    with suppress(DpError):
        read_frame(b"\x05" + sized(text.encode(errors="replace")))
