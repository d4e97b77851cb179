"""Faults of ours and of the machine: the contact ends open, and closes by no wrong policy."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from agent.app.parts import Parts
from agent.app.place import state_file
from agent.app.service import Service, Shell
from agent.devices.effects import MAIN
from agent.devices.socket.kept import KeptSocket
from agent.errors import DriverError
from agent.guard import read
from agent.lines import DrivenLine, write_lines
from agent.ports import Line
from agent.settings.load import load
from agent.store.contents import Changes, Run
from agent.store.statefile import StateFile
from tests.integration.config import DeviceFile, toml


class Contact:
    """A relay and its driver."""

    def __init__(self, line: Line | None = None) -> None:
        self.line = line
        self.is_closed: bool | None = None
        self.is_missing = False
        self.was_closed = False

    descriptor = None

    def probe(self, held):
        del held

    @asynccontextmanager
    async def open(self, *, on, held=None):
        del held
        if self.is_missing:
            raise DriverError("GPIO17: the line is in use")
        self.set(on=on)
        yield self

    def set(self, *, on):
        self.is_closed = on
        self.was_closed |= on


class Slow(Contact):
    """One whose opening goes on for ever."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self.is_asked = asyncio.Event()

    @asynccontextmanager
    async def open(self, *, on, held=None):
        del on, held
        self.is_asked.set()
        await asyncio.Event().wait()
        yield self


class Silent:
    """A meter that never speaks."""

    async def readings(self) -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield


class BrokenLight:
    """A light with a bug: its second colour raises what no driver should."""

    def __init__(self) -> None:
        self.shown = 0

    @asynccontextmanager
    async def open(self):
        yield self

    def show(self, color):
        del color
        self.shown += 1
        if self.shown > 1:
            raise ZeroDivisionError


def parts(relay, indicator=None):
    return Parts(
        meter=Silent(), relays={MAIN: relay}, button=None, indicator=indicator, transport=None
    )


def service(path, made):
    """An agent on the configuration at *path*; *made* holds its parts by device."""
    shell = Shell(
        environ={},
        reload=lambda: None,
        build=lambda config, _: made[config.device.id],
        handles_signals=False,
    )
    return Service(load(path, {}), shell)


async def test_a_bug_that_shows_when_the_timer_fires_ends_the_agent_with_the_contact_open(tmp_path):
    config = DeviceFile(tmp_path).set("device.relay", on_start="on")
    contact = Contact()
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(3):
            await service(config.path, {"socket-1": parts(contact, BrokenLight())}).run()
    assert caught.group_contains(ZeroDivisionError)
    assert contact.was_closed
    assert not contact.is_closed


async def test_a_start_that_failed_does_not_make_a_crash_of_a_power_loss(tmp_path):
    policy = {"power_loss": "off", "crash": "restore"}
    config = DeviceFile(tmp_path)
    config.set("device.relay.on_start", **policy)
    path = state_file(load(config.path, {}))
    file = StateFile(path)
    file.open()
    saved = json.dumps(KeptSocket(relay_on=True).model_dump())
    file.write(Changes(saved={"socket-1": saved}, run=Run(boot_id="before", version="0")))
    file.close()
    contact = Contact()
    contact.is_missing = True
    with pytest.raises(ExceptionGroup):
        await service(config.path, {"socket-1": parts(contact)}).run()
    contact.is_missing = False
    agent = service(config.path, {"socket-1": parts(contact)})
    with capture_logs() as logs:
        async with asyncio.TaskGroup() as group:
            group.create_task(agent.run())
            async with asyncio.timeout(10):
                await agent.ready.wait()
            agent.stop()
    assert not contact.was_closed
    assert [e["cause"] for e in logs if e["event"] == "agent.started"] == ["power_loss"]


async def test_a_start_that_ends_before_it_reaches_a_device_tells_the_guard_of_it(tmp_path):
    DeviceFile(tmp_path, "socket-1", has_agent=False)
    DeviceFile(tmp_path, "socket-2", has_agent=False)
    agent = DeviceFile(tmp_path / "none").agent_section() | {
        "state_dir": str(tmp_path / "state"),
        "control_socket": str(tmp_path / "control.sock"),
    }
    (tmp_path / "agent.toml").write_text(toml({"agent": agent}))
    lines = [
        Line(driver="simulated", address=str(tmp_path / f"contact-{n}"), active_high=True)
        for n in (1, 2)
    ]
    driven = [
        DrivenLine(device_id=f"socket-{n}", line=line, on_stop="off", on_crash="restore")
        for n, line in enumerate(lines, start=1)
    ]
    write_lines(tmp_path / "lines.jsonl", driven)
    first, second = Contact(lines[0]), Slow(lines[1])
    agent = service(tmp_path, {"socket-1": parts(first), "socket-2": parts(second)})
    running = asyncio.create_task(agent.run())
    async with asyncio.timeout(10):
        await second.is_asked.wait()
    rows, _ = read(str(tmp_path / "lines.jsonl"))
    assert {row.address: row.on_crash for row in rows} == {
        lines[0].address: "off",
        lines[1].address: "off",
    }
    running.cancel()
    await asyncio.wait([running])
