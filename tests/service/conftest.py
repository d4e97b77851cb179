"""A systemd for the tests of the unit, and the agent itself in it."""

import contextlib

import pytest

from tests.service.machine import machine
from tests.service.unit import REAL, RUN, UNIT, Service


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Show what the machine's journal says where a test has failed."""
    report = yield
    service = getattr(item, "funcargs", {}).get("service")
    if report.failed and service is not None:
        told = service.host.run("journalctl", "--no-pager", "-n", "60", check=False)
        report.sections.append(("journal", told))
    return report


@pytest.fixture(scope="session")
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
