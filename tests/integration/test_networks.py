"""A service whose machine's networks are NetworkManager's, a real process."""

import asyncio
import os

from agent.app.service import Service, Shell
from agent.devices.effects import Forget, Provision
from agent.drivers.networkmanager import PROFILE
from agent.settings.load import load
from tests.drivers.test_networkmanager import PASSWORD, Machine
from tests.integration.config import DeviceFile
from tests.integration.process import until

END_S = 10.0


async def test_what_a_device_asks_for_reaches_the_machine(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("FAKE_NMCLI", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    machine = Machine(tmp_path)
    config = DeviceFile(tmp_path)
    config.set("agent", wifi="networkmanager", wifi_password_file=str(machine.password_file))
    shell = Shell(environ={}, reload=lambda: load(config.path, {}), handles_signals=False)
    service = Service(load(config.path, {}), shell)
    task = asyncio.create_task(service.run())
    async with asyncio.timeout(END_S):
        await service.ready.wait()
    runtime = service.devices["socket-1"].runtime
    runtime.perform([Provision()])
    await until((tmp_path / "up").exists, "the network is open")
    assert PROFILE in machine.profiles
    runtime.perform([Forget()])
    await until(lambda: machine.profiles == {"lan"}, "the networks are forgotten")
    service.stop()
    async with asyncio.timeout(END_S):
        await task
    shown = capfd.readouterr()
    assert PASSWORD not in shown.out + shown.err
