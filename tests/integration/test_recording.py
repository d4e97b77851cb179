"""A running agent is recorded by the command, and decides the same in the replay."""

import asyncio
import json
import signal
import stat

from agent.recording.text import read_recording
from agent.replay.player import replay
from tests.integration.config import SECRET, DeviceFile
from tests.integration.process import command, environment, finished, ready, run, until


def begun(path):
    return path.exists() and path.stat().st_size


def last(path):
    return json.loads(path.read_text().splitlines()[-1])


async def test_the_command_records_what_happens_and_the_file_replays(tmp_path):
    config, out = DeviceFile(tmp_path), tmp_path / "a.jsonl"
    place = {"POLYCLOUD_CONTROL_SOCKET": str(config.control_socket)}
    async with ready(config) as agent:
        program = command("record", "socket-1", "--out", str(out), "--seconds", "2", "--json")
        recording = asyncio.create_task(finished(program, environment(**place)))
        await until(lambda: begun(out), "the file")
        await agent.switch(on=True)
        status, told, err = await recording
        assert status == 0
        assert "ended: 2 s had been asked for" in err
        facts = {"file": str(out), "bytes": out.stat().st_size, "ended": "2 s had been asked for"}
        assert json.loads(told) == facts
        status, _, err = await run("record", "--out", str(out), **place)
        assert (status, "is there already" in err) == (1, True)
        status, _, err = await run("record", "nothing", "--out", str(tmp_path / "b"), **place)
        assert (status, "no device is called" in err, (tmp_path / "b").exists()) == (1, True, False)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    text = out.read_text()
    assert SECRET not in text
    found = replay(read_recording(text))
    assert found.difference is None
    assert '"relay":true' in text


async def test_the_last_lines_are_there_when_the_agent_stops_and_the_second_is_refused(tmp_path):
    config, out = DeviceFile(tmp_path), tmp_path / "a.jsonl"
    place = {"POLYCLOUD_CONTROL_SOCKET": str(config.control_socket)}
    async with ready(config) as agent:
        program = command("record", "--out", str(out))
        recording = asyncio.create_task(finished(program, environment(**place)))
        await until(lambda: begun(out), "the file")
        status, _, err = await run("record", "--out", str(tmp_path / "b.jsonl"), **place)
        assert (status, "is recording socket-1 already" in err) == (1, True)
        await agent.stop()
        assert (await recording)[0] == 0
    assert last(out)["end"] == "the agent stopped"
    assert '"Stopped"' in out.read_text()
    assert replay(read_recording(out.read_text())).difference is None


async def test_ctrl_c_ends_it_and_loses_nothing(tmp_path):
    config, out = DeviceFile(tmp_path), tmp_path / "a.jsonl"
    async with ready(config):
        program = command("record", "--out", str(out), "--socket", str(config.control_socket))
        process = await asyncio.create_subprocess_exec(*program, stderr=asyncio.subprocess.PIPE)
        await until(lambda: begun(out) and '"reading"' in out.read_text(), "a reading")
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert process.returncode == 0
    assert b"ended: interrupted by a person (Ctrl-C)" in err
    assert "interrupted" in last(out)["end"]
    assert last(out)["state"]
    assert replay(read_recording(out.read_text())).difference is None


async def test_an_agent_that_is_killed_ends_the_file(tmp_path):
    config, out = DeviceFile(tmp_path), tmp_path / "a.jsonl"
    place = {"POLYCLOUD_CONTROL_SOCKET": str(config.control_socket)}
    async with ready(config) as agent:
        program = command("record", "--out", str(out))
        recording = asyncio.create_task(finished(program, environment(**place)))
        await until(lambda: begun(out), "the file")
        await agent.kill()
        status, _, err = await recording
    assert (status, last(out)) == (0, {"end": "the agent went away"})
    assert "ended: the agent went away" in err
    assert replay(read_recording(out.read_text())).difference is None
    status, _, err = await run("record", "--out", str(tmp_path / "b"), **place)
    assert (status, "no agent listens" in err) == (69, True)
