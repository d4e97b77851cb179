"""Types, numbers and units are read as every console writes them."""

import pytest

from agent.models.form import ValueType
from tests.models.support import only


def test_numbers_may_be_numbers_or_texts_or_not_there():
    as_text = {"type": "float", "min": "0", "max": "4e2", "step": "0.1", "unit": "V"}
    as_number = {"type": "float", "min": 0, "max": 400.0, "step": 0.1, "unit": "V"}
    spec = only("tencent", as_text).spec
    assert spec == only("tencent", as_number).spec
    assert (spec.minimum, spec.maximum, spec.step, spec.unit) == (0, 400, 0.1, "V")
    empty = only("onenet", {"type": "float", "specs": {"min": "", "max": None}}).spec
    assert (empty.minimum, empty.maximum, empty.step, empty.unit) == (None, None, None, None)


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("千瓦时 / kWh", "kWh"),
        ("kW·h", "kWh"),
        ("度", "kWh"),
        ("伏特 / V", "V"),
        ("秒", "s"),
        ("", ""),
        ("mA", "mA"),
    ],
)
def test_a_unit_is_its_symbol_however_it_is_written(written, unit):
    assert only("onenet", {"type": "float", "specs": {"unit": written}}).spec.unit == unit


@pytest.mark.parametrize(
    ("define", "kind"),
    [
        ({"type": "bool", "mapping": {"0": "a", "1": "b"}}, ValueType.BOOL),
        ({"type": "bool"}, ValueType.BOOL),
        ({"type": "enum", "mapping": {"0": "a", "7": "b"}}, ValueType.ENUM),
        ({"type": "stringenum", "mapping": {"low": "L"}}, ValueType.TEXT_ENUM),
        ({"type": "int", "min": "0", "max": "5"}, ValueType.INT),
        ({"type": "string", "min": "0", "max": "64"}, ValueType.TEXT),
        ({"type": "timestamp"}, ValueType.DATE),
        ({"type": "array", "arrayInfo": {"type": "int"}}, ValueType.ARRAY),
        ({"type": "image"}, ValueType.OTHER),
    ],
)
def test_every_type_of_a_template_is_known(define, kind):
    assert only("tencent", define).spec.type is kind


@pytest.mark.parametrize(
    ("data_type", "kind"),
    [
        ({"type": "bool", "specs": {"0": "a", "1": "b"}}, ValueType.BOOL),
        ({"type": "enum", "specs": {"0": "a"}}, ValueType.ENUM),
        ({"type": "int", "specs": {"min": "0", "max": "5", "step": "1"}}, ValueType.INT),
        ({"type": "double", "specs": {}}, ValueType.DOUBLE),
        ({"type": "float"}, ValueType.FLOAT),
        ({"type": "text", "specs": {"length": "255"}}, ValueType.TEXT),
        ({"type": "text"}, ValueType.TEXT),
        ({"type": "date", "specs": {}}, ValueType.DATE),
        ({"type": "array", "specs": {"size": "3", "item": {"type": "int"}}}, ValueType.ARRAY),
        ({"type": "array"}, ValueType.ARRAY),
    ],
)
def test_every_type_of_a_tsl_is_known(data_type, kind):
    assert only("aliyun", data_type).spec.type is kind


@pytest.mark.parametrize(
    ("data_type", "kind"),
    [
        ({"type": "bool", "specs": {"true": "a", "false": "b"}}, ValueType.BOOL),
        ({"type": "int64", "specs": {"min": "0", "max": "5", "step": "1"}}, ValueType.LONG),
        ({"type": "string", "specs": {"length": 32}}, ValueType.TEXT),
        ({"type": "string", "specs": {"length": "32"}}, ValueType.TEXT),
        ({"type": "date", "specs": {}}, ValueType.DATE),
        ({"type": "bitMap", "specs": {"length": 2, "define": []}}, ValueType.OTHER),
        ({"type": "array", "specs": {"length": 3, "type": "date", "specs": {}}}, ValueType.ARRAY),
        ({"type": "array", "specs": None}, ValueType.ARRAY),
    ],
)
def test_every_type_of_onenet_is_known(data_type, kind):
    assert only("onenet", data_type).spec.type is kind


def test_members_of_a_struct_are_read_on_every_console():
    specs = [{"identifier": "m", "name": "M", "dataType": {"type": "int", "specs": {"max": "9"}}}]
    (member,) = only("aliyun", {"type": "struct", "specs": specs}).spec.members
    assert (member.identifier, member.title.zh, member.spec.maximum) == ("m", "M", 9)
    specs = [{"identifier": "m", "dataType": {"type": "int32"}}]
    assert only("onenet", {"type": "struct", "specs": specs}).spec.members[0].identifier == "m"
    specs = [{"id": "m", "dataType": {"type": "int", "max": "9"}}]
    assert only("tencent", {"type": "struct", "specs": specs}).spec.members[0].spec.maximum == 9
