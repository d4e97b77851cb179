"""The TSL: what a console's file says, and what is wrong with one that cannot be used."""

import json

import pytest

from agent.emulator.aliyun.tsl import read_tsl
from agent.emulator.aliyun.types import Checks
from agent.emulator.model_file import ModelError
from tests.emulator.aliyun import MODEL, SOCKET

STRICT = Checks(ranges=True)
WEAK = Checks()


def typed(name, **specs):
    return {"type": name, "specs": specs}


def field(identifier, kind):
    return {"identifier": identifier, "name": identifier, "dataType": kind}


def one(kind):
    return {"properties": [field("p", kind)]}


def read(document):
    return read_tsl(document if isinstance(document, bytes) else json.dumps(document).encode())


def test_the_shipped_model_has_the_sockets_identifiers():
    assert list(SOCKET.properties) == [
        "PowerSwitch",
        "CurrentVoltage",
        "Current",
        "RealTimePower",
        "ApparentPower",
        "PowerFactor",
        "PowerConsumption",
        "UnitPowerConsumption",
        "CountDown",
        "CountDownList",
        "OverCurrentThreshold",
        "LocalTimer",
    ]
    writable = {name for name, row in SOCKET.properties.items() if row.is_writable}
    assert writable == {
        "PowerSwitch",
        "CountDown",
        "CountDownList",
        "OverCurrentThreshold",
        "LocalTimer",
    }
    assert {name: (row.level, list(row.fields)) for name, row in SOCKET.events.items()} == {
        "OverCurrent": ("alert", ["Current", "Threshold", "TripState"]),
        "Trip": ("alert", ["Cause", "Value", "Limit", "Duration"]),
        "LowVoltage": ("alert", ["Voltage"]),
        "HardwareFault": ("error", ["Name", "ErrorCode"]),
        "Notice": ("info", ["Name", "Text"]),
    }
    assert {name: row.is_synchronous for name, row in SOCKET.services.items()} == {
        "ResetEnergy": False
    }


def test_the_shipped_model_is_a_whole_export_with_its_built_ins():
    document = json.loads(MODEL.read_bytes())
    bare = [
        {key: row[key] for key in ("identifier", "name", "dataType")}
        for row in document["properties"]
    ]
    writable = [row["identifier"] for row in document["properties"] if row["accessMode"] == "rw"]
    (post,) = (row for row in document["events"] if row["identifier"] == "post")
    built_in = {row["identifier"]: row for row in document["services"]}
    assert post["outputData"] == built_in["get"]["outputData"] == bare
    assert built_in["get"]["inputData"] == [row["identifier"] for row in bare]
    assert [row["identifier"] for row in built_in["set"]["inputData"]] == writable
    assert all(row["callType"] == "async" for row in document["services"])
    for row in [*document["events"], *document["services"]]:
        kind = "event" if row in document["events"] else "service"
        name = row["identifier"]
        is_built_in = name in {"post", "set", "get"}
        middle = f"property.{name}" if is_built_in else name
        ending = ".post" if kind == "event" and not is_built_in else ""
        assert row["method"] == f"thing.{kind}.{middle}{ending}"
        assert row["required"] is is_built_in


def test_the_shipped_model_writes_its_numbers_as_texts():
    for row in json.loads(MODEL.read_bytes())["properties"]:
        specs = row["dataType"]["specs"]
        if isinstance(specs, dict):
            numbers = [value for key, value in specs.items() if key != "item"]
            assert all(isinstance(value, str) for value in numbers)


def test_a_simplified_export_is_read_too():
    tsl = read(one({"type": "bool"}))
    assert tsl.properties["p"].is_writable
    assert (tsl.events, tsl.services) == ({}, {})


INT = typed("int", min="-5", max="5", step="1")
FLOAT = typed("float", min="0", max="0.5", step="0.1")


@pytest.mark.parametrize(
    ("kind", "good", "weak", "bad"),
    [
        (INT, [-5, 5], [6, 2**31 - 1], [2**31, -(2**31) - 1, 5.0, True, "1", None, 10**400]),
        (typed("int"), [0, 2**31 - 1], [], [2**31]),
        (FLOAT, [0, 0.5], [0.6, -1, 10**400], ["0.1", False, None, []]),
        (typed("double", min="0", max="1"), [1.0], [1.5], ["1"]),
        (typed("bool", **{"0": "a", "1": "b"}), [0, 1], [], [True, 2, "1", None, 1.0]),
        (typed("enum", **{"0": "a", "7": "b"}), [0, 7], [1], ["0", True, 0.0, None]),
        (typed("text", length="3"), ["", "abc"], ["abcd"], [1, None]),
        (typed("date"), ["0", "1524448722000"], [], [1, "", "-1", "１", "1" * 21]),
        (
            {"type": "struct", "specs": [field("x", INT), field("y", typed("date"))]},
            [{}, {"x": 1}, {"x": 1, "y": "0"}],
            [{"x": 6}],
            [[], 1, {"z": 1}, {"x": "1"}, {"x": 1, "y": 0}],
        ),
        (
            typed("array", size="2", item={"type": "text", "specs": {"length": "1"}}),
            [[], ["a", "b"]],
            [["a", "b", "c"], ["ab"]],
            [{}, "a", [1]],
        ),
        (
            typed("array", size="2", item={"type": "struct", "specs": [field("x", INT)]}),
            [[{"x": 1}]],
            [[{"x": 6}]],
            [[{"y": 1}], [1]],
        ),
    ],
)
def test_each_type_takes_its_wire_form_and_nothing_else(kind, good, weak, bad):
    found = read(one(kind)).kinds["p"]
    for checks in (WEAK, STRICT):
        assert [found.misfit(value, checks) for value in good] == [None] * len(good)
        assert all(found.misfit(value, checks) for value in bad)
    assert [found.misfit(value, WEAK) for value in weak] == [None] * len(weak)
    assert all(found.misfit(value, STRICT) for value in weak)


@pytest.mark.parametrize(
    ("code", "kind", "value"),
    [
        (6306, INT, "x"),
        (6307, FLOAT, "x"),
        (6322, typed("double"), "x"),
        (6308, typed("bool"), "x"),
        (6309, typed("enum", **{"0": "a"}), "x"),
        (6310, typed("text", length="1"), 1),
        (6311, typed("date"), 1),
        (6312, {"type": "struct", "specs": []}, 1),
        (6304, {"type": "struct", "specs": []}, {"x": 1}),
        (6328, typed("array", size="1", item={"type": "float"}), 1),
        (6325, typed("array", size="1", item={"type": "float"}), ["x"]),
        (6324, typed("array", size="1", item={"type": "float"}), [0.5, 0.5]),
    ],
)
def test_each_misfit_has_the_platforms_code(code, kind, value):
    assert read(one(kind)).kinds["p"].misfit(value, STRICT).code == code


NESTED = {"type": "struct", "specs": [field("x", {"type": "struct", "specs": []})]}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"{", "not JSON"),
        (b"[]", "the TSL is an object"),
        (b"{}", "no 'properties'"),
        ({"properties": {}}, "properties is an array"),
        ({"properties": [1]}, "properties[0] is an object"),
        ({"properties": [{}]}, "properties[0].identifier is 1 to 50 letters"),
        ({"properties": [{"identifier": "a-b"}]}, "properties[0].identifier is 1 to 50 letters"),
        ({"properties": [field("value", typed("date"))]}, "'value' is reserved"),
        ({"properties": [field("a", typed("date"))] * 2}, "identifier 'a' stands twice"),
        ({"properties": [{"identifier": "a"}]}, "properties[0] (a).dataType is an object"),
        (
            {"properties": [{"identifier": "a", "accessMode": "x"}]},
            "properties[0] (a).accessMode is one of r, rw, not 'x'",
        ),
        (one({"type": "number"}), "dataType.type is one of int, float, double, bool, enum, text"),
        (one(typed("int", min="x", max="1")), "specs.min is a number, not 'x'"),
        (one(typed("int", min=True)), "specs.min is a number, not True"),
        (one(typed("int", min="inf")), "specs.min is a number, not 'inf'"),
        (one(typed("float", min="2", max="1")), "min 2 is above max 1"),
        (one(typed("double", max=10**400)), "specs.max is a number"),
        (one({"type": "int", "specs": []}), "specs is an object"),
        (one({"type": "bool", "specs": []}), "specs is an object"),
        (one({"type": "date", "specs": []}), "specs is an object"),
        (one(typed("enum")), "has 1 to 100 names, not 0"),
        (one(typed("enum", x="")), "has integers for keys"),
        (one(typed("text")), "specs.length is a number, not None"),
        (one(typed("text", length="0")), "specs.length is a whole number of 1 to 10240, not 0"),
        (one(typed("text", length="1.5")), "specs.length is a whole number"),
        (one(typed("array", size="513")), "specs.size is a whole number of 1 to 512"),
        (one(typed("array", size="1", item=1)), "specs.item is an object"),
        (one(typed("array", size="1", item={"type": "bool"})), "specs.item.type is one of int"),
        (one({"type": "struct", "specs": {}}), "specs is an array of at most 50 members"),
        (one({"type": "struct", "specs": [1]}), "specs[0] is an object"),
        (one({"type": "struct", "specs": [{}]}), "specs[0].identifier is a text that stands once"),
        (one(NESTED), "specs[0] (x).dataType.type is one of int"),
        ({"properties": [], "events": [{"identifier": "e", "type": "x"}]}, "type is one of info"),
        (
            {"properties": [], "services": [{"identifier": "s", "callType": "x"}]},
            "services[0] (s).callType is one of async, sync",
        ),
        (
            {"properties": [], "services": [{"identifier": "s", "inputData": ["x"]}]},
            "services[0] (s).inputData[0] is an object",
        ),
    ],
)
def test_a_broken_tsl_says_where_and_what(document, reason):
    with pytest.raises(ModelError) as caught:
        read(document)
    assert reason in str(caught.value)
