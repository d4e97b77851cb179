"""Two sockets in one process, from a folder of files."""

import asyncio
import json

from agent.emulator.emulator import Emulator
from agent.errors import EXIT_FAILED
from tests.integration.config import KEY, DeviceFile, toml
from tests.integration.process import guard, ready, run


def two_files(folder):
    """A folder with agent.toml and two sockets; the first has a cloud."""
    kitchen = DeviceFile(folder / "etc", "kitchen", has_agent=False)
    cellar = DeviceFile(folder / "etc", "cellar", has_agent=False)
    cellar.set("device", clouds=[])
    (folder / "etc" / "agent.toml").write_text(toml({"agent": kitchen.agent_section()}))
    return kitchen, cellar


async def test_both_work_and_keep_what_is_theirs(tmp_path):
    async with Emulator() as emulator:
        kitchen, cellar = two_files(tmp_path)
        ports = emulator.ports
        kitchen.with_tencent(ports.tencent.mqtts, ports.ca_file)
        secret = kitchen.folder / "secret"
        async with ready(kitchen, kitchen.folder) as agent:
            assert secret.exists()
            assert "2 device(s): cellar, kitchen" in agent.told("STATUS")[0]
            await agent.logged("cloud.up")
            async with asyncio.timeout(10):
                await emulator.wait_until(lambda: emulator.is_online(KEY))
            reply = await emulator.set_properties(KEY, {"power_switch": 1})
            assert reply.code == 0
            assert (kitchen.is_closed, cellar.is_closed) == (True, False)
            await agent.switch(on=True, device="cellar")
            await agent.switch(on=False, device="kitchen")
            assert (kitchen.is_closed, cellar.is_closed) == (False, True)
            answer = await agent.ask("status")
            shown = {each["id"]: each for each in answer["devices"]}
            assert list(shown) == ["cellar", "kitchen"]
            assert shown["cellar"]["clouds"] == {}
            assert shown["kitchen"]["clouds"]["tencent"]["connected"]
            place = str(kitchen.control_socket)
            status, _, err = await run("on", "--socket", place)
            assert status == EXIT_FAILED
            assert "which device? there are: cellar, kitchen" in err
            assert await run("off", "cellar", "--socket", place) == (0, "cellar: off\n", "")
            assert not cellar.is_closed


async def test_both_are_opened_when_the_process_is_killed(tmp_path):
    kitchen, cellar = two_files(tmp_path)
    async with ready(kitchen, kitchen.folder) as agent:
        for device in (kitchen, cellar):
            await agent.switch(on=True, device=device.path.stem)
            assert device.is_closed
        lines = [json.loads(line) for line in kitchen.lines.read_text().splitlines()]
        assert {line["device"] for line in lines} == {"kitchen", "cellar"}
        await agent.kill()
    await guard(kitchen, "signal", "killed", "KILL")
    assert not kitchen.is_closed
    assert not cellar.is_closed
