"""The stop guard, run as systemd runs it: a process of its own, a file, three variables."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import DriverError
from agent.guard import Ending, Line, opens, read, run
from agent.lines import lines_file, write_lines
from tests.guarded import (
    BUG,
    CLEAN,
    CONFIG,
    KILLED,
    STOP_TIMEOUT,
    TERM,
    WATCHDOG,
    driven,
    guard,
    level_of,
)


@pytest.fixture
def contact(tmp_path):
    path = tmp_path / "contact"
    path.write_text("1")
    return path


@pytest.mark.parametrize(
    ("ending", "on_stop", "on_crash", "level"),
    [
        (CLEAN, "off", "restore", "0"),
        (CLEAN, "keep", "off", "1"),
        (CONFIG, "keep", "restore", "0"),
        (KILLED, "keep", "off", "0"),
        (KILLED, "off", "restore", "1"),
        (KILLED, "off", "on", "1"),
        (WATCHDOG, "keep", "off", "0"),
        (WATCHDOG, "off", "restore", "1"),
        (BUG, "keep", "off", "0"),
        (BUG, "off", "restore", "1"),
        (TERM, "keep", "restore", "0"),
        (STOP_TIMEOUT, "keep", "restore", "0"),
        ({}, "keep", "restore", "0"),
    ],
)
def test_the_contact_stands_at_its_policy(tmp_path, contact, ending, on_stop, on_crash, level):
    write_lines(tmp_path / "lines.jsonl", [driven(contact, on_stop=on_stop, on_crash=on_crash)])
    done = guard(tmp_path, ending)
    assert (level_of(contact), done.returncode) == (level, 0), done.stderr
    assert "socket-1" in done.stderr


def test_an_active_low_contact_is_open_at_the_high_level(tmp_path, contact):
    contact.write_text("0")
    write_lines(tmp_path / "lines.jsonl", [driven(contact, active_high=False)])
    assert guard(tmp_path, KILLED).returncode == 0
    assert level_of(contact) == "1"


def test_a_line_is_left_to_a_restart_once_and_opened_when_that_dies_too(tmp_path, contact):
    write_lines(tmp_path / "lines.jsonl", [driven(contact, on_crash="restore")])
    assert guard(tmp_path, KILLED).returncode == 0
    assert level_of(contact) == "1"
    assert guard(tmp_path, KILLED).returncode == 0
    assert level_of(contact) == "0"


def test_without_a_file_there_is_nothing_to_open(tmp_path):
    done = guard(tmp_path, CLEAN)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_line_is_tried_and_a_failure_is_told(tmp_path, contact):
    lines = [
        driven(tmp_path / "missing" / "contact"),
        driven("/dev/gpiochip77:5", driver="gpiod"),
        driven("GPIO17", driver="gpiozero"),
        driven("BOARD11", driver="gpiozero"),
        driven("x", driver="psychic"),
        driven(contact),
    ]
    path = tmp_path / "lines.jsonl"
    write_lines(path, lines)
    path.write_text("nonsense\n[]\n{}\n" + path.read_text())
    done = guard(tmp_path, KILLED)
    assert done.returncode == 1
    assert level_of(contact) == "0"
    assert done.stderr.count("NOT OPENED, unplug it") == 5
    assert done.stderr.count("not a driven line") == 3


@pytest.mark.parametrize(
    ("command", "driver", "address", "active_high", "arguments"),
    [
        ("pinctrl", "gpiozero", "GPIO17", True, "set 17 op dl"),
        ("pinctrl", "gpiozero", "GPIO17", False, "set 17 op dh"),
        ("raspi-gpio", "gpiozero", "GPIO4", True, "set 4 op dl"),
        ("gpioset", "gpiozero", "GPIO17", True, "--toggle 0 GPIO17=0"),
        ("gpioset", "gpiod", "/dev/gpiochip9:3", True, "--toggle 0 --chip /dev/gpiochip9 3=0"),
        ("gpioset", "gpiod", "/dev/gpiochip9:3", False, "--toggle 0 --chip /dev/gpiochip9 3=1"),
    ],
)
def test_a_pin_is_opened_by_the_command_that_is_there(
    tmp_path, command, driver, address, active_high, arguments
):
    told = tmp_path / "told"
    fake = tmp_path / "bin" / command
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "$@" >> {told}\n')
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    write_lines(tmp_path / "lines.jsonl", [driven(address, driver=driver, active_high=active_high)])
    done = guard(tmp_path, KILLED, path=str(fake.parent))
    assert (done.returncode, told.read_text()) == (0, arguments + "\n"), done.stderr


def test_the_command_of_libgpiod_1_is_the_last_way(tmp_path):
    told = tmp_path / "told"
    fake = tmp_path / "bin" / "gpioset"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\n[ "$1" != --toggle ] || exit 1\necho "$@" >> {told}\n')
    fake.chmod(0o755)
    write_lines(tmp_path / "lines.jsonl", [driven("/dev/gpiochip9:3", driver="gpiod")])
    assert guard(tmp_path, KILLED, path=str(fake.parent)).returncode == 0
    assert told.read_text() == "/dev/gpiochip9 3=0\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may take the right to write away")
def test_a_line_is_opened_when_the_file_cannot_be_marked(tmp_path, contact):
    write_lines(tmp_path / "lines.jsonl", [driven(contact, on_crash="restore")])
    (tmp_path / "lines.jsonl").rename(tmp_path / "kept")
    (tmp_path / "runtime").mkdir()
    (tmp_path / "kept").rename(tmp_path / "runtime" / "lines.jsonl")
    blocked = tmp_path / "runtime" / "lines.jsonl.1"
    blocked.mkdir()
    command = (
        f"import os; os.getpid = lambda: 1\nfrom agent.guard import run\n"
        f"raise SystemExit(run({str(tmp_path / 'runtime' / 'lines.jsonl')!r}, {KILLED!r}))"
    )
    done = subprocess.run([sys.executable, "-c", command], timeout=20, check=False)
    assert (done.returncode, level_of(contact)) == (0, "0")


def test_the_guard_imports_next_to_nothing():
    script = "import sys, agent.guard; print(*sorted(sys.modules))"
    command = [sys.executable, "-I", "-c", script]
    bare = {"PATH": os.environ["PATH"]}  # without what measures coverage
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=bare)
    loaded = set(done.stdout.split())
    heavy = {
        "socket",
        "asyncio",
        "dataclasses",
        "pathlib",
        "subprocess",
        "structlog",
        "pydantic",
        "gpiod",
    }
    editable = {name for name in heavy if name == "pathlib"}  # an editable install loads it
    assert not loaded & (heavy - editable)


def test_help_shows_an_example():
    command = [sys.executable, "-m", "agent.guard", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Example: polycloud-guard" in shown


def test_the_file_stands_in_the_runtime_directory_else_beside_the_socket():
    assert lines_file({"RUNTIME_DIRECTORY": "/run/a:/run/b"}, "/x/c.sock") == Path(
        "/run/a/lines.jsonl"
    )
    assert lines_file({}, "/x/c.sock") == Path("/x/lines.jsonl")


def test_the_file_is_replaced_whole_and_its_folders_made(tmp_path, contact):
    path = tmp_path / "new" / "folder" / "lines.jsonl"
    write_lines(path, [driven(contact), driven(contact)])
    write_lines(path, [driven(contact, on_stop="keep")])
    lines, failures = read(str(path))
    expected = Line(
        "socket-1", "simulated", str(contact), active_high=True, on_stop="keep", on_crash="off"
    )
    assert (lines, failures) == ([expected], 0)
    assert [entry.name for entry in path.parent.iterdir()] == ["lines.jsonl"]


def test_a_file_that_cannot_be_written_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DriverError, match="the stop guard cannot know which relay to open"):
        write_lines(tmp_path / "file" / "lines.jsonl", [])


words = st.sampled_from(
    ["", "success", "exit-code", "signal", "watchdog", "timeout", "exited", "78"]
)


@given(st.builds(Ending, words, words, words), st.sampled_from(["off", "on", "restore", "?"]))
def test_keep_never_outlives_anything_but_a_clean_stop(ending, on_crash):
    line = Line("a", "simulated", "b", active_high=True, on_stop="keep", on_crash=on_crash)
    is_clean = ending.result == "success" and ending.code == "exited"
    if on_crash == "off" and not is_clean:
        assert opens(line, ending)


@settings(max_examples=100)
@given(data=st.binary(max_size=300))
def test_any_file_is_read_without_a_crash(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "lines.jsonl"
    path.write_bytes(data)
    lines, failures = read(str(path))
    assert len(lines) + failures == len(data.splitlines())


def test_an_older_gpiod_package_does_not_keep_the_guard_from_the_other_lines(
    tmp_path, contact, monkeypatch
):
    monkeypatch.setitem(sys.modules, "gpiod", ModuleType("gpiod"))  # libgpiod 1 has other names
    monkeypatch.setenv("PATH", "/nonexistent")
    path = tmp_path / "lines.jsonl"
    write_lines(path, [driven("/dev/gpiochip77:5", driver="gpiod"), driven(contact)])
    assert run(str(path), KILLED) == 1
    assert level_of(contact) == "0"


def test_a_0_is_written_to_an_output_of_the_kernels_that_is_there_and_to_no_other(tmp_path):
    output, missing = tmp_path / "duty_cycle", tmp_path / "brightness"
    output.write_text("1000000")
    lines = [driven(output, driver="sysfs"), driven(missing, driver="sysfs")]
    write_lines(tmp_path / "lines.jsonl", lines)
    done = guard(tmp_path, KILLED)
    assert (done.returncode, output.read_text()) == (1, "0")
    assert f"{missing}: No such file or directory" in done.stderr
    assert not missing.exists()
