"""A service whose button and light are the kernel's, in memory."""

import asyncio
from dataclasses import replace

from agent.app.parts import build
from agent.app.service import Service, Shell
from agent.settings.load import load
from tests.drivers.kernel import Kernel
from tests.drivers.test_gpiod_button import PIN, driver, let_go, press
from tests.drivers.test_spi_light import Bus, indicator
from tests.integration.config import DeviceFile
from tests.integration.process import until

END_S = 10.0


async def test_edges_reach_the_device_and_its_light_reaches_the_bus(tmp_path):
    kernel, bus = Kernel(tmp_path / "proc", "other", PIN), Bus()
    config = load(DeviceFile(tmp_path).path, {})
    own = {"button": driver(kernel), "indicator": indicator(bus)}
    shell = Shell(
        environ={},
        reload=lambda: config,
        build=lambda settings, thing: replace(build(settings, thing), **own),
        handles_signals=False,
    )
    service = Service(config, shell)
    task = asyncio.create_task(service.run())
    async with asyncio.timeout(END_S):
        await service.ready.wait()
    runtime = service.devices["socket-1"].runtime
    dark, shown = bus.messages[0], len(bus.messages)
    assert shown > 1
    for count, move in enumerate((press, let_go), start=1):
        move(kernel.lines[PIN])
        await until(lambda count=count: runtime.commands == count, "the edge is taken")
    kernel.unplug()
    await until(lambda: kernel.lines[PIN].watcher is None, "the loss is noticed")
    service.stop()
    async with asyncio.timeout(END_S):
        await task
    assert bus.messages[-1] == dark
    assert bus.opened == 0
