"""The notify protocol, against a real datagram socket."""

import contextlib
import os
import secrets
import socket
import sys

import pytest
from structlog.testing import capture_logs

from agent.systemd import Notifier, passed_descriptors, watchdog_interval_s
from tests.service.notify import FakeManager, fake_manager


def test_each_message_has_the_fields_of_the_protocol(tmp_path):
    with fake_manager(tmp_path) as manager, Notifier(manager.environ) as notifier:
        notifier.ready("switched off, no cloud\nyet")
        notifier.reloading(12.5)
        notifier.alive()
        notifier.status("listening")
        notifier.stopping()
        seen = [manager.next().fields for _ in range(5)]
    assert seen == [
        {"READY": "1", "STATUS": "switched off, no cloud yet"},
        {"RELOADING": "1", "MONOTONIC_USEC": "12500000"},
        {"WATCHDOG": "1"},
        {"STATUS": "listening"},
        {"STOPPING": "1"},
    ]


def test_an_abstract_address_is_reached():
    name = "\0polycloud-" + secrets.token_hex(8)
    manager = FakeManager(name)
    with contextlib.closing(manager), Notifier(manager.environ) as notifier:
        notifier.ready()
        assert manager.next().fields == {"READY": "1"}


def test_a_descriptor_goes_to_the_store_with_its_name(tmp_path):
    reader, writer = os.pipe()
    with fake_manager(tmp_path) as manager, Notifier(manager.environ) as notifier:
        notifier.keep(writer, "relay:socket-1")
        kept = manager.next()
        os.close(writer)
        assert kept.fields == {"FDSTORE": "1", "FDNAME": "relay_socket-1"}
        os.write(kept.descriptors[0], b"still open")
        assert os.read(reader, 20) == b"still open"
        notifier.drop("relay:socket-1")
        assert manager.next().fields == {"FDSTOREREMOVE": "1", "FDNAME": "relay_socket-1"}
    os.close(reader)


def test_without_a_manager_nothing_happens():
    with Notifier({}) as notifier, capture_logs() as logs:
        notifier.ready()
        notifier.alive()
    assert logs == []


def test_a_manager_that_is_gone_is_said_once_and_stops_nothing(tmp_path):
    environ = {"NOTIFY_SOCKET": str(tmp_path / "nobody")}
    with Notifier(environ) as notifier, capture_logs() as logs:
        notifier.ready()
        notifier.alive()
        notifier.alive()
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("systemd.unreachable", "warning"),
        ("systemd.unreachable", "debug"),
        ("systemd.unreachable", "debug"),
    ]


def test_a_full_queue_never_holds_up_a_sign_of_life(tmp_path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with contextlib.closing(listener):
        listener.bind(str(tmp_path / "full"))
        environ = {"NOTIFY_SOCKET": str(tmp_path / "full")}
        with Notifier(environ) as notifier, capture_logs() as logs:
            for _ in range(2_000):
                notifier.alive()
    assert logs[0]["log_level"] == "warning"


def test_an_unknown_kind_of_address_is_named():
    with capture_logs() as logs, Notifier({"NOTIFY_SOCKET": "vsock:2:1"}) as notifier:
        notifier.ready()
    assert [entry["event"] for entry in logs] == ["systemd.unsupported"]


@pytest.mark.parametrize(
    ("environ", "interval_s"),
    [
        ({"WATCHDOG_USEC": "10000000"}, 10.0),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "7"}, 10.0),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_interval_is_meant_for_one_process(environ, interval_s):
    assert watchdog_interval_s(environ, pid=7) == interval_s


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"LISTEN_FDS": "1"},
        {"LISTEN_FDS": "1", "LISTEN_PID": "8"},
        {"LISTEN_FDS": "x", "LISTEN_PID": "7"},
    ],
)
def test_descriptors_for_another_process_are_left_alone(environ):
    assert passed_descriptors(environ, pid=7) == ()


def test_passed_descriptors_come_back_with_their_names():
    script = (
        "import os\n"
        "from agent.systemd import passed_descriptors\n"
        "environ = dict(os.environ, LISTEN_PID=str(os.getpid()))\n"
        "for name, fd in passed_descriptors(environ, os.getpid()):\n"
        "    print(name, fd, os.get_inheritable(fd), os.read(fd, 9).decode())\n"
    )
    reader, writer = os.pipe()
    os.write(writer, b"adopted")
    out_reader, out_writer = os.pipe()
    environ = {**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "relay_socket-1"}
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", script],
        environ,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, out_writer, 1),
            (os.POSIX_SPAWN_DUP2, reader, 3),
        ],
    )
    for descriptor in (reader, writer, out_writer):
        os.close(descriptor)
    _, status = os.waitpid(child, 0)
    with os.fdopen(out_reader) as out:
        printed = out.read()
    assert status == 0
    assert printed == "relay_socket-1 3 False adopted\n"
