"""What is remembered of a request reads back, and no damage to it raises anything."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.answers import is_stored_key, key_of, read_outcome, stored_key, write_outcome
from agent.messages import ActionCall, Outcome, PropertySet, Refusal, RefusalKind

VALUE = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
VALUES = st.dictionaries(st.text(), VALUE, max_size=5)
REFUSAL = st.builds(Refusal, kind=st.sampled_from(RefusalKind), reason=st.text())
OUTCOME = st.builds(Outcome, refusal=st.none() | REFUSAL, values=VALUES)
JSON = st.recursive(
    st.none() | VALUE,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(), each, max_size=3),
)


@given(outcome=OUTCOME)
def test_an_outcome_reads_back(outcome):
    assert read_outcome(write_outcome(outcome)) == outcome


@given(text=st.text())
def test_no_text_raises(text):
    read_outcome(text)


@given(refusal=JSON, values=JSON)
def test_no_json_raises(refusal, values):
    read_outcome(json.dumps({"refusal": refusal, "values": values}))


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "[]",
        "[" * 100_000,
        '{"refusal": null}',
        '{"refusal": null, "values": {"a": []}}',
        '{"refusal": {"kind": "new", "reason": ""}, "values": {}}',
    ],
)
def test_what_is_no_outcome_is_none(text):
    assert read_outcome(text) is None


def test_a_key_tells_method_and_payload_apart_and_is_short():
    values = {"a": 1}
    requests = [
        PropertySet(request_id="1", values=values),
        ActionCall(request_id="1", name="", values=values),
        ActionCall(request_id="1", name="b", values=values),
        ActionCall(request_id="1", name="b", values={"a": True}),
        ActionCall(request_id="1", name="b", values={"a": 1.0}),
        ActionCall(request_id='1", "', name="b", values={"a": "x" * 10_000}),
    ]
    keys = {key_of("tencent", request) for request in requests}
    assert len(keys) == len(requests)
    assert {len(key) for key in keys} == {64}
    assert not any(is_stored_key(key) for key in keys)
    assert is_stored_key(stored_key("tencent"))


def test_a_key_does_not_depend_on_the_order_of_the_payload():
    one = ActionCall(request_id="1", name="b", values={"a": 1, "b": 2})
    other = ActionCall(request_id="1", name="b", values={"b": 2, "a": 1})
    assert key_of("tencent", one) == key_of("tencent", other)


def test_a_countdown_to_on_is_another_request_than_one_to_off():
    bare = PropertySet(request_id="1", values={"count_down": 60})
    keys = {key_of("aliyun", replace(bare, ends_in=end)) for end in (None, False, True)}
    assert len(keys) == 3
