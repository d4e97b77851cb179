"""Consoles' exports in the forms of their years are read; anything else is one plain error."""

import copy
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.models.consoles import CONSOLES, read_export
from agent.models.form import FeatureKind, ModelError, ValueType
from agent.models.reading import MAX_BYTES, Node
from agent.models.recognition import recognised
from tests.models.support import CLOUDS, as_bytes, exported


def read(cloud, document):
    return read_export(cloud, document if isinstance(document, bytes) else as_bytes(document))


def only(cloud, data_type, **row):
    """Read a model of one property."""
    head = {"id" if cloud == "tencent" else "identifier": "x", **row}
    key = "define" if cloud == "tencent" else "dataType"
    (feature,) = read(cloud, {"properties": [{**head, key: data_type}]}).features
    return feature


def test_a_template_that_was_saved_in_the_code_page_of_windows_is_read():
    text = json.dumps(exported("tencent"), ensure_ascii=False)
    model = read("tencent", text.encode("gbk"))
    assert model.features[0].title.zh == "电源开关"
    assert read("tencent", b"\xef\xbb\xbf" + text.encode()) == model


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


def test_onenets_file_of_2021_has_no_profile_short_calls_and_null_for_nothing():
    model = read(
        "onenet",
        {
            "properties": [
                {
                    "identifier": "a",
                    "functionType": "s",
                    "accessMode": "rw",
                    "dataType": {"type": "int32", "specs": {"min": None, "unit": None}},
                }
            ],
            "events": None,
            "services": [{"identifier": "b", "callType": "a", "input": None, "output": None}],
        },
    )
    assert [row.identifier for row in model.features] == ["a", "b"]
    assert model.features[1].call == "async"
    assert model.told == frozenset(FeatureKind)


def test_a_simple_tsl_says_nothing_of_what_it_leaves_out():
    model = read(
        "aliyun", {"properties": [{"identifier": "a", "dataType": {"type": "int", "specs": {}}}]}
    )
    assert model.told == {FeatureKind.PROPERTY}
    assert model.features[0].is_writable is None


def test_what_aliyun_adds_to_every_model_is_not_the_products_own():
    model = read("aliyun", exported("aliyun"))
    assert not {row.identifier for row in model.features} & {"post", "set", "get"}


@pytest.mark.parametrize(
    ("cloud", "key"), [("tencent", "ProductId"), ("aliyun", "productKey"), ("onenet", "productId")]
)
def test_the_product_is_read_from_the_profile(cloud, key):
    document = exported(cloud)
    document["profile"][key] = "P1"
    assert read(cloud, document).product == "P1"


def test_the_product_of_the_cloud_apis_samples_is_read_too():
    document = exported("tencent")
    document["profile"] = {"productID": "P1"}
    assert read("tencent", document).product == "P1"


@pytest.mark.parametrize("asked", CLOUDS)
@pytest.mark.parametrize("given", CLOUDS)
def test_the_export_of_another_console_is_called_by_its_name(asked, given):
    if asked == given:
        assert read(asked, exported(given)).cloud == asked
        return
    with pytest.raises(ModelError) as caught:
        read(asked, exported(given))
    assert f"of {given}, not the" in str(caught.value)
    assert f"polycloud model diff {given} FILE" in str(caught.value)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_file_with_properties_alone_is_told_by_its_types_and_keys(cloud):
    assert recognised({"properties": exported(cloud)["properties"]}) == cloud


@pytest.mark.parametrize(
    ("data_type", "cloud"),
    [
        ({"type": "bool", "specs": {"0": "a", "1": "b"}}, "aliyun"),
        ({"type": "bool", "specs": {"true": "a", "false": "b"}}, "onenet"),
        ({"type": "float", "specs": {"unit": "V", "unitName": "V"}}, "aliyun"),
        ({"type": "int64"}, "onenet"),
        ({"type": "enum", "specs": {"0": "a"}}, None),
        ({"type": "float", "specs": {"unit": "V"}}, None),
    ],
)
def test_one_property_tells_the_console_by_its_type(data_type, cloud):
    assert recognised({"properties": [{"identifier": "x", "dataType": data_type}]}) == cloud


@pytest.mark.parametrize("document", [None, [], {}, {"properties": [1]}, {"properties": {}}])
def test_what_has_no_mark_is_nobodys(document):
    assert recognised(document) is None
    assert recognised({"properties": [{"id": 1, "identifier": 2, "define": 0}]}) is None


@pytest.mark.parametrize(
    ("cloud", "document", "reason"),
    [
        ("tencent", b"{", "this is no JSON: Expecting property name"),
        ("tencent", b"\xff\xff", "this is no JSON"),
        ("tencent", b'{"properties": NaN}', "NaN is no value of JSON"),
        ("tencent", b"[" * 100_000, "nested without end"),
        ("tencent", b" " * (MAX_BYTES + 1), "2,097,153 bytes are no thing model"),
        ("tencent", b"[]", "the file is an object, not a list"),
        ("tencent", {}, "the list 'properties' is missing"),
        ("aliyun", {"properties": "x"}, "this is no TSL (物模型) of aliyun"),
        ("tencent", {"properties": [1]}, "properties[0] is an object, not 1"),
        ("tencent", {"properties": [{}]}, "properties[0].id is a text of 1 to 512 characters"),
        ("tencent", {"properties": [{"id": "a"}]}, "properties[0] (a).define is an object"),
        ("tencent", {"properties": [{"id": "a", "define": {}}]}, "(a).define.type is a text"),
        (
            "tencent",
            {"properties": [{"id": "a", "define": {"type": "int", "max": "1_0"}}]},
            "properties[0] (a).define.max is a number, or a number in quotes, not '1_0'",
        ),
        (
            "tencent",
            {"properties": [{"id": "a", "define": {"type": "int", "max": True}}]},
            "not true or false",
        ),
        (
            "tencent",
            {"properties": [{"id": "a", "define": {"type": "int", "max": "1e999"}}]},
            "is a number, or a number in quotes, not '1e999'",
        ),
        (
            "tencent",
            {"properties": [{"id": "a", "mode": "x", "define": {"type": "int"}}]},
            "properties[0] (a).mode is rw | r | w, not 'x'",
        ),
        (
            "tencent",
            {"properties": [{"id": "a", "define": {"type": "timestamp"}}] * 2},
            "properties[1]: 'a' stands twice in properties",
        ),
        ("tencent", {"properties": [], "events": {}}, "events is a list, not an object"),
        (
            "aliyun",
            {"properties": [], "services": [{"identifier": "s", "callType": "s"}]},
            "services[0] (s).callType is async | sync, not 's'",
        ),
        (
            "aliyun",
            {"properties": [{"identifier": "a", "rwFlag": "READ_ONLY"}]},
            "properties[0] has the form of the cloud API (ThingModelJson",
        ),
    ],
)
def test_what_is_no_model_is_told_with_place_and_what_is_allowed(cloud, document, reason):
    with pytest.raises(ModelError) as caught:
        read(cloud, document)
    assert reason in str(caught.value)


def test_types_within_types_end_somewhere():
    data_type = {"type": "int"}
    for _ in range(20):
        data_type = {"type": "struct", "specs": [{"identifier": "m", "dataType": data_type}]}
    with pytest.raises(ModelError, match="nested more than"):
        only("aliyun", data_type)


def test_what_cannot_be_printed_is_replaced():
    document = {"properties": [{"id": "a\x1b[2J", "define": {"type": "bool"}}]}
    assert read("tencent", document).features[0].identifier == "a\N{REPLACEMENT CHARACTER}[2J"
    half = b'{"properties": [{"id": "a\\ud800", "define": {"type": "bool"}}]}'
    assert read("tencent", half).features[0].identifier == "a\N{REPLACEMENT CHARACTER}"


KEYS = """
    id identifier name define dataType type specs mapping properties events actions services
    params input inputData outputData output int float struct array arrayInfo item bool enum text
    min max length unit callType accessMode mode rw profile productKey post
"""
WORDS = st.sampled_from(KEYS.split())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=8),
    max_leaves=12,
)
LISTS = st.lists(st.dictionaries(WORDS, JSON, max_size=4), max_size=3)
DOCUMENTS = JSON | st.fixed_dictionaries(
    {"properties": LISTS}, optional={"events": LISTS, "services": LISTS, "actions": LISTS}
)


@pytest.mark.parametrize("cloud", CLOUDS)
@settings(max_examples=150, deadline=None)
@given(document=DOCUMENTS)
def test_a_reader_raises_nothing_but_its_one_error(cloud, document):
    with suppress(ModelError):
        CONSOLES[cloud].read(Node(value=document, where=""))


@pytest.mark.parametrize("cloud", CLOUDS)
@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=60) | DOCUMENTS.map(json.dumps).map(str.encode))
def test_any_bytes_are_a_model_or_one_error(cloud, data):
    with suppress(ModelError):
        assert read_export(cloud, data).cloud == cloud


def places(value, path=()):
    """List the paths to everything inside a document."""
    yield path
    if isinstance(value, dict):
        inner = value.items()
    else:
        inner = enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*path, key))


@pytest.mark.parametrize("cloud", CLOUDS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_an_export_with_one_thing_changed_is_a_model_or_one_error(cloud, data):
    document = copy.deepcopy(exported(cloud))
    path = data.draw(st.sampled_from([path for path in places(document) if path]))
    owner = document
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = data.draw(JSON)
    with suppress(ModelError):
        assert read(cloud, document).cloud == cloud
