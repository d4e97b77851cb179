"""The unit under a real systemd: what happens to the contact when the process is not there."""

import contextlib
import os
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest

from agent import levels
from agent.errors import EXIT_CONFIG, LineBusyError
from tests.service.machine import CHECKOUT, PYTHON, ROOT, machine, why_not

UNIT = "polycloud-agent.service"
RUN = f"PYTHONPATH={CHECKOUT} exec {PYTHON}"
CONTACT = "/var/lib/polycloud/contact"
PATIENCE_S = 15
"""safety: within this time of any fault the relay is supervised again, or open."""

pytestmark = [
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "-"),
    pytest.mark.xdist_group("systemd"),
    pytest.mark.timeout(120),
]


class Service:
    """The unit as it is shipped; only its commands are stand-ins."""

    def __init__(self, host):
        self.host = host

    def install(self):
        host = self.host
        for path in (PYTHON, Path(sys.executable).resolve(), CHECKOUT / "agent"):
            host.open_way_to(path)
        agent = f'#!/bin/sh\n{RUN} {CHECKOUT / "tests/service/fake_agent.py"} "$@"\n'
        host.write("/opt/polycloud/bin/polycloud", agent, 0o755)
        guard = f'#!/bin/sh\n{RUN} -m agent.guard "$@"\n'
        host.write("/opt/polycloud/bin/polycloud-guard", guard, 0o755)
        shutil.copy(ROOT / "systemd" / UNIT, host.root / "etc/systemd/system" / UNIT)
        host.write(
            f"/etc/systemd/system/{UNIT}.d/test.conf",
            "[Service]\nProtectHome=no\nWatchdogSec=2\nTimeoutStartSec=3\nRestartSec=200ms\nEnvironment=PYTHONDONTWRITEBYTECODE=1\n",
        )
        host.write("/etc/sysusers.d/polycloud.conf", self._file("polycloud.sysusers"))
        host.write("/etc/tmpfiles.d/polycloud.conf", self._file("polycloud.tmpfiles"))
        host.run("systemd-sysusers", "polycloud.conf")
        host.run("systemd-tmpfiles", "--create", "polycloud.conf")
        host.run("systemctl", "daemon-reload")

    def _file(self, name):
        return (ROOT / "systemd" / name).read_text()

    def start(self, *orders):
        self.order(*orders)
        self.host.run("systemctl", "start", UNIT)
        assert self.show("ActiveState") == "active"

    def order(self, *orders):
        self.host.write("/etc/polycloud/orders", " ".join(orders))

    def stop(self):
        self.host.run("systemctl", "stop", UNIT)

    def kill(self):
        self.host.run("systemctl", "kill", "--kill-who=main", "-s", "KILL", UNIT)

    def show(self, key):
        return self.host.show(UNIT, key)

    @property
    def contact(self):
        """The level of the contact's line now."""
        return self.levels[-1]

    @property
    def levels(self):
        """Every level that the line ever had."""
        return self.host.read(CONTACT)

    def journal(self):
        self.host.run("journalctl", "--sync")
        return self.host.run("journalctl", "-u", UNIT, "-o", "cat", "--no-pager")

    def wait_for_journal(self, text):
        """The journal takes in what a process said at its end when that is long gone."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.journal():
            if time.monotonic() > deadline:
                pytest.fail(f"not in the journal: {text!r}\n{self.journal()}")

    def wait_for(self, key, value):
        deadline = time.monotonic() + PATIENCE_S
        while (seen := self.show(key)) != value:
            if time.monotonic() > deadline:
                pytest.fail(f"{key} is {seen}, not {value}\n{self.journal()}")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    with contextlib.ExitStack() as stack:
        try:
            host = stack.enter_context(machine(tmp_path_factory.mktemp("systemd")))
        except TimeoutError as error:
            pytest.skip(str(error))
        service = Service(host)
        service.install()
        yield service


@pytest.fixture
def service(installed):
    yield installed
    installed.order()
    installed.stop()
    installed.host.run("systemctl", "reset-failed", UNIT, check=False)


def test_the_service_is_up_when_it_says_so_and_stops_with_an_open_contact(service):
    service.start()
    assert (service.show("StatusText"), service.contact) == ("relay on", "1")
    assert service.show("User") == "polycloud"
    service.stop()
    assert (service.show("Result"), service.contact) == ("success", "0")


def test_a_clean_stop_keeps_the_contact_where_that_is_the_policy(service):
    service.start("keep")
    service.stop()
    assert service.contact == "1"


def test_a_reload_reaches_the_process_and_moves_nothing(service):
    service.start()
    service.host.run("systemctl", "reload", UNIT)
    service.wait_for("StatusText", "reloaded")
    assert service.contact == "1"


def test_a_killed_agent_is_restarted_and_the_contact_was_opened_between(service):
    service.start("keep")
    restarts = int(service.show("NRestarts"))
    service.kill()
    service.wait_for("NRestarts", str(restarts + 1))
    service.wait_for("ActiveState", "active")
    service.wait_for_journal("polycloud-guard: socket-1: opened")


def test_a_contact_that_the_restart_restores_is_left_to_it_once(service):
    service.start("restore")
    service.order("bad_config")
    service.kill()
    service.wait_for("ExecMainStatus", str(EXIT_CONFIG))
    service.wait_for("ActiveState", "failed")
    assert service.contact == "0"
    service.wait_for_journal("left as it is")


def test_a_restart_that_never_gets_ready_ends_with_an_open_contact(service):
    service.start("restore")
    started = time.monotonic()
    service.order("restore", "never_ready")
    service.kill()
    while service.contact != "0":
        assert time.monotonic() - started < PATIENCE_S, service.journal()


def test_a_wrong_configuration_keeps_the_service_down_and_the_contact_open(service):
    service.order("bad_config")
    service.host.run("systemctl", "start", UNIT, check=False)
    service.wait_for("ActiveState", "failed")
    assert service.show("ExecMainStatus") == str(EXIT_CONFIG)


def test_a_wedged_agent_is_killed_by_the_watchdog_and_comes_back(service):
    service.start("wedged")
    restarts = int(service.show("NRestarts"))
    service.order()
    service.wait_for("NRestarts", str(restarts + 1))
    service.wait_for("ActiveState", "active")
    service.wait_for_journal("the agent ended: watchdog")


def test_kills_as_fast_as_they_come_never_hit_a_start_limit(service):
    service.start()
    for _ in range(6):
        restarts = int(service.show("NRestarts"))
        service.kill()
        service.wait_for("NRestarts", str(restarts + 1))
        service.wait_for("ActiveState", "active")


def test_a_secret_reaches_the_service_as_a_credential(service):
    service.host.write("/etc/polycloud/tencent.secret", "s3cr3t", 0o600)
    load = "[Service]\nLoadCredential=tencent.device_secret:/etc/polycloud/tencent.secret\n"
    drop_in = f"/etc/systemd/system/{UNIT}.d/credential.conf"
    service.host.write(drop_in, load)
    service.host.run("systemctl", "daemon-reload")
    service.start()
    assert service.show("StatusText") == "s3cr3t"
    (service.host.root / drop_in.lstrip("/")).unlink()
    service.host.run("systemctl", "daemon-reload")


REAL = """\
[device]
id = "socket-1"
kind = "socket"
clouds = []
meter.driver = "simulated"
button.driver = "none"
indicator.driver = "none"
[device.relay]
driver = "simulated"
state_file = "/var/lib/polycloud/contact"
min_off_s = 0
"""


@pytest.fixture
def real(service):
    """The service with the agent itself in it, under the sandbox of the unit."""
    host = service.host
    host.write("/opt/polycloud/bin/polycloud-real", f'#!/bin/sh\n{RUN} -m agent "$@"\n', 0o755)
    drop_in = f"/etc/systemd/system/{UNIT}.d/z-real.conf"
    start = "ExecStart=\nExecStart=/opt/polycloud/bin/polycloud-real run --config /etc/polycloud\n"
    # A real start takes longer than the stand-in's; these are the times as shipped.
    host.write(drop_in, f"[Service]\n{start}TimeoutStartSec=12\nWatchdogSec=10\n")
    host.write("/etc/polycloud/socket.toml", REAL, 0o644)
    host.run("systemctl", "daemon-reload")
    yield service
    host.run("systemctl", "stop", UNIT)
    (host.root / drop_in.lstrip("/")).unlink()
    (host.root / "etc/polycloud/socket.toml").unlink()
    host.run("systemctl", "daemon-reload")


def ask(service, *command):
    return service.host.run("/opt/polycloud/bin/polycloud-real", *command)


def test_the_agent_itself_runs_in_the_sandbox_and_leaves_an_open_contact_whatever_happens(real):
    real.start()
    assert real.contact == "0"
    assert "socket-1" in ask(real, "on")
    assert real.contact == "1"
    restarts = int(real.show("NRestarts"))
    real.kill()
    real.wait_for("NRestarts", str(restarts + 1))
    real.wait_for("ActiveState", "active")
    assert real.contact == "0"
    ask(real, "on")
    real.host.write("/etc/polycloud/socket.toml", REAL.replace("min_off_s = 0", "min_off_s = -1"))
    real.host.run("systemctl", "reload", UNIT)
    real.wait_for_journal("min_off_s: found -1")
    assert real.contact == "1"
    real.kill()
    real.wait_for("ExecMainStatus", str(EXIT_CONFIG))
    real.wait_for("ActiveState", "failed")
    assert real.contact == "0"


# ── the line in systemd's hands ─────────────────────────────────────────────────────────────

RESTORES = REAL.replace(
    "min_off_s = 0",
    'min_off_s = 0\non_stop = "keep"\n'
    'on_start = {restart = "restore", crash = "restore", update = "restore"}',
)


class Watcher:
    """Tries to claim the contact's line, over and over; `was_free` if it ever could."""

    def __init__(self, path):
        self._path = path
        self._is_done = threading.Event()
        self._thread = threading.Thread(target=self._try)
        self.was_free = False
        self.tries = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._is_done.set()
        self._thread.join()

    def _try(self):
        while not self._is_done.wait(0.0005):
            self.tries += 1
            try:
                os.close(levels.claim(self._path))
            except LineBusyError:
                continue
            self.was_free = True


def watched(service):
    return Watcher(str(service.host.root / CONTACT.lstrip("/")))


def is_free(service):
    with watched(service) as watcher:
        while not watcher.tries:
            pass
    return watcher.was_free


def held(service):
    return service.show("NFileDescriptorStore")


def begin_closed(service, settings):
    service.host.write("/etc/polycloud/socket.toml", settings)
    service.start()
    ask(service, "on")
    assert service.contact == "1"


def restarted(service, how):
    """Restart the agent by *how*, and wait until it answers."""
    before = service.show("MainPID")
    how()
    deadline = time.monotonic() + PATIENCE_S
    while service.show("MainPID") in (before, "0") or service.show("ActiveState") != "active":
        assert time.monotonic() < deadline, service.journal()


def test_a_contact_that_is_restored_does_not_move_when_the_agent_is_killed_or_restarted(real):
    begin_closed(real, RESTORES)
    assert held(real) == "1"
    moved, told = real.levels, real.journal().count("line.taken_back")
    with watched(real) as watcher:
        restarted(real, lambda: real.host.run("systemctl", "restart", UNIT))
        restarted(real, real.kill)
        restarted(real, real.kill)
    assert watcher.tries > 100
    assert not watcher.was_free
    assert real.levels == moved
    assert real.journal().count("line.taken_back") == told + 3
    ask(real, "off")
    assert real.levels == moved + "0"


def test_a_stop_that_opens_lets_go_of_the_line(real):
    begin_closed(real, RESTORES.replace('on_stop = "keep"', 'on_stop = "off"'))
    assert held(real) == "1"
    real.stop()
    assert (real.contact, is_free(real)) == ("0", True)


def test_with_the_default_policies_nothing_is_held_and_a_crash_opens(real):
    begin_closed(real, REAL)
    assert held(real) == "0"
    moved = real.levels
    restarted(real, real.kill)
    assert real.levels == moved + "0"


def test_the_guard_opens_a_line_that_systemd_holds(real):
    begin_closed(real, RESTORES.replace('crash = "restore"', 'crash = "off"'))
    moved, failures = real.levels, real.journal().count("NOT OPENED")
    restarted(real, real.kill)
    assert real.levels == moved + "0"
    assert real.journal().count("NOT OPENED") == failures


def test_a_wrong_configuration_opens_a_line_that_systemd_holds(real):
    begin_closed(real, RESTORES)
    real.host.write("/etc/polycloud/socket.toml", RESTORES.replace('"socket"', '"sock"'))
    real.kill()
    real.wait_for("ActiveState", "failed")
    assert real.show("ExecMainStatus") == str(EXIT_CONFIG)
    assert (real.contact, is_free(real)) == ("0", True)


def test_a_held_line_of_a_device_that_is_gone_is_opened(real):
    begin_closed(real, RESTORES)
    real.host.write(
        "/etc/polycloud/socket.toml",
        RESTORES.replace("socket-1", "socket-2").replace("/contact", "/other"),
    )
    restarted(real, lambda: real.host.run("systemctl", "restart", UNIT))
    real.wait_for_journal("line.refused")
    assert (real.contact, is_free(real)) == ("0", True)


def test_a_line_of_another_polarity_is_not_taken_for_the_one_that_was_held(real):
    begin_closed(real, RESTORES)
    real.host.write(
        "/etc/polycloud/socket.toml",
        RESTORES.replace("min_off_s", "active_high = false\nmin_off_s"),
    )
    restarted(real, lambda: real.host.run("systemctl", "restart", UNIT))
    real.wait_for_journal("line.refused")
    assert real.contact == "0"
    assert not is_free(real)
    assert held(real) == "1"
