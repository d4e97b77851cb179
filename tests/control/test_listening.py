"""The client that is told things: answers and notifications on one connection, blocking."""

import json
import socket
import threading

import pytest

from agent.control.client import UnreachableError
from agent.control.listening import Listener
from agent.errors import ControlError


@pytest.fixture
def server(tmp_path):
    """Answers the first line with fixed bytes, then closes."""
    path = tmp_path / "fixed.sock"
    threads = []

    def start(*lines, is_closed=True):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()

        def run():
            connection, _ = listener.accept()
            with listener, connection:
                connection.recv(10_000)
                connection.sendall(b"".join(lines))
                if not is_closed:
                    connection.recv(1)

        thread = threading.Thread(target=run)
        thread.start()
        threads.append(thread)
        return str(path)

    yield start
    for thread in threads:
        thread.join()


def told(**params):
    return json.dumps({"jsonrpc": "2.0", "method": "told", "params": params}).encode() + b"\n"


DONE = b'{"jsonrpc":"2.0","id":1,"result":{"subscription":1}}\n'


def test_what_comes_before_the_answer_is_told_after_it_in_order(server):
    path = server(told(n=1), told(n=2), DONE, told(n=3), is_closed=False)
    with Listener(path) as listener:
        assert listener.call("subscribe", {"topics": ["log"]}) == {"subscription": 1}
        messages = listener.told()
        assert [next(messages)["n"] for _ in range(3)] == [1, 2, 3]


def test_an_agent_that_ends_is_told_as_one_that_is_not_there(server):
    with Listener(server(DONE, told(n=1), told(n=2)[:-9])) as listener:
        listener.call("subscribe")
        messages = listener.told()
        assert next(messages) == {"n": 1}
        with pytest.raises(UnreachableError, match="the agent has ended"):
            next(messages)


def test_what_is_no_notification_is_passed_over(server):
    odd = [b"nonsense\n", b"[]\n", DONE, b'{"method":"other","params":{}}\n']
    with Listener(server(DONE, *odd, told(n=1))) as listener:
        listener.call("subscribe")
        assert next(listener.told()) == {"n": 1}


def test_a_refusal_has_its_kind_and_key(server):
    error = {"code": -32602, "message": "no", "data": {"kind": "invalid_params", "key": "topics"}}
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "error": error}).encode() + b"\n"
    with Listener(server(line)) as listener, pytest.raises(ControlError, match="no") as caught:
        listener.call("subscribe")
    assert (caught.value.kind, caught.value.key) == ("invalid_params", "topics")


def test_an_agent_that_hangs_is_not_waited_for(server):
    path = server(is_closed=False)
    with (
        Listener(path, timeout_s=0.05) as listener,
        pytest.raises(UnreachableError, match="does not answer"),
    ):
        listener.call("subscribe")


def test_nobody_there_is_told_with_what_to_do(tmp_path):
    with (
        pytest.raises(UnreachableError, match="systemctl start polycloud-agent"),
        Listener(str(tmp_path / "none")),
    ):
        pass
