"""The dialogues in the tree can be made again, and a real one can be added."""

import asyncio
import json
import runpy
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from agent.clouds.dialogue.text import read_dialogue, write_dialogue
from agent.clouds.redact import redact
from agent.demo.dialects import DIALECTS
from agent.emulator.emulator import Emulator
from agent.emulator.options import DEMO_DEVICE
from agent.emulator.values import DeviceKey
from tests.dialogues.sessions import record
from tests.dialogues.test_fixtures import play

SCRIPTS = Path(__file__).parent.parent.parent / "scripts"


@pytest.mark.parametrize("name", DIALECTS)
def test_a_session_recorded_anew_is_redacted_and_can_be_played(name):
    dialogue = record(name, date(2026, 1, 2))
    text = write_dialogue(dialogue)
    assert dialogue.header.made == "2026-01-02"
    assert redact(text) == text
    assert read_dialogue(text) == dialogue
    play(dialogue)


def run(script, *arguments):
    """Run a script as a user does."""
    command = [sys.executable, SCRIPTS / script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def call(script, *arguments):
    """Run a script in this process; give what it exits with."""
    try:
        runpy.run_path(str(SCRIPTS / script))["main"]([*map(str, arguments)])
    except SystemExit as ending:
        return ending.code
    return 0


def test_the_script_makes_a_dialogue_again(tmp_path):
    done = run("record-dialogues", "emulated", "onenet-legacy", "--folder", tmp_path)
    path = tmp_path / "onenet-legacy.jsonl"
    assert (done.returncode, done.stdout) == (0, f"wrote {path}\n"), done.stderr
    play(read_dialogue(path.read_text("utf-8")))


CONFIG = """\
[agent]
state_dir = "{folder}/state"
control_socket = "{folder}/control.sock"
clock = "system"

[device]
id = "boiler"
kind = "socket"
clouds = [{clouds}]

[device.meter]
driver = "simulated"

[device.relay]
driver = "simulated"

[device.button]
driver = "none"

[device.indicator]
driver = "none"

[clouds.tencent]
product_id = "{product}"
device_name = "{name}"
device_secret = "{secret}"
host = "127.0.0.1"
port = {port}
tls = false
"""


def configured(folder, port=1, clouds='"tencent"'):
    path = folder / "boiler.toml"
    device = DEMO_DEVICE
    text = CONFIG.format(
        folder=folder,
        clouds=clouds,
        product=device.product,
        name=device.name,
        secret=device.secret,
        port=port,
    )
    path.write_text(text)
    path.chmod(0o600)
    return path


async def _record_for_real(folder, raw):
    """Have the script record what the agent says to an emulator on loopback."""
    key = DeviceKey(cloud="tencent", product=DEMO_DEVICE.product, name=DEMO_DEVICE.name)
    async with Emulator() as emulator:
        config = configured(folder, emulator.ports.tencent.mqtt)
        script = SCRIPTS / "record-dialogues"
        arguments = ("real", "--about", "a test", "--config", config, raw)
        agent = await asyncio.create_subprocess_exec(sys.executable, script, *arguments)
        async with asyncio.timeout(20):
            await emulator.wait_until(lambda: bool(emulator.describe(key)["properties"]))
            reply = await emulator.set_properties(key, {"power_switch": 1})
            agent.send_signal(signal.SIGTERM)
            assert await agent.wait() == 0
    assert reply.outcome == "answered"


def test_a_real_recording_is_redacted_and_becomes_a_fixture_that_can_be_played(tmp_path):
    raw, shown = tmp_path / "raw.jsonl", tmp_path / "shown.jsonl"
    asyncio.run(_record_for_real(tmp_path, raw))
    assert raw.stat().st_mode & 0o777 == 0o600
    assert call("redact-dialogue", raw, "-o", shown) == 0
    text = shown.read_text("utf-8")
    for hidden in (DEMO_DEVICE.product, f'"{DEMO_DEVICE.name}"', "127.0.0.1"):
        assert hidden in raw.read_text("utf-8")
        assert hidden not in text
    assert DEMO_DEVICE.secret not in raw.read_text("utf-8")
    dialogue = read_dialogue(text)
    assert (dialogue.header.source, dialogue.header.about) == ("platform", "a test")
    assert redact(text) == text
    play(dialogue)


def test_a_recording_needs_one_cloud_and_a_new_file(tmp_path, capsys):
    raw = tmp_path / "raw.jsonl"
    raw.write_text("")
    assert call("record-dialogues", "real", "--config", configured(tmp_path), raw) == 78
    assert capsys.readouterr().err == f"{raw}: File exists; allowed: a new file\n"
    config, other = configured(tmp_path, clouds=""), tmp_path / "other.jsonl"
    assert call("record-dialogues", "real", "--config", config, other) == 78
    assert capsys.readouterr().err == f"{config}: found 0 clouds; allowed: one\n"
    told = call("record-dialogues", "emulated", "azure")
    assert told == f"found azure; allowed: {', '.join(DIALECTS)}"


def test_what_cannot_be_redacted_is_told_and_nothing_is_written(tmp_path, capsys):
    rows = write_dialogue(record("tencent", date(2026, 1, 2))).splitlines()
    word = "KuF3NTjUBJ62LNBBA8XZA9CqS3Cu79"
    rows[-1] = json.dumps({**json.loads(rows[-1]), "why": f"x {word} x"})
    raw, shown = tmp_path / "raw.jsonl", tmp_path / "shown.jsonl"
    raw.write_text("\n".join(rows))
    told = call("redact-dialogue", raw, "-o", shown)
    assert told == f"{raw}: line {len(rows)}: why: 30 characters from 2 on: they look like a secret"
    assert not shown.exists()
    assert call("redact-dialogue", raw, "--keep", word) == 0
    assert word in capsys.readouterr().out
    assert "No such file" in call("redact-dialogue", tmp_path / "none")
