"""The unit in a real systemd, with stand-ins for its commands or the agent itself."""

import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.service.machine import CHECKOUT, PYTHON, ROOT, why_not

UNIT = "polycloud-agent.service"
RUN = f"PYTHONPATH={CHECKOUT} exec {PYTHON}"
CONTACT = "/var/lib/polycloud/contact"
PATIENCE_S = 15
"""safety: within this time of any fault the relay is supervised again, or open."""

NEEDS_SYSTEMD = [
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "-"),
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


def ask(service, *command):
    return service.host.run("/opt/polycloud/bin/polycloud-real", *command)
