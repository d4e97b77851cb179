import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.inprocess import in_text

SECRET = "IyXmUW5sU/q1vnb5yzTkeQ=="
DEVICE = """\
[device]
id = "socket-1"
kind = "socket"
"""
TENCENT = """\
[device]
id = "socket-1"
kind = "socket"
clouds = ["tencent"]
[clouds.tencent]
product_id = "CS0SLTKSYA"
device_name = "dev1"
device_secret_file = "tencent.secret"
"""


def write(folder: Path, text: str, name: str = "socket.toml") -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(0o600)
    return path


def check(path: Path, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return in_text("check", "--config", path, *options, environ=environ)


# ── faults ──────────────────────────────────────────────────────────────────────────────────


def test_faults_are_printed_one_a_line_and_exit_with_78(tmp_path: Path):
    path = write(tmp_path, DEVICE + "[device.relay]\nmin_off_s = -3\npinn = 1\n")
    done = check(path)
    assert done.returncode == 78
    first, second = done.stdout.splitlines()
    assert first == f"{path}:5: device.relay.min_off_s: found -3; allowed: 0 to 3600"
    assert second.startswith(f"{path}:6: device.relay.pinn: found an unknown key; allowed: ")
    assert second.endswith("; did you mean 'pin'?")


def test_faults_for_machines_are_one_object(tmp_path: Path):
    path = write(tmp_path, DEVICE + "[device.relay]\nmin_off_s = -3\n")
    done = check(path, "--json")
    assert done.returncode == 78
    assert json.loads(done.stdout) == {
        "ok": False,
        "faults": [
            {
                "file": str(path),
                "line": 5,
                "key": "device.relay.min_off_s",
                "found": "-3",
                "allowed": "0 to 3600",
                "hint": "",
            }
        ],
        "warnings": [],
    }


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[device\n", ":1: found no TOML"),
        (DEVICE + "x = 1\n", ":4: device.x: "),
        ("[device]\n", ":1: device.id: found nothing"),
        (DEVICE.replace('"socket"', '"sockt"'), ":3: device.kind: "),
        (DEVICE + "[devic]\n", ":4: devic: "),
        (DEVICE + 'clouds = ["x"]\n', ":4: device.clouds[0]: "),
        (DEVICE + 'board = "custom"\n', ":1: device.meter.kv: "),
        (DEVICE + "[device.reporting.change]\ncurrent = '-'\n", ":5: device.reporting.change.curr"),
        (DEVICE + "[clouds.tencent]\nport = 0\n", ":5: clouds.tencent.port: found 0"),
        (TENCENT, ":8: clouds.tencent.device_secret_file: found that "),
        (
            *(TENCENT.replace("_file", "").replace("tencent.secret", "hush!"),),
            ":8: clouds.tencent.device_secret: found (hidden)",
        ),
        (DEVICE + '[device.button]\npin = "GPIO17"\n', ":5: device.button.pin: "),
    ],
)
def test_every_kind_of_fault_has_its_place(tmp_path: Path, text: str, place: str):
    path = write(tmp_path, text)
    done = check(path)
    assert done.returncode == 78
    assert f"{path}{place}" in done.stdout
    assert "hush" not in done.stdout


def test_a_fault_in_a_variable_names_it(tmp_path: Path):
    done = check(write(tmp_path, DEVICE), POLYCLOUD_DEVICE__RELAY__MIN_OFF_S="-3")
    assert done.returncode == 78
    assert "POLYCLOUD_DEVICE__RELAY__MIN_OFF_S: found" in done.stdout


def test_a_folder_is_checked_whole(tmp_path: Path):
    first = write(tmp_path, DEVICE + "a = 1\n", "a.toml")
    second = write(tmp_path, "[agent]\nclok = 1\n", "agent.toml")
    done = check(tmp_path)
    assert done.returncode == 78
    assert f"{first}:4: device.a" in done.stdout
    assert f"{second}:2: agent.clok" in done.stdout


def test_what_comes_later_exits_with_2(tmp_path: Path):
    write(tmp_path, SECRET, "tencent.secret")
    path = write(tmp_path, TENCENT + 'tls = "psk"\n')
    done = check(path)
    assert done.returncode == 2
    assert 'clouds.tencent.tls: found "psk", which is not yet in' in done.stdout
    assert json.loads(check(path, "--json").stdout)["faults"][0]["key"] == "clouds.tencent.tls"


def test_a_declared_device_says_what_it_has(tmp_path: Path):
    switch = '[device.switches.Lamp]\ndriver = "simulated"\n'
    path = write(tmp_path, f'[device]\nid = "lamp"\nkind = "generic"\n{switch}')
    done = check(path)
    assert done.returncode == 0
    assert "lamp, a generic device; switches: Lamp; clouds: none" in done.stdout


# ── what is found ───────────────────────────────────────────────────────────────────────────


def test_a_good_file_says_what_was_found(tmp_path: Path):
    write(tmp_path, SECRET, "tencent.secret")
    done = check(write(tmp_path, TENCENT))
    assert done.returncode == 0
    assert "socket-1, a socket on board code504" in done.stdout
    assert "clouds: tencent" in done.stdout


def test_the_owner_of_a_direct_board_hears_of_the_isolator_first(tmp_path: Path):
    path = write(tmp_path, DEVICE + 'board = "direct"\n[device.relay]\ndriver = "gpiozero"\n')
    done = check(path)
    assert done.returncode == 0
    first, second = done.stdout.splitlines()[:2]
    assert "ground is live: an isolator" in first
    assert "a restart clicks the contact" in second
    assert json.loads(check(path, "--json").stdout)["warnings"][0] in first


def test_no_cloud_is_tried_without_being_asked_to(tmp_path: Path):
    write(tmp_path, SECRET, "tencent.secret")
    done = check(write(tmp_path, TENCENT + 'host = "127.0.0.1"\nport = 1\n'))
    assert (done.returncode, "tcp" in done.stdout) == (0, False)


# ── online ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def cloud() -> Iterator[dict[str, Any]]:
    """Tencent's emulator in a process of its own."""
    device = f"CS0SLTKSYA:dev1:{SECRET}"
    ports = ["--mqtt-port", "0", "--mqtts-port", "0", "--http-port", "0"]
    with subprocess.Popen(
        [sys.executable, "-m", "agent", "emulator", "tencent", *ports, "--device", device],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()
        process.stdout.read()


def config_for(cloud: dict[str, Any], folder: Path, port: str = "mqtts", extra: str = "") -> Path:
    write(folder, SECRET, "tencent.secret")
    where = f'host = "localhost"\nport = {cloud["tencent"][port]}\n'
    return write(folder, TENCENT + where + extra)


def test_each_step_of_a_good_sign_in_is_a_line(cloud: dict[str, Any], tmp_path: Path):
    path = config_for(cloud, tmp_path, extra=f'ca_file = "{cloud["ca_file"]}"\n')
    done = check(path, "--online")
    steps = [line.partition(":")[0] for line in done.stdout.splitlines()[1:]]
    assert steps == ["ok clock", "ok dns", "ok tcp", "ok tls", "ok credentials"]
    assert done.returncode == 0
    assert "valid until" in done.stdout


def test_a_wrong_device_name_is_explained(cloud: dict[str, Any], tmp_path: Path):
    path = config_for(cloud, tmp_path, extra=f'ca_file = "{cloud["ca_file"]}"\n')
    done = check(path, "--online", POLYCLOUD_CLOUDS__TENCENT__DEVICE_NAME="dev2")
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert last.startswith("FAILED credentials: refused with code 3")
    assert "compare" in last


def test_a_certificate_that_is_not_trusted_ends_it_before_the_secret_is_used(
    cloud: dict[str, Any], tmp_path: Path
):
    done = check(config_for(cloud, tmp_path), "--online", "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["ok"] is False
    assert [step["name"] for step in answer["online"]] == ["clock", "dns", "tcp", "tls"]
    assert "ca_file" in answer["online"][-1]["text"]


def test_a_certificate_for_another_name_says_which_key_to_set(
    cloud: dict[str, Any], tmp_path: Path
):
    extra = f'ca_file = "{cloud["ca_file"]}"\nserver_name = "elsewhere.example"\n'
    done = check(config_for(cloud, tmp_path, extra=extra), "--online")
    assert done.returncode == 1
    assert "server_name" in done.stdout.splitlines()[-1]


def test_without_tls_a_sign_in_works_and_warns(cloud: dict[str, Any], tmp_path: Path):
    done = check(config_for(cloud, tmp_path, "mqtt", "tls = false\n"), "--online")
    assert done.returncode == 0
    assert "warn tls: off" in done.stdout


def test_a_port_where_nobody_listens_says_so(cloud: dict[str, Any], tmp_path: Path):
    path = config_for(cloud, tmp_path)
    done = check(path, "--online", POLYCLOUD_CLOUDS__TENCENT__PORT="1")
    assert done.returncode == 1
    assert "FAILED tcp: localhost:1: the connection was refused" in done.stdout


def test_without_a_cloud_there_is_nothing_to_try(tmp_path: Path):
    done = check(write(tmp_path, DEVICE), "--online")
    assert done.returncode == 0
    assert "ok clouds: none is named" in done.stdout
