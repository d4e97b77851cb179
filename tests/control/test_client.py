"""The client of the control socket: where it looks, and what it takes for an answer."""

import socket
import threading

import pytest

from agent.control.client import ControlClient, UnreachableError, find_socket
from agent.settings.root import AgentSettings


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "control.sock"


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
