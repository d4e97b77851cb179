"""The doctor listens to a port: frames, silence, and a port that is not free."""

import fcntl
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.doctor.facts import LineFacts, PortKind
from agent.doctor.listen import line_facts
from agent.doctor.probes import port_facts
from agent.settings.meters import MeterSettings
from tests.cli.doctor_support import FRAME, INVERTED, terminal


@contextmanager
def server(data: bytes) -> Iterator[str]:
    """A serial server on loopback that says *data* and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(data)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"socket://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def heard(port: str, seconds: float = 5.0) -> LineFacts:
    return line_facts(port_facts(MeterSettings(port=port)), "E", seconds)


def test_frames_on_a_terminal_are_heard():
    with terminal(FRAME) as port:
        facts = heard(port)
    assert facts.port.kind is PortKind.PSEUDO
    assert facts.frames >= 3
    assert facts.seconds < 5


def test_frames_and_their_inversion_are_heard_over_the_network():
    with server(b"\x00" + FRAME * 3) as port:
        assert heard(port).frames == 3
    with server(INVERTED * 2) as port:
        facts = heard(port)
    assert (facts.frames, facts.inverted_frames) == (0, 2)


def test_silence_is_heard_as_silence():
    with terminal(b"") as port:
        facts = heard(port, 0.1)
    assert (facts.received, facts.error, facts.is_busy) == (b"", "", False)
    assert facts.seconds >= 0.1


def test_a_port_in_use_is_left_alone():
    with terminal(FRAME) as port, Path(port).open("rb", buffering=0) as agent:
        fcntl.flock(agent, fcntl.LOCK_EX | fcntl.LOCK_NB)
        facts = heard(port)
    assert facts.is_busy
    assert facts.received == b""


def test_a_server_that_is_not_there_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = f"socket://127.0.0.1:{listener.getsockname()[1]}"
    assert "connection refused" in heard(port).error
