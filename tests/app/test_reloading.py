"""A reload that answers: done, or each reason against it; one after the other."""

import asyncio
import threading
from dataclasses import replace

import pytest

from agent.app.reloading import Reloads
from agent.errors import ConfigError
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.load import load
from tests.integration.config import DeviceFile


class Desk:
    """A configuration that a test changes, and what became of it."""

    def __init__(self, folder):
        self.file = DeviceFile(folder)
        self.config = load(self.file.path, {})
        self.running = self.config
        self.found = lambda: self.config
        self.applied, self.told = [], []
        self.reloads = Reloads(self.load, lambda: self.running, self.apply)

    def load(self):
        return self.found()

    async def apply(self, config):
        self.applied.append(config)
        self.running = config

    def reloading(self, now):
        self.told.append(now)

    def ready(self):
        self.told.append("ready")


@pytest.fixture
async def desk(tmp_path):
    made = Desk(tmp_path)
    task = asyncio.create_task(made.reloads.run(made, lambda: 7.0))
    yield made
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def ask(desk):
    async with asyncio.timeout(10):
        return await desk.reloads.ask()


async def test_what_may_change_is_taken_over(desk):
    assert await ask(desk) == {"reloaded": True, "refused": None, "reasons": []}
    assert desk.applied == [desk.config]
    assert desk.told == [7.0, "ready"]


async def test_faults_are_told_each_with_its_place(desk):
    fault = Fault(file="a.toml", line=3, key="device.idd", found="an unknown key", allowed="id")

    def broken():
        raise ConfigFaults([fault])

    desk.found = broken
    answer = await ask(desk)
    assert (answer["reloaded"], answer["refused"]) == (False, "configuration")
    assert answer["reasons"] == ["a.toml:3: device.idd: found an unknown key; allowed: id"]
    assert answer["faults"][0]["line"] == 3
    assert desk.reloads.error == answer["reasons"][0]
    assert desk.applied == []


async def test_a_fault_without_a_place_is_told_as_it_is(desk):
    def unreadable():
        raise ConfigError("a.toml: permission denied")

    desk.found = unreadable
    answer = await ask(desk)
    assert (answer["reasons"], answer["faults"]) == (["a.toml: permission denied"], [])


async def test_what_needs_a_restart_is_refused_with_each_reason(desk):
    (device,) = desk.config.devices
    relay = device.device.relay.model_copy(update={"min_off_s": 180})
    moved = device.device.model_copy(update={"relay": relay, "board": "direct"})
    changed = replace(desk.config, devices=(replace(device, device=moved),))
    desk.found = lambda: changed
    answer = await ask(desk)
    assert answer["refused"] == "restart"
    assert answer["reasons"] == [
        "device 'socket-1': board has changed: needs a restart",
        "device 'socket-1': relay has changed: needs a restart",
    ]


async def test_a_refusal_is_forgotten_by_the_next_that_is_done(desk):
    desk.found = lambda: (_ for _ in ()).throw(ConfigError("no"))
    await ask(desk)
    desk.found = lambda: desk.config
    await ask(desk)
    assert desk.reloads.error is None


class Slow:
    """A load that a test lets begin and end, in a thread."""

    def __init__(self, config):
        self.config = config
        self.begun, self.may_end = threading.Semaphore(0), threading.Semaphore(0)
        self.loads = 0

    def __call__(self):
        self.loads += 1
        self.begun.release()
        assert self.may_end.acquire(timeout=10)
        return self.config

    async def has_begun(self):
        assert await asyncio.to_thread(self.begun.acquire, timeout=10)


async def test_who_asks_while_one_is_under_way_gets_the_next(desk):
    desk.found = slow = Slow(desk.config)
    first = asyncio.create_task(desk.reloads.ask())
    await slow.has_begun()
    others = [asyncio.create_task(desk.reloads.ask()) for _ in range(3)]
    desk.reloads.asked.set()  # a signal in between
    leaving = others.pop(0)
    await asyncio.sleep(0)
    leaving.cancel()
    slow.may_end.release()
    async with asyncio.timeout(10):
        assert (await first)["reloaded"]
        await slow.has_begun()
        assert not any(each.done() for each in others)
        slow.may_end.release()
        assert all([(await each)["reloaded"] for each in others])
    assert slow.loads == 2
