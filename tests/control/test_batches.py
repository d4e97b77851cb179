"""Batches and hostile bytes: any line is answered or needs no answer, and the server goes on."""

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.control.protocol import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    MAX_BATCH,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    REFUSED,
    ProtocolError,
    Request,
    batch_line,
    parse_line,
)
from tests.control.served import Agent, serve
from tests.control.test_protocol import ids, values


def entry(method, number=None, **params):
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    return message if number is None else {**message, "id": number}


async def ask(path, *messages):
    """Send each message as a line of its own and read until the server ends."""
    reader, writer = await asyncio.open_unix_connection(path)
    lines = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in messages]
    writer.write(b"".join(line + b"\n" for line in lines))
    writer.write_eof()
    async with asyncio.timeout(10):
        answers = [json.loads(line) async for line in reader]
    writer.close()
    await writer.wait_closed()
    return answers


# ── parsing ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("count", [0, MAX_BATCH + 1])
def test_a_batch_of_none_or_of_too_many_is_no_request(count):
    line = json.dumps([entry("echo", 1)] * count).encode()
    with pytest.raises(ProtocolError, match="a batch has 1 to 20 requests") as caught:
        parse_line(line)
    assert caught.value.code == INVALID_REQUEST


def test_a_batch_of_one_is_a_batch():
    (one,) = parse_line(json.dumps([entry("echo", 1)]).encode())
    assert one == parse_line(json.dumps(entry("echo", 1)).encode())


def fault_code(line):
    try:
        parse_line(line)
    except ProtocolError as error:
        return error.code
    return None


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: repr(text).encode()))
def test_any_bytes_are_requests_or_one_error(line):
    assert fault_code(line) in (None, PARSE_ERROR, INVALID_REQUEST, INVALID_PARAMS)


@given(st.lists(values, min_size=1, max_size=MAX_BATCH))
def test_each_entry_of_a_batch_is_a_request_or_its_own_error(batch):
    parsed = parse_line(json.dumps(batch).encode())
    assert not isinstance(parsed, Request)
    assert len(parsed) == len(batch)


def test_answers_are_joined_to_one_line():
    assert batch_line([b'{"a":1}\n', b'{"b":2}\n']) == b'[{"a":1},{"b":2}]\n'


# ── served ──────────────────────────────────────────────────────────────────────────────────


async def test_a_batch_is_done_in_order_and_answered_in_one_line(tmp_path):
    agent = Agent()
    agent.gate.set()
    batch = [
        entry("echo", 1, n=1),
        entry("echo", n=2),
        entry("fly", "x"),
        3,
        entry("refuse", 4),
        entry("wait", 5, n=5),
        entry("wait", n=6),
        entry("echo", None) | {"id": None},
    ]
    async with serve(tmp_path / "c.sock", agent):
        (answers,) = await ask(tmp_path / "c.sock", batch)
    assert [each["id"] for each in answers] == [1, "x", None, 4, 5, None]
    codes = [each.get("error", {}).get("code") for each in answers]
    assert codes == [None, METHOD_NOT_FOUND, INVALID_REQUEST, REFUSED, None, None]
    assert [params.get("n") for _, params in agent.asked] == [1, 2, 5, 6, None]


async def test_a_batch_of_notifications_only_is_not_answered(tmp_path):
    agent = Agent()
    agent.gate.set()
    batch = [entry("echo", n=1), entry("fly"), entry("refuse"), entry("wait", n=2)]
    async with serve(tmp_path / "c.sock", agent):
        assert await ask(tmp_path / "c.sock", batch, entry("wait_and_refuse")) == []
    assert [params["n"] for _, params in agent.asked] == [1, 2]


async def test_an_error_tells_a_program_what_and_of_what(tmp_path):
    async with serve(tmp_path / "c.sock", Agent()):
        unknown, refused, params = await ask(
            tmp_path / "c.sock", entry("ecco", 1), entry("trip", 2), entry("take", 3, cuont=1)
        )
    assert unknown["error"]["data"] == {"kind": "unknown_method", "key": "ecco"}
    assert "did you mean 'echo'?" in unknown["error"]["message"]
    assert refused["error"]["code"] == REFUSED
    assert refused["error"]["data"] == {"kind": "tripped"}
    assert params["error"]["code"] == INVALID_PARAMS
    assert params["error"]["data"] == {"kind": "invalid_params", "key": "cuont"}


hostile = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda *parts: json.dumps(parts).encode(), values, ids),
    st.builds(
        lambda method, params, number: json.dumps(
            {"jsonrpc": "2.0", "method": method, "params": params, "id": number}
        ).encode(),
        st.sampled_from(["echo", "refuse", "take", "trip"]) | values,
        values,
        values,
    ),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(hostile, max_size=5))
def test_the_server_survives_any_bytes_and_answers_what_follows(lines):
    async def send(path):
        async with serve(path, Agent()):
            clean = [line.replace(b"\n", b" ") for line in lines]
            answers = await ask(path, *clean, entry("echo", "last", n=1))
        assert answers[-1]["id"] == "last"
        assert len(answers) <= len(lines) + 1

    with TemporaryDirectory() as folder:
        asyncio.run(send(Path(folder) / "c.sock"))
