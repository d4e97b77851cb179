"""The commands as a person uses them, against an agent that runs."""

import asyncio
import json
import re
import stat

import pytest

from agent.demo.show import report
from agent.demo.tour import STEPS, play
from agent.emulator.emulator import Emulator
from agent.emulator.options import EmulatorOptions
from agent.errors import EXIT_CONFIG, EXIT_FAILED, EXIT_UNREACHABLE, ControlError
from tests.integration.config import KEY, SECRET, DeviceFile
from tests.integration.process import command, environment, finished, ready, run, until
from tests.integration.world import world

DEMO_S = 45.0
STEP = re.compile(r"ok [a-z ]+: .+")
PASSWORD = re.compile(r"[0-9a-f]{40}")


async def test_a_person_switches_and_reads_in_words_and_in_json(tmp_path):
    config = DeviceFile(tmp_path)
    place = {"POLYCLOUD_CONTROL_SOCKET": str(config.control_socket)}
    async with ready(config) as agent:
        assert await run("on", **place) == (0, "socket-1: on\n", "")
        assert config.is_closed
        assert await run("toggle", "socket-1", **place) == (0, "socket-1: off\n", "")
        assert not config.is_closed
        status, out, err = await run("toggle", "--json", **place)
        assert (status, err) == (0, "")
        assert json.loads(out)["properties"]["power_switch"] is True
        status, out, err = await run("status", "--json", **place)
        assert (status, err) == (0, "")
        answer = json.loads(out)
        (device,) = answer["devices"]
        assert {"id", "kind", "name", "properties", "trip", "countdown", "clouds"} <= set(device)
        assert answer["agent"]["pid"] == agent.process.pid
        status, out, _ = await run("status", "--socket", str(config.control_socket))
        assert status == 0
        assert re.search(r"power switch +on", out)
        assert await run("off", **place) == (0, "socket-1: off\n", "")
        assert not config.is_closed
        assert not stat.S_IMODE(config.control_socket.stat().st_mode) & 0o007


async def test_nobody_there_is_69_and_a_refusal_is_1_with_its_reason(tmp_path):
    config = DeviceFile(tmp_path)
    place = {"POLYCLOUD_CONTROL_SOCKET": str(config.control_socket)}
    for name in ("on", "off", "toggle", "status"):
        status, out, err = await run(name, "--json", **place)
        assert (status, out) == (EXIT_UNREACHABLE, "")
        assert "no agent listens" in err
    async with ready(config):
        for name in ("on", "off", "toggle", "status"):
            status, out, err = await run(name, "kitchen", **place)
            assert (status, out) == (EXIT_FAILED, "")
            assert "no device is called 'kitchen'; there are: socket-1" in err


async def test_a_trip_is_shown_and_reset_by_the_person_who_is_there(tmp_path):
    config = DeviceFile(tmp_path)
    place = {"POLYCLOUD_CONTROL_SOCKET": str(config.control_socket)}
    async with world(config, "overload") as outside, ready(config) as agent:
        await agent.switch(on=True)
        await until(lambda: not config.is_closed, "the overload opens the relay")
        status, out, _ = await run("status", **place)
        assert status == 0
        assert re.search(
            r"trip +overcurrent \d\d\.\d A, above 2\.5 x the rating at once .*; unplug the load",
            out,
        )
        outside.plug("lamp")
        assert await run("on", **place) == (0, "socket-1: on\n", "")
        assert config.is_closed
        assert (await agent.device())["trip"] is None


# ── the demo ────────────────────────────────────────────────────────────────────────────────


async def test_the_demo_without_a_terminal_shows_every_step(tmp_path):
    env = environment(HOME=str(tmp_path), TMPDIR=str(tmp_path))
    async with asyncio.timeout(DEMO_S):
        status, out, err = await finished(command("demo"), env)
    steps = out.splitlines()
    assert status == 0, out + err
    assert len(steps) == len(STEPS)
    assert all(STEP.fullmatch(line) for line in steps), out
    assert re.fullmatch(r"everything happened in \d+ s\n", err)
    assert not list(tmp_path.iterdir()), "it leaves nothing behind"


async def test_a_step_that_does_not_happen_is_said_and_fails_the_demo(capsys):
    async def fine(stage):
        return f"saw {stage}"

    async def broken(stage):
        raise ControlError(f"no agent at {stage}")

    steps = {"one": fine, "two": broken, "three": fine}
    assert not await report(play("here", steps), as_json=False)
    assert capsys.readouterr().out == "ok one: saw here\nFAILED two: no agent at here\n"
    assert not await report(play("here", steps), as_json=True)
    last = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(last) == {"step": "two", "ok": False, "seen": "no agent at here"}
    assert await report(play("here", {"one": fine}), as_json=False)


# ── secrets ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_known", [True, False])
async def test_no_secret_and_no_password_is_ever_shown(tmp_path, is_known):
    options = EmulatorOptions() if is_known else EmulatorOptions(devices=())
    async with Emulator(options) as emulator:
        ports = emulator.ports
        config = DeviceFile(tmp_path).with_tencent(ports.tencent.mqtts, ports.ca_file)
        place = {"POLYCLOUD_CONTROL_SOCKET": str(config.control_socket)}
        shown: list[str] = []
        async with ready(config) as agent:
            await agent.logged("cloud.up" if is_known else "cloud.down")
            if is_known:
                await emulator.set_properties(KEY, {"power_switch": 1})
                emulator.add_fault({"kind": "garbage"})
                emulator.add_fault({"kind": "kick"})
                await agent.logged("cloud.down")
            for arguments in (
                ("status",),
                ("status", "--json"),
                ("check", "--config", str(config.path)),
                ("check", "--config", str(config.path), "--online"),
                ("check", "--config", str(config.path), "--online", "--json"),
            ):
                _, out, err = await run(*arguments, **place)
                shown += [out, err]
            config.set("clouds.tencent", device_secret=f"{SECRET}!", device_secret_fil="x")
            await agent.reload()
            await agent.logged("reload.refused")
            status, out, err = await run("check", "--config", str(config.path))
            assert status == EXIT_CONFIG
            shown += [out, err]
            await agent.stop()
            shown.append(agent.text)
    text = "\n".join(shown)
    assert "clouds.tencent.device_secret" in text
    assert SECRET not in text
    assert not PASSWORD.search(text)
