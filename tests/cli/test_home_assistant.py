"""Home Assistant at the command line: set up, tried online, and where a command does not apply."""

import asyncio

import aiomqtt
import pytest

from agent.settings.load import load
from tests.cli.init_support import init_here as init
from tests.cli.inprocess import in_text
from tests.clouds.brokers import real_broker

HARDWARE = ("--board", "code504", "--port", "simulated", "--id", "socket-1")
BROKER = ("--cloud", "homeassistant", "--host", "127.0.0.1", "--no-tls")


def section_of(folder):
    return load(folder / "socket.toml", {}).devices[0].clouds["homeassistant"]


def test_a_broker_that_takes_anybody_needs_no_secret(tmp_path):
    done = init("--yes", *HARDWARE, *BROKER, "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["socket.toml"]
    assert section_of(tmp_path).identity == ("127.0.0.1", "socket-1")


def test_a_user_has_a_password_in_a_file_of_its_own(tmp_path):
    options = (*HARDWARE, *BROKER, "--username", "me", "--output", str(tmp_path))
    assert "needs the secret" in init("--yes", *options).stderr
    done = init("--yes", *options, POLYCLOUD_SECRET="only-between-us")
    assert done.returncode == 0, done.stderr
    secret = tmp_path / "homeassistant.secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert section_of(tmp_path).password.get_secret_value() == "only-between-us"
    assert "only-between-us" not in done.stdout + (tmp_path / "socket.toml").read_text()


def test_the_questions_are_answered_one_by_one(tmp_path):
    options = (*HARDWARE, "--cloud", "homeassistant", "--no-tls", "--output", str(tmp_path))
    done = init(*options, answers="mqtt://x\n127.0.0.1\n\nn\n")
    assert done.returncode == 0, done.stderr
    assert "without mqtt://" in done.stderr
    assert section_of(tmp_path).username == ""


@pytest.mark.parametrize("command", [("export",), ("diff",)])
def test_there_is_no_model_to_export_or_compare(command, tmp_path):
    file = [str(tmp_path / "x.json")] if command == ("diff",) else []
    done = in_text("model", *command, "homeassistant", *file)
    assert done.returncode == 2
    assert "describes itself to it by MQTT discovery" in done.stderr


async def test_signing_in_for_a_check_says_nothing_of_the_device(tmp_path):
    folder = tmp_path / "config"
    async with real_broker(tmp_path, "allow_anonymous true") as port:
        init("--yes", *HARDWARE, *BROKER, "--output", str(folder))
        path = folder / "socket.toml"
        path.write_text(f"{path.read_text()}port = {port}\n")
        check = ("check", "--config", str(path), "--online")
        done = await asyncio.to_thread(in_text, *check)
        assert "signed in as polycloud-socket-1" in done.stdout
        async with aiomqtt.Client("127.0.0.1", port) as client, asyncio.timeout(10):
            await client.subscribe("#")
            await client.publish("end", "")
            first = await anext(aiter(client.messages))
            assert str(first.topic) == "end"
