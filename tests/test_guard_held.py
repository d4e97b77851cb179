"""The stop guard and the lines that the service manager holds: let go, then opened."""

import os
import signal
import threading
from dataclasses import replace

import pytest

from agent import levels
from agent.guard import read
from agent.lines import orphan, write_lines
from agent.systemd import Notifier
from tests.guarded import KILLED, driven, guard, level_of, started_guard
from tests.service.notify import FakeManager, fake_manager


@pytest.fixture
def contact(tmp_path):
    path = tmp_path / "contact"
    path.write_text("1")
    return path


class Manager:
    """Holds a claim on the contact until it is told to drop it, in a thread of its own."""

    def __init__(self, folder, contact):
        self._manager = FakeManager(str(folder / "notify"))
        self.environ = self._manager.environ
        self.held = levels.claim(str(contact))
        self.told = []
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        with Notifier(self.environ) as notifier:
            notifier.stopping()
        self._thread.join()
        self._manager.close()

    def _serve(self):
        while "STOPPING" not in (fields := self._manager.next().fields):
            self.told.append(fields)
            if fields == {"FDSTOREREMOVE": "1", "FDNAME": "relay.socket-1.x"}:
                os.close(self.held)


def test_a_line_that_is_held_is_let_go_and_then_opened(tmp_path, contact):
    write_lines(tmp_path / "lines.jsonl", [driven(contact, kept_as="relay.socket-1.x")])
    with Manager(tmp_path, contact) as manager:
        done = guard(tmp_path, {**KILLED, **manager.environ})
    assert manager.told == [{"FDSTOREREMOVE": "1", "FDNAME": "relay.socket-1.x"}]
    assert (done.returncode, level_of(contact)) == (0, "0"), done.stderr


def test_a_held_line_that_is_left_to_a_restart_stays_held(tmp_path, contact):
    kept = driven(contact, kept_as="relay.socket-1.x", on_crash="restore")
    write_lines(tmp_path / "lines.jsonl", [kept])
    with Manager(tmp_path, contact) as manager:
        assert guard(tmp_path, {**KILLED, **manager.environ}).returncode == 0
        assert (manager.told, level_of(contact)) == ([], "1")
        assert guard(tmp_path, {**KILLED, **manager.environ}).returncode == 0
    assert (len(manager.told), level_of(contact)) == (1, "0")


@pytest.mark.parametrize("notify_socket", ["", "@nobody-there"])
def test_a_line_that_stays_in_use_is_told_and_the_others_are_opened(
    tmp_path, contact, notify_socket
):
    held = tmp_path / "held"
    claim = levels.claim(str(held))
    write_lines(tmp_path / "lines.jsonl", [driven(held, kept_as="x"), driven(contact)])
    done = guard(tmp_path, {**KILLED, "NOTIFY_SOCKET": notify_socket})
    os.close(claim)
    assert (done.returncode, level_of(contact)) == (1, "0")
    assert "in use by another process" in done.stderr
    assert "NOT OPENED, unplug it" in done.stderr
    assert held.read_text() == ""


def test_a_line_in_use_does_not_keep_another_from_being_opened(tmp_path, contact):
    claim = levels.claim(str(tmp_path / "first"))
    levels.drive(claim, high=True)
    write_lines(tmp_path / "lines.jsonl", [driven(tmp_path / "first"), driven(contact)])
    with started_guard(tmp_path, KILLED) as process:
        while level_of(contact) != "0":
            assert process.poll() is None
        os.close(claim)
        _, told = process.communicate(timeout=20)
    assert (process.returncode, level_of(tmp_path / "first")) == (0, "0"), told


def test_a_manager_that_loses_patience_does_not_keep_a_line_from_being_opened(tmp_path, contact):
    write_lines(tmp_path / "lines.jsonl", [driven(contact, kept_as="relay.socket-1.x")])
    claim = levels.claim(str(contact))
    with (
        fake_manager(tmp_path) as manager,
        started_guard(tmp_path, {**KILLED, **manager.environ}) as process,
    ):
        manager.wait_for("FDSTOREREMOVE")
        process.send_signal(signal.SIGTERM)
        os.close(claim)
        _, told = process.communicate(timeout=20)
    assert (process.returncode, level_of(contact)) == (0, "0"), told


def test_a_command_that_finds_the_line_in_use_is_tried_again(tmp_path):
    count = tmp_path / "count"
    fake = tmp_path / "bin" / "gpioset"
    fake.parent.mkdir()
    fake.write_text(
        '#!/bin/sh\n[ "$1" = --toggle ] || { echo "gpioset: invalid line value" >&2; exit 1; }\n'
        f"echo >> {count}\n[ -s {tmp_path / 'free'} ] && exit 0\n"
        f"echo free > {tmp_path / 'free'}\n"
        'echo "gpioset: unable to request lines: Device or resource busy" >&2\nexit 1\n'
    )
    fake.chmod(0o755)
    write_lines(tmp_path / "lines.jsonl", [driven("/dev/gpiochip9:3", driver="gpiod")])
    assert guard(tmp_path, KILLED, path=str(fake.parent)).returncode == 0
    assert len(count.read_text()) >= 2


def test_a_name_cannot_bring_a_second_field_into_what_the_manager_is_told(tmp_path, contact):
    write_lines(tmp_path / "lines.jsonl", [driven(contact, kept_as="x\nMAINPID=1")])
    with Manager(tmp_path, contact) as manager:
        os.close(manager.held)
        guard(tmp_path, {**KILLED, **manager.environ})
    assert manager.told == [{"FDSTOREREMOVE": "1", "FDNAME": "x MAINPID=1"}]


def test_a_held_line_that_no_process_drives_yet_keeps_its_name_and_is_to_be_opened(
    tmp_path, contact
):
    path = tmp_path / "lines.jsonl"
    kept = driven(contact, kept_as="relay.socket-1.x", on_stop="keep", on_crash="restore")
    write_lines(path, [kept])
    rows, _ = read(str(path))
    assert [orphan(row) for row in rows] == [replace(kept, on_stop="off", on_crash="off")]
