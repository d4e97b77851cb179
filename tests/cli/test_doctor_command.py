"""`polycloud doctor` as a user runs it: a process, its output and its exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cli.doctor_support import FRAME, terminal, write

DEVICE = """\
[device]
id = "socket-1"
kind = "socket"
[device.relay]
driver = "simulated"
[device.button]
driver = "none"
[device.indicator]
driver = "none"
[device.meter]
"""


def doctor(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("POLYCLOUD_")}
    return subprocess.run(
        [sys.executable, "-m", "agent", "doctor", "--config", str(path), *options],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env=kept,
    )


def test_a_simulated_device_passes_all_eight_checks(tmp_path: Path):
    done = doctor(write(tmp_path, "socket.toml", DEVICE + 'driver = "simulated"\n'))
    assert done.returncode == 0, done.stdout
    names = [line.partition(":")[0].split()[1] for line in done.stdout.splitlines()]
    assert sorted(names) == sorted(
        ["port", "uart", "console", "frames", "gpio", "clock", "tls", "credentials"]
    )


def test_frames_on_the_configured_port_are_found(tmp_path: Path):
    with terminal(FRAME) as port:
        done = doctor(write(tmp_path, "socket.toml", DEVICE + f'port = "{port}"\n'), "--json")
    answer = json.loads(done.stdout)
    (frames,) = [check for check in answer["checks"] if check["name"] == "frames"]
    assert (answer["ok"], done.returncode, frames["level"]) == (True, 0, "ok")


def test_a_missing_port_fails_and_is_not_listened_to(tmp_path: Path):
    path = write(tmp_path, "socket.toml", DEVICE + 'port = "/dev/nowhere"\n')
    done = doctor(path)
    assert done.returncode == 1
    assert "FAILED port: /dev/nowhere does not exist" in done.stdout
    assert "warn frames: not tried" in done.stdout


def test_clouds_are_left_alone_when_asked_to(tmp_path: Path):
    path = write(tmp_path, "socket.toml", _with_cloud())
    done = doctor(path, "--offline")
    assert done.returncode == 0
    assert "warn tls: not tried" in done.stdout


def test_a_cloud_that_cannot_be_reached_fails_at_tls(tmp_path: Path):
    path = write(tmp_path, "socket.toml", _with_cloud())
    done = doctor(path)
    assert done.returncode == 1
    assert "FAILED tls: 127.0.0.1:1: the connection was refused" in done.stdout
    assert "warn credentials: not tried" in done.stdout


def test_a_faulty_configuration_exits_with_78(tmp_path: Path):
    path = write(tmp_path, "socket.toml", DEVICE + "x = 1\n")
    done = doctor(path)
    assert (done.returncode, f"{path}:11: device.meter.x" in done.stderr) == (78, True)


def _with_cloud() -> str:
    return (
        DEVICE.replace('kind = "socket"', 'kind = "socket"\nclouds = ["tencent"]')
        + 'driver = "simulated"\n[clouds.tencent]\nproduct_id = "CS0SLTKSYA"\n'
        'device_name = "dev1"\ndevice_secret = "IyXmUW5sU/q1vnb5yzTkeQ=="\n'
        'host = "127.0.0.1"\nport = 1\n'
    )
