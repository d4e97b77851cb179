"""The control socket: a real server, real connections."""

import asyncio
import grp
import json
import os
import pwd
import socket
import stat
import threading

import pytest

from agent.control.client import (
    ControlClient,
    UnreachableError,
    find_socket,
)
from agent.control.protocol import MAX_LINE, METHOD_NOT_FOUND, REFUSED
from agent.control.server import MAX_CLIENTS, ControlServer
from agent.errors import ControlError
from agent.model import OriginKind
from agent.settings.root import AgentSettings

USER = pwd.getpwuid(os.geteuid()).pw_name
NO_GROUP = "no-such-group"


class Agent:
    """What the methods see."""

    def __init__(self):
        self.asked = []
        self.gate = asyncio.Event()

    def methods(self):
        return {
            "echo": self.echo,
            "refuse": self.refuse,
            "big": lambda *_: "x" * 500_000,
            "wait": self.wait,
            "wait_and_refuse": self.wait_and_refuse,
        }

    async def wait(self, origin, params):
        await self.gate.wait()
        return self.echo(origin, params)

    async def wait_and_refuse(self, origin, params):
        del origin, params
        await asyncio.sleep(0)
        raise ControlError("the disk says no")

    def echo(self, origin, params):
        self.asked.append((origin, dict(params)))
        return {"you": origin.name, **params}

    def refuse(self, origin, params):
        del origin, params
        raise ControlError("tripped: overcurrent 7.3 A")


@pytest.fixture
def agent():
    return Agent()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "control.sock"


def serve(path, agent, group=NO_GROUP):
    return ControlServer(path, agent.methods(), group=group)


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


# ── the socket in the file system ───────────────────────────────────────────────────────────


async def test_without_the_group_only_the_owner_may_ask(path, agent):
    async with serve(path, agent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_the_group_may_ask_where_it_exists(path, agent):
    group = grp.getgrgid(os.getegid()).gr_name
    async with serve(path, agent, group=group):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert path.stat().st_gid == os.getegid()


async def test_the_socket_is_gone_at_the_end(path, agent):
    async with serve(path, agent):
        assert path.is_socket()
    assert not path.exists()


async def test_a_socket_that_a_dead_agent_left_is_replaced(path, agent):
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with serve(path, agent):
        assert await asyncio.to_thread(ControlClient(str(path)).call, "echo") == {"you": USER}


async def test_a_socket_that_a_living_agent_serves_is_left_alone(path, agent):
    async with serve(path, agent):
        with pytest.raises(ControlError, match="another agent listens there"):
            async with serve(path, agent):
                pass
        assert await asyncio.to_thread(ControlClient(str(path)).call, "echo") == {"you": USER}


async def test_a_file_that_is_no_socket_is_never_removed(path, agent):
    path.parent.mkdir()
    path.write_text("precious")
    with pytest.raises(ControlError, match="set \\[agent\\] control_socket"):
        async with serve(path, agent):
            pass
    assert path.read_text() == "precious"


async def test_a_socket_of_a_later_agent_is_not_removed(path, agent):
    async with serve(path, agent):
        path.unlink()
        path.write_text("another's")
    assert path.read_text() == "another's"


async def test_a_path_that_is_too_long_is_named(tmp_path, agent):
    with pytest.raises(ControlError, match="at most 107 bytes"):
        async with serve(tmp_path / ("x" * 120), agent):
            pass


# ── the client ──────────────────────────────────────────────────────────────────────────────


def test_the_socket_is_found_by_option_environment_default():
    assert find_socket("/a", {"POLYCLOUD_CONTROL_SOCKET": "/b"}) == "/a"
    assert find_socket(None, {"POLYCLOUD_CONTROL_SOCKET": "/b"}) == "/b"
    assert find_socket(None, {}) == AgentSettings().control_socket


@pytest.fixture
def answering(tmp_path):
    """A server that sends fixed bytes, or nothing."""
    sockets, threads = [], []

    def start(answer):
        path = tmp_path / "fixed.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        sockets.append(listener)

        def run():
            connection, _ = listener.accept()
            sockets.append(connection)
            connection.recv(1000)
            if answer is not None:
                connection.sendall(answer)
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        threads.append(thread)
        return str(path)

    yield start
    for thread in threads:
        thread.join()
    for each in sockets:
        each.close()


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (b"", "without an answer"),
        (b"HTTP/1.1 400\r\n", "without an answer"),
        (b"[]\n", "not the agent"),
    ],
)
def test_an_answer_that_is_none_is_not_taken_for_one(answering, answer, advice):
    with pytest.raises(UnreachableError, match=advice):
        ControlClient(answering(answer)).call("status")


def test_an_agent_that_hangs_is_not_waited_for(answering):
    with pytest.raises(UnreachableError, match="does not answer"):
        ControlClient(answering(None), timeout_s=0.05).call("status")


def test_nobody_there_is_told_with_what_to_do(tmp_path):
    with pytest.raises(UnreachableError, match="systemctl start polycloud-agent"):
        ControlClient(str(tmp_path / "none")).call("status")
    with pytest.raises(UnreachableError, match="path too long"):
        ControlClient("/" + "x" * 200).call("status")


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
