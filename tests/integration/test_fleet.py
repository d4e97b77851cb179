"""Several devices as a process: one that cannot run, and devices that come and leave."""

import asyncio
import json

import pytest

from agent.emulator.emulator import Emulator
from agent.errors import EXIT_CONFIG, EXIT_FAILED
from tests.integration.config import KEY, DeviceFile, toml
from tests.integration.process import guard, ready, run, running

pytestmark = pytest.mark.unmeasured


class House:
    """A folder of devices with everything simulated."""

    def __init__(self, folder, *names):
        self.folder = folder
        self.etc = folder / "etc"
        self.first = self.add(names[0])
        for name in names[1:]:
            setattr(self, name, self.add(name))
        section = self.first.agent_section()
        (self.etc / "agent.toml").write_text(toml({"agent": section}))
        self.socket = str(self.first.control_socket)

    def add(self, name):
        return DeviceFile(self.etc, name, has_agent=False).set("device", clouds=[])

    def lines(self):
        rows = self.first.lines.read_text().splitlines()
        return {json.loads(row)["device"] for row in rows}


async def test_devices_come_and_leave_while_another_stays_on_and_connected(tmp_path):
    async with Emulator() as emulator:
        house = House(tmp_path, "kitchen", "cellar")
        kitchen, ports = house.first, emulator.ports
        kitchen.with_tencent(ports.tencent.mqtts, ports.ca_file)
        async with ready(kitchen, house.etc) as agent:
            await agent.logged("cloud.up")
            for name in ("kitchen", "cellar"):
                await agent.switch(on=True, device=name)
            before = kitchen.levels
            attic = house.add("attic")
            assert (await run("reload", "--socket", house.socket))[0] == 0
            await agent.logged("device.joined", device="attic")
            await agent.until(lambda: "attic" in agent.told("STATUS")[-1], "the manager is told")
            await agent.switch(on=True, device="attic")
            assert house.lines() == {"kitchen", "cellar", "attic"}
            house.cellar.path.unlink()
            await agent.reload()
            await agent.logged("device.left", device="cellar")
            assert not house.cellar.is_closed
            assert house.lines() == {"kitchen", "attic"}
            assert (attic.is_closed, kitchen.levels) == (True, before)
            assert emulator.describe(KEY)["connects"] == 1
            assert await agent.stop() == 0
        await guard(kitchen, "success", "exited", "0")
        assert not attic.is_closed
        assert not kitchen.is_closed


async def test_a_subscriber_of_all_is_told_of_one_that_comes(tmp_path):
    house = House(tmp_path, "kitchen", "cellar")
    async with ready(house.first, house.etc) as agent:
        reader, writer = await asyncio.open_unix_connection(house.socket)
        request = {"jsonrpc": "2.0", "id": 1, "method": "subscribe"}
        writer.write(json.dumps({**request, "params": {"topics": ["values"]}}).encode() + b"\n")
        house.add("attic")
        house.cellar.path.unlink()
        await agent.reload()
        async with asyncio.timeout(20):
            while True:
                told = json.loads(await reader.readline()).get("params", {})
                if told.get("device") == "attic" and told["values"].get("power_switch") is False:
                    break
        writer.close()


async def test_a_faulty_file_stops_its_own_device_only(tmp_path):
    house = House(tmp_path, "kitchen", "cellar", "attic")
    house.cellar.set("device.relay", on_start="restore")
    async with ready(house.first, house.etc) as agent:
        await agent.switch(on=True, device="cellar")
        await agent.kill()
    await guard(house.first, "signal", "killed", "KILL")
    assert house.cellar.is_closed  # left to the restart
    house.cellar.set("device", bord="code504")
    house.attic.set("device", id="kitchen")
    async with ready(house.first, house.etc) as agent:
        await agent.until(lambda: not house.cellar.is_closed, "it is opened")
        await agent.switch(on=True)
        assert house.first.is_closed or house.attic.is_closed
        code, out, _ = await run("status", "--socket", house.socket)
        assert code == 0
        assert "device cellar LEFT OUT" in out
        assert "cellar.toml:5: device.bord" in out
        assert "which" in out
        assert "has too" in out
        code, out, _ = await run("check", "--config", str(house.etc))
        assert code == EXIT_CONFIG
        code, _, err = await run("reload", "--socket", house.socket)
        assert code == EXIT_CONFIG
        assert "cellar.toml:5: device.bord" in err
        assert (await agent.device())["id"] == "kitchen"


async def test_nothing_that_can_run_ends_with_78(tmp_path):
    house = House(tmp_path, "kitchen", "cellar")
    house.first.set("device", bord=1)
    house.cellar.set("device", bord=1)
    async with running(house.first, house.etc) as agent:
        assert await agent.ended() == EXIT_CONFIG
        assert agent.text.count("device.bord") == 2


async def test_many_devices_are_a_line_each(tmp_path):
    names = [f"socket-{number:02d}" for number in range(1, 24)]
    house = House(tmp_path, *names)
    house.first.set("device.meter", driver="hlw8032", port=str(tmp_path / "ttyNone"))
    async with ready(house.first, house.etc):
        code, out, _ = await run("status", "--socket", house.socket)
        assert code == 0
        assert "socket-23  off" in out
        assert "23 devices, 1 with a note" in out
        code, _, err = await run("on", "--socket", house.socket)
        assert code == EXIT_FAILED
        assert "which device? there are: socket-01, " in err
        assert "and 3 more" in err
