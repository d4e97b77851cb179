"""`polycloud emulator`, as a user runs it."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from urllib.request import ProxyHandler, build_opener

import pytest

from agent.emulator.identity import CLOUDS, sample_device
from agent.emulator.options import CA_FILE
from tests.emulator.probe import Probe
from tests.emulator.support import SECRET, login

COMMAND = [sys.executable, "-m", "agent", "emulator"]
ANY_PORT = ["--mqtt-port", "0", "--mqtts-port", "0", "--http-port", "0"]


@asynccontextmanager
async def running(*arguments, clouds=("tencent",)):
    """Run the command; yield the process and the first line of its stdout."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *clouds, *ANY_PORT, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    async with asyncio.timeout(20):
        yield process, json.loads(await process.stdout.readline())
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


def refused(*arguments):
    """Run the command with arguments that it must refuse; return what it says."""
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert SECRET not in done.stderr
    return " ".join(done.stderr.split())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_first_line_names_the_ports_and_a_signal_ends_it_with_0(number):
    async with running() as (process, first):
        assert set(first) == {"tencent", "http", "ca_file"}
        assert first["ca_file"] == str(CA_FILE)
        device = await Probe.connected(first["tencent"]["mqtt"], **login())
        assert len({first["http"], *first["tencent"].values()}) == 3
        process.send_signal(number)
        out, log = await process.communicate()
        assert process.returncode == 0
        assert out == b"", "stdout holds JSON only"
        assert b"session.opened" in log
        assert SECRET.encode() not in log
        await device.close()


async def test_devices_and_models_come_from_arguments_and_files(tmp_path):
    listed = tmp_path / "devices"
    listed.write_text(f"# mine\n\ntencent/PRODUCT2:a:b:{SECRET}\n")
    model = tmp_path / "model.json"
    model.write_text('{"version":"1.0","properties":[]}')
    arguments = ["--device", f"PRODUCT1:dev:1:{SECRET}", "--devices", str(listed)]
    async with running(*arguments, "--model", f"PRODUCT2={model}") as (_, first):
        for client_id in ("PRODUCT1dev:1", "PRODUCT2a:b"):
            device = await Probe.connected(first["tencent"]["mqtt"], **login(client_id=client_id))
            await device.close()


def free_pair():
    """Find a port that is free, as the next one is."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


async def test_every_cloud_runs_and_the_next_one_has_the_next_port():
    async with running(clouds=CLOUDS) as (_, first):
        assert list(first) == [*CLOUDS, "http", "ca_file"]
        assert all(set(first[cloud]) == {"mqtt", "mqtts"} for cloud in CLOUDS)
    port = free_pair()
    arguments = ("--mqtt-port", str(port))
    async with running(*arguments, clouds=("onenet", "aliyun")) as (_, first):
        assert list(first)[:2] == ["onenet", "aliyun"]
        assert (first["onenet"]["mqtt"], first["aliyun"]["mqtt"]) == (port, port + 1)


async def test_a_cloud_without_a_device_of_its_own_knows_its_sample():
    device = f"tencent/PRODUCT1:dev1:{SECRET}"
    async with running("--device", device, clouds=("tencent", "onenet")) as (_, first):
        found = await asyncio.to_thread(get_json, f"http://127.0.0.1:{first['http']}/devices")
    assert [(each["cloud"], each["product"]) for each in found["devices"]] == [
        ("tencent", "PRODUCT1"),
        ("onenet", "9MaNe52pNO"),
    ]


def get_json(url):
    with build_opener(ProxyHandler({})).open(url, timeout=10) as answer:
        return json.load(answer)


def test_the_help_names_the_clouds_and_their_samples():
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True)
    assert f"CLOUD is one of {', '.join(CLOUDS)}." in done.stdout
    for cloud in CLOUDS:
        assert f"{cloud}/{sample_device(cloud).product}:" in done.stdout


def test_an_unknown_cloud_is_refused_with_those_that_there_are():
    assert "CLOUD is one of tencent, " in refused("azure")
    assert "a CLOUD stands twice" in refused("tencent", "onenet", "tencent")
    assert "Missing argument" in refused()


def test_the_ports_of_all_clouds_must_exist():
    arguments = ["onenet", "tencent", "--mqtt-port", "65535"]
    assert "2 clouds need ports from 65535 on" in refused(*arguments)


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        ("CS0SLTKSYA", "[CLOUD/]PRODUCT:NAME:SECRET"),
        (f"CS0SLTKSYA:{SECRET}", "[CLOUD/]PRODUCT:NAME:SECRET"),
        (f":dev1:{SECRET}", "PRODUCT is"),
        (f"CS0:dev 1:{SECRET}", "NAME is"),
        (f"azure/CS0:dev1:{SECRET}", "the cloud is one of tencent, not 'azure'"),
        (f"onenet/CS0:dev1:{SECRET}", "the cloud is one of tencent, not 'onenet'"),
        (f"CS0:dev1:{SECRET[:-2]}", "the secret is not base64"),
    ],
)
def test_a_bad_device_is_refused_without_its_secret(device, reason):
    text = refused("tencent", *ANY_PORT, "--device", device)
    assert reason in text
    assert SECRET[:10] not in text


def test_a_bad_list_names_its_line(tmp_path):
    listed = tmp_path / "devices"
    listed.write_text(f"P:a:{SECRET}\nP:b\n")
    assert "devices:2" in refused("tencent", "--devices", str(listed)).replace(" ", "")
    listed.write_text(f"P:a:{SECRET}\nP:a:{SECRET}\n")
    assert "stands twice" in refused("tencent", "--devices", str(listed))
    assert "No such file" in refused("tencent", "--devices", str(tmp_path / "none"))
    listed.write_text("# nothing\n")
    assert "lists no device" in refused("tencent", "--devices", str(listed))


def test_a_bad_model_says_where(tmp_path):
    model = tmp_path / "model.json"
    model.write_text('{"properties":[{"id":"a"}]}')
    assert "properties[0] (a).define" in refused("tencent", "--model", f"CS0SLTKSYA={model}")
    assert "no device of it" in refused("tencent", "--model", f"OTHER={model}")
    assert "[CLOUD/]PRODUCT=FILE" in refused("tencent", "--model", "x")
    assert "no device of it" in refused("tencent", "--model", f"onenet/CS0SLTKSYA={model}")
    sample = "k19g7hBjoOD"
    assert "model.json" in refused("aliyun", "tencent", "--model", f"aliyun/{sample}={model}")
    assert "model.json" in refused("onenet-datastream", "--model", f"238322={model}")
    missing = tmp_path / "none"
    assert "No such file" in refused("tencent", "--model", f"CS0SLTKSYA={missing}")


async def test_a_port_that_is_taken_is_an_error_with_advice():
    async with running() as (_, first):
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *["tencent", *ANY_PORT, "--mqtt-port", str(first["tencent"]["mqtt"])],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, log = await process.communicate()
        assert (process.returncode, out) == (1, b"")
        assert b"name another port, or 0" in log
