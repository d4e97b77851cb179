"""The line in a real systemd's hands: what moves the contact, and that it is never let go."""

import os
import threading
import time

from agent import levels
from agent.errors import EXIT_CONFIG, LineBusyError
from tests.service.unit import CONTACT, NEEDS_SYSTEMD, PATIENCE_S, REAL, UNIT, ask

pytestmark = NEEDS_SYSTEMD

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
