"""The service's files, judged by systemd's own tools without a running systemd."""

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from agent.errors import EXIT_CONFIG
from agent.settings.root import AgentSettings

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "systemd" / "polycloud-agent.service"

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="needs the Debian package systemd"
)


@pytest.fixture
def unit(tmp_path):
    """The unit, with commands that exist on this machine in the place of the installed ones."""
    for name in ("polycloud", "polycloud-guard"):
        command = tmp_path / name
        command.write_text("#!/bin/sh\n")
        command.chmod(0o755)
    path = tmp_path / UNIT.name
    path.write_text(UNIT.read_text().replace("/opt/polycloud/bin/", f"{tmp_path}/"))
    return path


def keys():
    """Every key of the unit with its values, in order."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@needs_systemd
def test_systemd_has_nothing_to_say_about_the_unit(unit):
    done = run("systemd-analyze", "verify", str(unit))
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_a_misspelt_key_would_be_noticed(unit):
    unit.write_text(unit.read_text().replace("WatchdogSec=", "WatchDogSec="))
    assert "WatchDogSec" in run("systemd-analyze", "verify", str(unit)).stderr


@needs_systemd
def test_the_sandbox_leaves_an_exposure_of_at_most_two(unit):
    command = ("systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit))
    done = run(*command)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_unit_supervises_the_relay_as_the_safety_rules_say():
    unit = keys()
    expected = {
        "Type": "notify",
        "NotifyAccess": "exec",
        "Restart": "always",
        "RestartSec": "1",
        "StartLimitIntervalSec": "0",
        "WatchdogSec": "10",
        "RestartPreventExitStatus": str(EXIT_CONFIG),
        "ExecReload": "/bin/kill -HUP $MAINPID",
        "ExecStopPost": "/opt/polycloud/bin/polycloud-guard",
        "RuntimeDirectoryPreserve": "restart",
    }
    assert {key: unit[key] for key in expected} == {key: [value] for key, value in expected.items()}


def test_a_wedged_start_or_loop_ends_within_fifteen_seconds():
    unit = keys()

    def seconds(key):
        return int(unit[key][0])

    assert seconds("RestartSec") + seconds("TimeoutStartSec") + seconds("TimeoutAbortSec") <= 15
    assert seconds("WatchdogSec") + seconds("TimeoutAbortSec") + seconds("RestartSec") < 15


def test_the_folders_are_those_of_the_default_settings():
    unit, agent = keys(), AgentSettings()
    assert agent.state_dir == f"/var/lib/{unit['StateDirectory'][0]}"
    assert agent.control_socket == f"/run/{unit['RuntimeDirectory'][0]}/control.sock"


def test_each_group_of_the_unit_is_made_where_it_does_not_exist():
    made = (ROOT / "systemd" / "polycloud.sysusers").read_text().splitlines()
    groups = {line.split()[1] for line in made if line.startswith(("g ", "u "))}
    assert set(keys()["SupplementaryGroups"][0].split()) <= groups
    assert {keys()["User"][0], keys()["Group"][0]} <= groups


@pytest.mark.skipif(
    shutil.which("systemd-sysusers") is None, reason="needs the Debian package systemd"
)
def test_the_users_file_makes_the_user_and_the_groups(tmp_path):
    (tmp_path / "etc").mkdir()
    source = str(ROOT / "systemd" / "polycloud.sysusers")
    done = run("systemd-sysusers", f"--root={tmp_path}", source)
    assert (done.returncode, "polycloud" in done.stderr) == (0, True), done.stderr
    groups = (tmp_path / "etc" / "group").read_text()
    assert {line.partition(":")[0] for line in groups.splitlines()} >= {
        "polycloud",
        "dialout",
        "gpio",
        "spi",
    }


def test_each_udev_rule_gives_a_device_to_a_group_of_the_unit():
    rules = (ROOT / "systemd" / "60-polycloud.rules").read_text().splitlines()
    groups = set(keys()["SupplementaryGroups"][0].split())
    rows = [line for line in rules if line and not line.startswith("#")]
    assert len(rows) == 3
    for row in rows:
        parts = [part.strip() for part in row.split(",")]
        owner = next(part for part in parts if part.startswith("GROUP="))
        assert owner.removeprefix("GROUP=").strip('"') in groups
        assert all("==" in p or p.startswith(("GROUP=", "MODE=")) for p in parts)


def test_the_commands_of_the_unit_are_installed_by_the_package():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    for command in (keys()["ExecStart"][0], keys()["ExecStopPost"][0]):
        name = command.split()[0].rpartition("/")[2]
        assert scripts[name].startswith("agent.")


def test_the_installer_reads_well_and_explains_itself():
    installer = ROOT / "scripts" / "install-service"
    assert run("sh", "-n", str(installer)).returncode == 0
    shown = run("sh", str(installer), "--help")
    assert shown.returncode == 0
    assert "Example: sudo scripts/install-service" in shown.stdout
    assert run("sh", str(installer), "--nonsense").returncode == 2
