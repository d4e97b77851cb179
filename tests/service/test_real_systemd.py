"""The unit under a real systemd: what happens to the contact when the process is not there."""

import time
from pathlib import Path

from agent.errors import EXIT_CONFIG
from tests.service.machine import OWN
from tests.service.unit import NEEDS_SYSTEMD, PATIENCE_S, REAL, UNIT, ask

pytestmark = NEEDS_SYSTEMD


def test_the_machine_has_control_groups_of_its_own(service):
    """Where two share them, one removes what the other's service is about to be started in."""
    groups = Path(f"/proc/{service.host.pid}/cgroup").read_text().splitlines()
    used = [path for line in groups if (path := line.split(":")[2]).endswith("/init.scope")]
    assert used
    assert not [path for path in used if not path.startswith(f"/{OWN}-")]


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
