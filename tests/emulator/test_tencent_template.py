import json

import pytest

from agent.emulator.makers import MODELS
from agent.emulator.model_file import ModelError
from agent.emulator.tencent.template import read_template

WITH_EVERY_TYPE = {
    "version": "1.0",
    "properties": [
        {"id": "flag", "mode": "rw", "define": {"type": "bool", "mapping": {"0": "a", "1": "b"}}},
        {"id": "mode", "mode": "rw", "define": {"type": "enum", "mapping": {"0": "a", "7": "b"}}},
        {"id": "speed", "mode": "r", "define": {"type": "stringenum", "mapping": {"low": "L"}}},
        {"id": "count", "mode": "r", "define": {"type": "int", "min": "-5", "max": "5"}},
        {"id": "level", "mode": "r", "define": {"type": "float", "min": "0", "max": "0.5"}},
        {"id": "label", "mode": "rw", "define": {"type": "string", "min": "1", "max": "3"}},
        {"id": "when", "mode": "r", "define": {"type": "timestamp"}},
        {
            "id": "pair",
            "mode": "r",
            "define": {
                "type": "struct",
                "specs": [{"id": "x", "dataType": {"type": "int", "min": "0", "max": "9"}}],
            },
        },
        {
            "id": "list",
            "mode": "r",
            "define": {
                "type": "array",
                "arrayInfo": {"type": "int", "min": "0", "max": "9"},
            },
        },
    ],
}


def test_the_shipped_model_has_the_reference_sockets_identifiers():
    model = read_template((MODELS / "tencent-socket.json").read_bytes())
    assert list(model.properties) == [
        "power_switch",
        "voltage",
        "current",
        "active_power",
        "apparent_power",
        "power_factor",
        "total_kwh",
        "count_down",
    ]
    assert {name for name, row in model.properties.items() if row.is_writable} == {
        "power_switch",
        "count_down",
    }
    assert {name: list(row.fields) for name, row in model.events.items()} == {
        "status_report": ["status", "message"],
        "low_voltage": ["voltage"],
        "hardware_fault": ["name", "error_code"],
        "notice": ["name", "text"],
    }
    assert [row.level for row in model.events.values()] == ["info", "alert", "fault", "info"]
    assert list(model.actions) == ["reset_energy"]


def test_the_shipped_model_writes_its_numbers_as_texts():
    document = json.loads((MODELS / "tencent-socket.json").read_text())
    for row in document["properties"]:
        limits = {key: row["define"].get(key, "") for key in ("min", "max", "start", "step")}
        assert all(isinstance(value, str) for value in limits.values())


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("flag", [0, 1], [True, 2, "1", None, 1.0]),
        ("mode", [0, 7], [1, "0", True, 0.0]),
        ("speed", ["low"], ["L", 0, None]),
        ("count", [-5, 5], [6, 5.0, True, "1"]),
        ("level", [0, 0.5], [0.6, -1, "0.1", False]),
        ("label", ["a", "abc"], ["", "abcd", 1]),
        ("when", [0, 1_577_871_650], ["0", 1.5]),
        ("pair", [{"x": 1}, {}], [{"x": 10}, {"y": 1}, [], 1]),
        ("list", [[], [1, 9]], [[10], ["1"], {}, 1]),
    ],
)
def test_each_type_takes_its_wire_form_and_nothing_else(name, good, bad):
    kind = read_template(json.dumps(WITH_EVERY_TYPE).encode()).kinds[name]
    assert [kind.fault(value) for value in good] == [None] * len(good)
    assert all(kind.fault(value) for value in bad)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"{", "not JSON"),
        (b"[]", "the template is an object"),
        (b"{}", "no 'properties'"),
        ({"properties": {}}, "properties is an array"),
        ({"properties": [1]}, "properties[0] is an object"),
        ({"properties": [{}]}, "properties[0].id is a text"),
        ({"properties": [{"id": "a"}]}, "properties[0] (a).define is an object"),
        ({"properties": [{"id": "a", "mode": "w", "define": {}}]}, "mode is one of r, rw"),
        ({"properties": [{"id": "a", "define": {"type": "double"}}]}, "type is one of bool, enum"),
        ({"properties": [{"id": "a", "define": {"type": "int"}}]}, "define.min is a number"),
        (
            {"properties": [{"id": "a", "define": {"type": "int", "min": "x", "max": "1"}}]},
            "define.min is a number, not 'x'",
        ),
        (
            {"properties": [{"id": "a", "define": {"type": "int", "min": "2", "max": "1"}}]},
            "min 2 is above max 1",
        ),
        (
            {"properties": [{"id": "a", "define": {"type": "timestamp"}}] * 2},
            "properties[1].id 'a' stands twice",
        ),
        (
            {"properties": [{"id": "a", "define": {"type": "enum", "mapping": {"x": ""}}}]},
            "mapping has integers for keys",
        ),
        ({"properties": [], "events": [{"id": "e"}]}, "events[0] (e).type is one of info"),
    ],
)
def test_a_broken_template_says_where_and_what(document, reason):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(ModelError) as caught:
        read_template(data)
    assert reason in str(caught.value)


@pytest.mark.parametrize("limit", ["inf", "-inf", "nan"])
def test_a_limit_that_is_no_finite_number_is_refused(limit):
    define = {"type": "string", "min": "0", "max": limit}
    document = {"properties": [{"id": "a", "mode": "r", "define": define}]}
    with pytest.raises(ModelError, match="max"):
        read_template(json.dumps(document).encode())
