"""What a cloud may do, live and stored, with the agent as a process of its own."""

import pytest

from agent.emulator.emulator import Emulator
from tests.integration.config import KEY, DeviceFile
from tests.integration.process import ready


def config_for(emulator, folder, **more):
    ports = emulator.ports
    return DeviceFile(folder).with_tencent(ports.tencent.mqtts, ports.ca_file, **more)


async def test_a_cloud_that_only_watches_sees_all_moves_nothing_and_clears_nothing(tmp_path):
    async with Emulator() as emulator:
        config = config_for(emulator, tmp_path, commands="none", reset_energy=True)
        assert (await emulator.set_properties(KEY, {"power_switch": 1})).is_pending
        async with ready(config) as agent:
            await agent.logged("cloud.up")
            await agent.device_until(lambda d: d["clouds"]["tencent"]["pending"] == 0)
            for values in ({"power_switch": 1}, {"power_switch": 0}, {"count_down": 60}):
                reply = await emulator.set_properties(KEY, values)
                assert (reply.code, "only watches" in reply.message) == (403, True)
            reply = await emulator.call_action(KEY, "reset_energy", {})
            assert (reply.code, "only watches" in reply.message) == (403, True)
            assert emulator.describe(KEY)["properties"]["power_switch"] == 0
            assert emulator.describe(KEY)["pending"] == {"power_switch": 1}
            assert not config.is_closed


@pytest.mark.parametrize("may_reset", [True, False])
async def test_a_cloud_resets_the_energy_where_its_section_says_so(tmp_path, may_reset):
    async with Emulator() as emulator:
        config = config_for(emulator, tmp_path, reset_energy=may_reset)
        async with ready(config) as agent:
            await agent.logged("cloud.up")
            reply = await emulator.call_action(KEY, "reset_energy", {})
            assert reply.code == (0 if may_reset else 403)


async def test_a_stored_off_is_obeyed_by_who_may_only_switch_off_and_a_stored_on_is_not(tmp_path):
    async with Emulator() as emulator:
        config = config_for(emulator, tmp_path, commands="off_only")
        await emulator.set_properties(KEY, {"power_switch": 0})
        async with ready(config.set("device.relay", on_start="on")) as agent:
            await agent.logged("cloud.up")
            await emulator.wait_until(lambda: not emulator.describe(KEY)["pending"])
            assert not config.is_closed
            await agent.stop()
        await emulator.set_properties(KEY, {"power_switch": 1})
        async with ready(config.set("device.relay", on_start="off")) as agent:
            await agent.logged("cloud.up")
            await agent.device_until(lambda d: d["clouds"]["tencent"]["pending"] == 0)
            assert emulator.describe(KEY)["pending"] == {"power_switch": 1}
            assert not config.is_closed
