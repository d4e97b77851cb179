"""The service in this process, with parts that are slow, stuck or broken."""

import asyncio
import contextlib
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from agent.app.parts import build
from agent.app.service import Service, Shell
from agent.control.client import ControlClient
from agent.devices.effects import MAIN
from agent.drivers.simulated.contact import SimulatedRelay
from agent.errors import ControlError
from agent.settings.load import load
from tests.integration.config import DeviceFile
from tests.integration.process import until

END_S = 10.0


class SlowRelay(SimulatedRelay):
    """Takes its time to be opened, as one does whose library is slow to import."""

    may_open: asyncio.Event

    @asynccontextmanager
    async def open(self, *, on, held=None):
        await self.may_open.wait()
        async with super().open(on=on, held=held) as relay:
            yield relay


class StuckMeter:
    """Does not let go when it is told to end."""

    def __init__(self):
        self.is_read = asyncio.Event()
        self.is_held = asyncio.Event()
        self.may_end = asyncio.Event()

    async def readings(self):
        self.is_read.set()
        try:
            await asyncio.Event().wait()
            yield
        finally:
            self.is_held.set()
            await self.may_end.wait()


class BrokenLight:
    @asynccontextmanager
    async def open(self):
        raise RuntimeError("a bug")
        yield


class StuckTransport:
    """Connects, says nothing, and does not let go."""

    def __init__(self):
        self.is_up = asyncio.Event()
        self.is_held = asyncio.Event()

    @asynccontextmanager
    async def connect(self, params):
        del params
        self.is_up.set()
        try:
            yield self
        finally:
            self.is_held.set()
            await asyncio.Event().wait()

    async def subscribe(self, subscription):
        del subscription

    async def publish(self, message):
        del message
        await asyncio.Event().wait()

    async def messages(self):
        await asyncio.Event().wait()
        yield


@contextlib.asynccontextmanager
async def serving(config, *, ring=None, **parts):
    """Run the service with some parts replaced, until it is told to stop."""
    load_it = lambda: load(config.path, {})  # noqa: E731 - the shell wants a function
    shell = Shell(
        environ={},
        reload=load_it,
        build=lambda settings, thing: replace(build(settings, thing), **parts),
        ring=ring,
        handles_signals=False,
    )
    service = Service(load_it(), shell)
    task = asyncio.create_task(service.run())
    try:
        yield service, task
    finally:
        service.stop()
        async with asyncio.timeout(END_S):
            await asyncio.wait([task])


async def test_whoever_asks_while_it_starts_is_told_so(tmp_path):
    config = DeviceFile(tmp_path)
    control = ControlClient(str(config.control_socket))
    settings = load(config.path, {}).devices[0].device.relay
    relay = SlowRelay(settings)
    relay.may_open = asyncio.Event()
    async with serving(config, relays={MAIN: relay}) as (service, task):
        await until(config.control_socket.exists, "it listens")
        (device,) = (await asyncio.to_thread(control.call, "status"))["devices"]
        assert device["meter"] == "starting"
        assert set(device["properties"].values()) == {None}
        assert (device["trip"], device["clouds"]) == (None, {})
        for method, params in (("set", {"values": {"power_switch": True}}), ("toggle", {})):
            with pytest.raises(ControlError, match="socket-1 is still starting"):
                await asyncio.to_thread(control.call, method, params)
        service._reloads.asked.set()
        relay.may_open.set()
        async with asyncio.timeout(END_S):
            await service.ready.wait()
        (device,) = (await asyncio.to_thread(control.call, "status"))["devices"]
        assert device["properties"]["power_switch"] is False
        await until(lambda: not service._reloads.asked.is_set(), "the reload is taken up")
        assert not task.done()


async def test_the_relay_opens_first_when_the_service_stops(tmp_path):
    config = DeviceFile(tmp_path).set("device.relay", on_start="on")
    meter = StuckMeter()
    async with serving(config, meter=meter) as (service, task):
        async with asyncio.timeout(END_S):
            await meter.is_read.wait()
            assert config.is_closed
            service.stop()
            await meter.is_held.wait()
        assert not config.is_closed
        assert not task.done()
        meter.may_end.set()
    task.result()


async def test_a_bug_while_it_starts_ends_the_service_with_the_contact_open(tmp_path):
    config = DeviceFile(tmp_path).set("device.relay", on_start="on", on_stop="keep")
    async with serving(config, indicator=BrokenLight()) as (_, task), asyncio.timeout(END_S):
        await asyncio.wait([task])
    with pytest.raises(BaseExceptionGroup) as caught:
        task.result()
    assert caught.group_contains(RuntimeError, match="a bug")
    assert not config.is_closed
    assert config.contact.exists(), "it had been driven"


async def test_a_stop_during_a_reload_that_hangs_still_ends_it(tmp_path):
    config = DeviceFile(tmp_path).with_tencent(1, tmp_path / "secret")
    del config.sections["clouds.tencent"]["ca_file"]
    config.write()
    transport = StuckTransport()
    async with serving(config, transport=transport) as (service, task):
        async with asyncio.timeout(END_S):
            await service.ready.wait()
            await transport.is_up.wait()
            config.set("device", clouds=[])
            service._reloads.asked.set()
            await transport.is_held.wait()
    task.result()
