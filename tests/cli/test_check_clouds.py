"""`polycloud check --online` against each emulated cloud: sign-in, and refusals in words."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from agent.app.codecs import make_codec
from agent.cli import cli, online
from agent.clouds.onenet.address import FINGERPRINTS
from agent.devices.socket.thing_table import SOCKET
from agent.doctor.verdict import Level
from agent.emulator.identity import CLOUDS, sample_device
from agent.settings.load import load

DEVICE = '[device]\nid = "socket-1"\nkind = "socket"\nclouds = ["{0}"]\n[clouds.{0}]\n'


class Case(NamedTuple):
    """A cloud's section, its emulator's port, and what a wrong secret or product is told."""

    section: str
    keys: tuple[str, str, str]
    wrong_secret: str
    advice: str
    extra: str = ""
    port: str = "mqtts"


ALIYUN_KEYS = ("product_key", "device_name", "device_secret")
ONENET_KEYS = ("product_id", "device_name", "device_key")
WRONG_KEY = "d3Jvbmcga2V5IG9mIGEgZGV2aWNl"
CASES = {
    "aliyun": Case("aliyun", ALIYUN_KEYS, "fedcba9876543210", "more than 5 sign-ins in a minute"),
    "onenet": Case("onenet", ONENET_KEYS, WRONG_KEY, 'domain = "product"'),
    "onenet-datastream": Case(
        *("onenet", ONENET_KEYS, WRONG_KEY, "another generation"),
        extra='generation = "datastream"\n',
    ),
    "onenet-legacy": Case(
        *("onenet", ONENET_KEYS, "wrong-key", "the device's number"),
        extra='generation = "legacy"\ntls = false\n',
        port="mqtt",
    ),
}


@pytest.fixture(scope="module")
def clouds() -> Iterator[dict[str, Any]]:
    """Every emulated cloud in a process of its own, each with its sample of a device."""
    ports = ["--mqtt-port", "0", "--mqtts-port", "0", "--http-port", "0"]
    with subprocess.Popen(
        [sys.executable, "-m", "agent", "emulator", *CLOUDS, *ports],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()
        process.stdout.read()


def write(folder: Path, clouds: dict[str, Any], name: str, **changed: str) -> Path:
    case, sample = CASES[name], sample_device(name)
    values = zip(case.keys, (sample.product, sample.name, sample.secret), strict=True)
    keys = {**dict(values), "host": "localhost", "ca_file": clouds["ca_file"], **changed}
    lines = [f'{key} = "{text}"' for key, text in keys.items() if text]
    where = f"port = {clouds[name][case.port]}\n"
    path = folder / "socket.toml"
    path.write_text(DEVICE.format(case.section) + case.extra + where + "\n".join(lines) + "\n")
    path.chmod(0o600)
    return path


def check(path: Path) -> tuple[int, list[str]]:
    """Run the command in this process; give its exit code and the lines about the cloud."""
    ours = {name: None for name in os.environ if name.startswith("POLYCLOUD_")}
    done = CliRunner().invoke(cli, ["check", "--config", str(path), "--online"], env=ours)
    lines = done.stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if " clock:" in line)
    return done.exit_code, lines[start:]


@pytest.mark.parametrize("name", CASES)
def test_a_good_sign_in_passes_and_a_wrong_secret_is_explained(
    clouds: dict[str, Any], tmp_path: Path, name: str
):
    code, steps = check(write(tmp_path, clouds, name))
    tls = "ok" if CASES[name].port == "mqtts" else "warn"
    names = [step.partition(":")[0] for step in steps]
    assert (code, names) == (0, ["ok clock", "ok dns", "ok tcp", f"{tls} tls", "ok credentials"])
    wrong = {CASES[name].keys[2]: CASES[name].wrong_secret}
    code, steps = check(write(tmp_path, clouds, name, **wrong))
    assert code == 1
    assert steps[-1].startswith("FAILED credentials: refused with code 4: bad user name")
    assert CASES[name].advice in steps[-1]
    assert CASES[name].wrong_secret not in "".join(steps)


def test_a_product_that_the_platform_does_not_know_is_explained(
    clouds: dict[str, Any], tmp_path: Path
):
    code, steps = check(write(tmp_path, clouds, "aliyun", product_key="k19g7hBjoOE"))
    assert (code, "compare product id, device name" in steps[-1]) == (1, True)


def test_a_root_that_is_missing_names_the_platform_whose_root_is_not_shipped(
    clouds: dict[str, Any], tmp_path: Path
):
    code, steps = check(write(tmp_path, clouds, "onenet", ca_file=""))
    assert code == 1
    assert steps[-1].startswith("FAILED tls: localhost:")
    assert "set ca_file" in steps[-1]
    assert "a platform whose root is not shipped" in steps[-1]


def test_a_root_that_is_not_onenets_is_told_with_both_fingerprints(
    clouds: dict[str, Any], tmp_path: Path
):
    """Only at the platform's own host names its own root is asked for; no test goes there."""
    path = write(tmp_path, clouds, "onenet", host="mqttstls.heclouds.com")
    (entry,) = load(path, {}).devices
    params = make_codec("onenet", entry.clouds["onenet"], SOCKET).connect_params(1e9, "x")
    verdict = online._shake_hands(replace(params, host="localhost"))
    assert (verdict.level, verdict.name) == (Level.FAILED, "tls")
    assert f"ca_file {clouds['ca_file']} does not hold the root" in verdict.text
    assert FINGERPRINTS[0] in verdict.text
