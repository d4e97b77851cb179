"""A temperature sensor whose bus hangs: said, shown, and no reason to go on living."""

import os

from tests.integration.config import DeviceFile
from tests.integration.process import ready, run


async def test_a_sensor_that_hangs_is_shown_and_does_not_hold_up_the_end(tmp_path):
    fifo = tmp_path / "w1_slave"
    os.mkfifo(fifo)
    config = DeviceFile(tmp_path).set("device.temperature", driver="sysfs", path=str(fifo))
    async with ready(config) as agent:
        lost = await agent.logged("temperature.lost", sensor="socket")
        assert lost["device"] == "socket-1"
        device = await agent.device()
        assert "no answer within 5 s" in device["temperature_error"]
        place = {"POLYCLOUD_CONTROL_SOCKET": str(config.control_socket)}
        _, out, _ = await run("status", **place)
        assert "temperature     cannot be read: " in out
        assert await agent.stop() == 0
