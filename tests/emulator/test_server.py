"""The sockets of the endpoint, where memory and time have to stay bounded."""

import asyncio

from agent.emulator.emulator import Emulator
from agent.emulator.options import EmulatorOptions
from agent.emulator.tencent.rules import TencentRules
from tests.emulator import probe
from tests.emulator.probe import Probe
from tests.emulator.support import CLIENT_ID, DEVICE, PRODUCT, login

DATA = f"{PRODUCT}/dev1/data"
UNLIMITED = EmulatorOptions(tencent=TencentRules(uplinks_per_s=None))


async def test_a_client_that_reads_late_loses_nothing():
    async with Emulator(UNLIMITED) as emulator:
        device = await Probe.connected(emulator.ports.tencent.mqtt, **login())
        await device.subscribe((DATA, 0))
        flood = [probe.publish(DATA, b"%06d" % number + b"x" * 15_000) for number in range(1500)]
        device.send(*flood)
        for number in range(1500):
            assert (await device.message()).payload[:6] == b"%06d" % number
        await device.close()


async def test_a_client_that_never_reads_does_not_hold_up_its_successor():
    async with Emulator(UNLIMITED) as emulator:
        stuck = await Probe.connected(emulator.ports.tencent.mqtt, **login())
        await stuck.subscribe((DATA, 0))
        stuck.send(*[probe.publish(DATA, b"x" * 16_000)] * 2000)
        async with asyncio.timeout(5):
            await emulator.wait_until(lambda: bool(emulator.messages(DEVICE)))
        new = await Probe.connected(emulator.ports.tencent.mqtt, **login())
        assert await new.hears_nothing()
        session = emulator.describe(DEVICE)["session"]
        assert isinstance(session, dict)
        assert session["client_id"] == CLIENT_ID
        await new.close()
        await stuck.close()


async def test_leaving_the_emulator_ends_every_session():
    async with Emulator() as emulator:
        device = await Probe.connected(emulator.ports.tencent.mqtt, **login())
        silent = await Probe.open(emulator.ports.tencent.mqtt)
    assert await device.is_closed()
    assert await silent.is_closed()
    await device.close()
    await silent.close()
