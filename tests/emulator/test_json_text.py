import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.emulator.json_text import MAX_DEPTH, JsonError, decode, encode

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(VALUES)
def test_what_is_encoded_decodes_to_the_same(value):
    assert decode(encode(value)) == value


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_but_json_error(data):
    try:
        decode(data)
    except JsonError:
        return


@pytest.mark.parametrize(
    "data", [b"NaN", b"-Infinity", b"1e999", b"", b"{} {}", b"\xff", b"[" * 9999]
)
def test_what_is_no_json_is_refused(data):
    with pytest.raises(JsonError):
        decode(data)


def test_nesting_has_a_limit_and_width_has_none():
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert decode(deepest) == json.loads(deepest)
    with pytest.raises(JsonError):
        decode(b"[" + deepest + b"]")
    assert len(decode(b"[" + b"[]," * 500 + b"[]]")) == 501
