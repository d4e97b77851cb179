"""The control socket: a real server, real connections."""

import asyncio
import json
import socket
import threading

import pytest

from agent.control.client import ControlClient
from agent.control.connection import MAX_CLIENTS
from agent.control.protocol import MAX_LINE, METHOD_NOT_FOUND, REFUSED
from agent.control.server import ControlServer
from agent.errors import ControlError
from agent.model import OriginKind
from tests.control.served import NO_GROUP, USER, Agent, serve


@pytest.fixture
def agent():
    return Agent()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "control.sock"


async def ask(path, *lines):
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b"".join(lines))
    writer.write_eof()
    async with asyncio.timeout(10):
        answers = [json.loads(line) async for line in reader]
    writer.close()
    await writer.wait_closed()
    return answers


def request(method, params=None, request_id=1):
    message = {"jsonrpc": "2.0", "method": method, "params": params or {}, "id": request_id}
    return json.dumps(message).encode() + b"\n"


async def test_a_method_is_called_with_who_asks(path, agent):
    async with serve(path, agent):
        client = ControlClient(str(path))
        answer = await asyncio.to_thread(client.call, "echo", {"a": [1, "ü"]})
    assert answer == {"you": USER, "a": [1, "ü"]}
    ((origin, params),) = agent.asked
    assert (origin.kind, origin.name, params) == (OriginKind.LOCAL, USER, {"a": [1, "ü"]})


async def test_a_refusal_reaches_the_client_with_its_reason(path, agent):
    async with serve(path, agent):
        client = ControlClient(str(path))
        with pytest.raises(ControlError, match=r"^tripped: overcurrent 7.3 A$"):
            await asyncio.to_thread(client.call, "refuse")
        with pytest.raises(ControlError, match="there are: echo, refuse, big"):
            await asyncio.to_thread(client.call, "fly")


async def test_many_requests_of_one_connection_are_answered_in_order(path, agent):
    lines = [request("echo", {"n": n}, request_id=n) for n in range(300)]
    async with serve(path, agent):
        answers = await ask(path, b"\n", *lines)
    assert [answer["id"] for answer in answers] == list(range(300))


async def test_a_notification_acts_and_is_not_answered(path, agent):
    line = b'{"jsonrpc":"2.0","method":"echo"}\n'
    async with serve(path, agent):
        assert await ask(path, line) == []
    assert len(agent.asked) == 1


async def test_what_is_no_request_is_answered_and_the_connection_goes_on(path, agent):
    async with serve(path, agent):
        answers = await ask(path, b"nonsense\n", request("fly"), request("refuse"), request("echo"))
    codes = [answer.get("error", {}).get("code") for answer in answers]
    assert codes == [-32700, METHOD_NOT_FOUND, REFUSED, None]


async def test_a_line_without_an_end_is_cut_off(path, agent):
    async with serve(path, agent):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"x" * (MAX_LINE + 1))
        async with asyncio.timeout(10):
            answer = json.loads(await reader.readline())
            assert await reader.read() == b""
        writer.close()
    assert answer["error"]["message"] == f"a request has at most {MAX_LINE} bytes"


async def test_a_client_that_takes_no_answers_is_heard_no_more(path, agent):
    async with serve(path, agent) as server:
        hog = socket.socket(socket.AF_UNIX)
        with hog:
            hog.connect(str(path))
            hog.sendall(request("big") * 50)
            answer = await asyncio.to_thread(ControlClient(str(path)).call, "echo")
            assert answer == {"you": USER}
            (choked,) = [client for client in server._clients if client._is_choked]
            transport = choked._transport
            assert transport is not None
            assert transport.get_write_buffer_size() < 2_000_000


async def test_one_client_too_many_is_told_so(path, agent):
    async with serve(path, agent):
        others = [await asyncio.open_unix_connection(path) for _ in range(MAX_CLIENTS)]
        with pytest.raises(ControlError, match="16 clients are connected already"):
            await asyncio.to_thread(ControlClient(str(path)).call, "echo")
        for _, writer in others:
            writer.close()
            await writer.wait_closed()


async def test_one_that_has_asked_nothing_makes_room_and_is_told_so(path, agent):
    async with serve(path, agent, patience_s=0.0):
        others = [await asyncio.open_unix_connection(path) for _ in range(MAX_CLIENTS)]
        for reader, writer in others[1:]:
            writer.write(request("echo"))
            await reader.readline()
        answer = await asyncio.to_thread(ControlClient(str(path)).call, "echo")
        assert answer == {"you": USER}
        ended = json.loads(await others[0][0].readline())["error"]
        assert ended["message"] == "ended: another client needed its place, of 16 at most"
        assert await others[0][0].read() == b""
        for _, writer in others:
            writer.close()
            await writer.wait_closed()


def line(number, method, **params):
    message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return json.dumps(message).encode() + b"\n"


async def test_answers_that_must_wait_come_in_order_and_hold_up_nobody_else(path, agent):
    async with serve(path, agent), asyncio.timeout(10):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line(1, "wait", n=1) + line(2, "echo", n=2))
        other_reader, other = await asyncio.open_unix_connection(path)
        other.write(line(3, "echo", n=3))
        assert json.loads(await other_reader.readline())["id"] == 3
        agent.gate.set()
        assert [json.loads(await reader.readline())["id"] for _ in range(2)] == [1, 2]
        writer.write(line(4, "wait_and_refuse"))
        assert json.loads(await reader.readline())["error"]["message"] == "the disk says no"
        writer.close()
        other.close()


class Watched(dict):
    """An answer that notes in which threads it is written."""

    def __init__(self, threads):
        super().__init__(rows=[])
        self._threads = threads

    def items(self):
        self._threads.add(threading.current_thread())
        return super().items()


async def test_an_answer_that_had_to_wait_is_written_in_a_thread(path):
    threads = set()

    async def long(origin, params):
        del origin, params
        return Watched(threads)

    async with ControlServer(path, {"long": long}, group=NO_GROUP), asyncio.timeout(10):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line(1, "long"))
        assert json.loads(await reader.readline())["result"] == {"rows": []}
        writer.close()
    assert threads
    assert threading.current_thread() not in threads


async def test_a_client_that_leaves_and_a_server_that_ends_leave_nothing_waiting(path, agent):
    async with asyncio.timeout(10):
        async with serve(path, agent):
            _, leaving = await asyncio.open_unix_connection(path)
            leaving.write(line(1, "wait"))
            _, staying = await asyncio.open_unix_connection(path)
            staying.write(line(2, "wait"))
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(line(3, "echo"))
            await reader.readline()
            leaving.close()
        assert agent.asked == [(agent.asked[0][0], {})]
        staying.close()
        writer.close()
