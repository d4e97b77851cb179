"""JSON-RPC lines: any bytes are a request or one error."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.control.protocol import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    MAX_LINE,
    PARSE_ERROR,
    ProtocolError,
    Request,
    error_line,
    long_result_line,
    parse_line,
    request_line,
    result_line,
)

ids = st.none() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.text(max_size=30), st.dictionaries(st.text(max_size=10), values, max_size=4), ids)
def test_a_request_survives_the_line(method, params, request_id):
    request = Request(method=method, params=params, request_id=request_id)
    line = request_line(request)
    assert line.count(b"\n") == 1
    assert parse_line(line) == request


def fault_code(line):
    try:
        parse_line(line)
    except ProtocolError as error:
        return error.code
    return None


@given(st.binary(max_size=200) | st.from_type(object).map(lambda o: repr(o).encode()))
def test_any_bytes_are_a_request_or_one_error(line):
    assert fault_code(line) in (None, PARSE_ERROR, INVALID_REQUEST, INVALID_PARAMS)


@given(values, ids)
def test_any_json_is_a_request_or_one_error(value, request_id):
    for message in (value, {"jsonrpc": "2.0", "method": value, "params": value, "id": request_id}):
        code = fault_code(json.dumps(message).encode())
        assert code in (None, INVALID_REQUEST, INVALID_PARAMS)


@pytest.mark.parametrize(
    ("line", "code", "request_id"),
    [
        (b"{", PARSE_ERROR, None),
        (b"\xff", PARSE_ERROR, None),
        (b"[" * 60_000, PARSE_ERROR, None),
        (b"9" * 5_000, PARSE_ERROR, None),
        (b'{"jsonrpc":"2.0","method":"x","id":' + b"1" * MAX_LINE + b"}", INVALID_REQUEST, None),
        (b'{"jsonrpc":"2.0","method":"x","id":NaN}', PARSE_ERROR, None),
        (b'{"jsonrpc":"2.0","method":"x","params":{"a":-Infinity}}', PARSE_ERROR, None),
        (b'{"jsonrpc":"2.0","method":"x","id":1e999}', INVALID_REQUEST, None),
        (b"[]", INVALID_REQUEST, None),
        (b"{}", INVALID_REQUEST, None),
        (b'{"jsonrpc":"1.0","method":"x","id":7}', INVALID_REQUEST, 7),
        (b'{"jsonrpc":"2.0","method":1,"id":"a"}', INVALID_REQUEST, "a"),
        (b'{"jsonrpc":"2.0","method":"x","id":true}', INVALID_REQUEST, None),
        (b'{"jsonrpc":"2.0","method":"x","params":[1],"id":7}', INVALID_PARAMS, 7),
    ],
)
def test_each_fault_has_its_code_and_the_id_where_there_is_one(line, code, request_id):
    with pytest.raises(ProtocolError) as caught:
        parse_line(line)
    assert (caught.value.code, caught.value.request_id) == (code, request_id)


def test_a_request_without_an_id_wants_no_answer():
    line = request_line(Request(method="off", is_notification=True))
    assert b'"id"' not in line
    assert parse_line(line).is_notification


def test_answers_are_one_line_each():
    assert result_line(1, {"a": "b\nc"}) == b'{"jsonrpc":"2.0","id":1,"result":{"a":"b\\nc"}}\n'
    assert json.loads(error_line(None, -32000, "no")) == {
        "jsonrpc": "2.0",
        "id": None,
        "error": {"code": -32000, "message": "no"},
    }


@given(
    result=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_long_result_is_written_as_a_short_one_is(result):
    assert long_result_line(7, result) == result_line(7, result)
