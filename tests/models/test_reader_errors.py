"""What is no model is one plain error, whatever the bytes."""

import copy
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.models.consoles import CONSOLES, read_export
from agent.models.form import ModelError
from agent.models.reading import MAX_BYTES, Node
from tests.models.support import CLOUDS, exported, only, read


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
