import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.emulator.model_file import ModelError
from agent.emulator.onenet.model import read_model
from agent.emulator.onenet.view import describe
from tests.emulator.onenet import MODEL_FILE, SOCKET, make_thing


def prop(name, kind, specs=None, **fields):
    return {"identifier": name, "dataType": {"type": kind, "specs": specs}} | fields


INT = {"type": "int32", "specs": {"min": "0", "max": "9"}}
WITH_EVERY_TYPE = {
    "properties": [
        prop("flag", "bool", {"true": "a", "false": "b"}, accessMode="rw"),
        prop("mode", "enum", {"0": "a", "7": "b"}, accessMode="rw"),
        prop("count", "int32", {"min": "-5", "max": "5", "step": "1", "unit": ""}, accessMode="rw"),
        prop("any32", "int32", {"min": "", "max": None}),
        prop("any64", "int64"),
        prop("level", "float", {"min": "0", "max": "0.5"}),
        prop("any", "double", {}, accessMode="rw"),
        prop("label", "string", {"length": 3}, accessMode="rw"),
        prop("old", "string", {"length": "3"}),
        prop("free", "string"),
        prop("when", "date", {}),
        prop("bits", "bitMap", {"length": 2, "define": [{"bit": 0, "0": "a", "1": "b"}]}),
        prop("pair", "struct", [{"identifier": "x", "dataType": INT}]),
        prop("list", "array", {"length": 2, "type": "int32", "specs": INT["specs"]}),
    ],
}
EVERY = read_model(json.dumps(WITH_EVERY_TYPE).encode())


def test_the_shipped_model_has_the_sockets_identifiers():
    assert {name: row.is_writable for name, row in SOCKET.properties.items()} == {
        "power_switch": True,
        "voltage": False,
        "current": False,
        "active_power": False,
        "apparent_power": False,
        "power_factor": False,
        "total_energy": False,
        "count_down": True,
    }
    assert {name: (row.level, list(row.fields)) for name, row in SOCKET.events.items()} == {
        "trip": ("alert", ["cause", "value", "limit", "duration_s"]),
        "low_voltage": ("alert", ["voltage"]),
        "hardware_fault": ("error", ["name", "error_code"]),
        "notice": ("info", ["name", "text"]),
    }
    (service,) = SOCKET.services.values()
    assert (list(SOCKET.services), service.is_async) == (["reset_energy"], False)
    assert not service.inputs
    assert not service.outputs


def test_the_shipped_model_is_written_as_the_console_writes_it():
    document = json.loads(MODEL_FILE.read_bytes())
    assert list(document) == ["version", "profile", "properties", "events", "services", "combs"]
    for kind, rows in (("property", "properties"), ("event", "events"), ("service", "services")):
        for row in document[rows]:
            assert row["functionMode"] == kind
            assert row["functionType"] == "u"
    for row in document["properties"]:
        specs = row["dataType"]["specs"]
        assert all(isinstance(value, str) for value in specs.values())


GOOD = [
    ("flag", True),
    ("flag", False),
    ("mode", 7),
    ("count", -5),
    ("any32", -(2**31)),
    ("any64", 2**63 - 1),
    ("level", 0),
    ("level", 0.5),
    ("any", -1e300),
    ("label", "abc"),
    ("old", ""),
    ("free", "x" * 1024),
    ("when", 1_700_000_000_000),
    ("bits", 3),
    ("pair", {"x": 9}),
    ("list", [1, 2]),
]
BAD = [
    ("flag", 1),
    ("flag", "true"),
    ("mode", 1),
    ("mode", "0"),
    ("count", 6),
    ("count", 1.0),
    ("count", True),
    ("any32", 2**31),
    ("level", 0.6),
    ("level", "0.5"),
    ("any", None),
    ("label", "abcd"),
    ("old", "abcd"),
    ("free", "x" * 1025),
    ("when", "now"),
    ("bits", 4),
    ("pair", {"y": 1}),
    ("pair", []),
    ("list", [1, 2, 3]),
    ("list", [10]),
    ("list", 1),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_a_value_of_its_type_fits(name, value):
    assert EVERY.kinds[name].fault(value) is None


@pytest.mark.parametrize(("name", "value"), BAD)
def test_any_other_value_has_a_reason(name, value):
    assert EVERY.kinds[name].fault(value)


def test_the_forms_of_2021_are_read():
    model = read_model(
        json.dumps(
            {
                "properties": [prop("x", "int32", {"min": None, "max": None}, accessMode="r")],
                "events": None,
                "services": [
                    {"identifier": "a", "callType": "a", "input": None, "output": []},
                    {"identifier": "s", "callType": "s"},
                ],
            }
        ).encode()
    )
    assert [row.is_async for row in model.services.values()] == [True, False]
    assert not model.events


def test_services_and_events_have_typed_parameters():
    row = {"identifier": "x", "dataType": INT}
    model = read_model(
        json.dumps(
            {
                "properties": [],
                "events": [{"identifier": "e", "eventType": "info", "outputData": [row]}],
                "services": [
                    {"identifier": "s", "callType": "async", "input": [row], "output": [row]}
                ],
            }
        ).encode()
    )
    assert model.events["e"].fields["x"].fault(10)
    assert model.services["s"].inputs["x"].fault(10)
    assert model.services["s"].outputs["x"].fault(10)


def test_a_page_is_told_how_to_offer_each_type():
    platform = make_thing()
    twin = platform._fleet[platform.devices()[0]]
    twin.model = EVERY
    assert describe(twin)["settable"] == {
        "flag": {"type": "bool", "on": True, "off": False},
        "mode": {"type": "other"},
        "count": {"type": "number", "min": -5, "max": 5},
        "any": {"type": "other"},
        "label": {"type": "other"},
    }


@pytest.mark.parametrize(
    ("expected", "document"),
    [
        ("not JSON", b"{"),
        ("the model is an object", b"[]"),
        ("has no 'properties'", b"{}"),
        ("properties is an array", b'{"properties":{}}'),
        ("properties[0] is an object", b'{"properties":[1]}'),
        ("properties[0].identifier is a text", b'{"properties":[{"identifier":""}]}'),
        ("'x' stands twice", [prop("x", "date"), prop("x", "date")]),
        ("accessMode is one of r, rw, not 'w'", [prop("x", "date", accessMode="w")]),
        ("dataType is an object", [{"identifier": "x"}]),
        ("type is one of bool, enum", [prop("x", "text")]),
        ("type is one of bool, enum", [prop("x", ["bool"])]),
        ("specs has integers for keys", [prop("x", "enum", {"a": "b"})]),
        ("specs is an object", [prop("x", "enum")]),
        ("specs is an object", [prop("x", "float", "0")]),
        ("min 2 is above max 1", [prop("x", "float", {"min": "2", "max": "1"})]),
        ("specs.min is a number", [prop("x", "int32", {"min": "a"})]),
        ("specs.min is a number", [prop("x", "int32", {"min": "inf"})]),
        ("specs.max is a number", [prop("x", "int32", {"max": True})]),
        ("specs.max is a number", [prop("x", "int32", {"max": 10**400})]),
        ("length is 1 to 32 bits", [prop("x", "bitMap", {"length": 33})]),
        ("specs is an array", [prop("x", "struct", {})]),
        ("specs[0].identifier is a text", [prop("x", "struct", [{}])]),
        ("specs.type is one of", [prop("x", "array", {"type": "x"})]),
    ],
)
def test_a_model_that_cannot_be_used_says_where_and_why(expected, document):
    data = (
        document if isinstance(document, bytes) else json.dumps({"properties": document}).encode()
    )
    with pytest.raises(ModelError) as caught:
        read_model(data)
    assert expected in str(caught.value)


def test_a_wrong_event_or_service_says_where():
    for key, row in (("events", {"eventType": "fault"}), ("services", {"callType": "later"})):
        document = {"properties": [], key: [{"identifier": "x"} | row]}
        with pytest.raises(ModelError, match=rf"{key}\[0\] \(x\)\.\w+ is one of"):
            read_model(json.dumps(document).encode())


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(data):
    with suppress(ModelError):
        read_model(data)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "int32", "rw"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["identifier", "dataType", "type", "specs", "min", "length", "0"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
KINDS = st.sampled_from(["bool", "enum", "int32", "float", "string", "bitMap", "struct", "array"])


@given(KINDS, VALUES)
def test_no_specs_break_the_reader(kind, specs):
    document = json.dumps({"properties": [prop("x", kind, specs)]}).encode()
    with suppress(ModelError):
        read_model(document)
