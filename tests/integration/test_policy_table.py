"""Restart, reload, update, crash, reboot, power loss: what the contact does, as a table.

The device, its drivers, what is held and what is stored are the real ones; the machine around
them, which kills, holds descriptors and loses power, is played.
"""

import asyncio
import contextlib
import os
from itertools import pairwise
from pathlib import Path

import pytest

from agent.app.device import DeviceApp
from agent.app.held import HeldLines
from agent.app.outboxes import Outboxes
from agent.app.parts import Parts
from agent.app.surroundings import Surroundings
from agent.clock import SystemClock
from agent.clouds.attempts import Attempts
from agent.devices.effects import MAIN
from agent.devices.inputs import Toggle
from agent.guard import Ending, Line, opens
from agent.memory import ProcessMemory
from agent.model import Condition, Origin, OriginKind, StartCause
from agent.outbox import Keeping
from agent.settings.device import SocketSettings
from agent.settings.root import DeviceConfig
from tests.integration.hardware import HARDWARE, GpiozeroPin
from tests.integration.policies import cases, movements, rows

SOMEONE = Origin(kind=OriginKind.LOCAL, name="test")
STOPPED = Ending("success", "exited", "0")
KILLED = Ending("signal", "killed", "KILL")
ID = "socket-1"


def _kept_as(app):
    (driven,) = app.driven
    return driven.kept_as


class Manager:
    """The service manager's end of the notify protocol: it holds copies of descriptors."""

    def __init__(self):
        self.held = {}
        self.is_deaf = False

    def keep(self, descriptor, name):
        if not self.is_deaf:
            self.drop(name)
            self.held[name] = os.dup(descriptor)

    def drop(self, name):
        if not self.is_deaf and name in self.held:
            os.close(self.held.pop(name))


class Mortal:
    """A relay and its driver in a process that may die: nothing that it does counts then."""

    descriptor = property(lambda self: self._contact.descriptor)
    line = property(lambda self: self._contact.line)

    def __init__(self, driver, *, lingers):
        self._driver = driver
        self._lingers = lingers
        self._contact = None
        self.left_over = contextlib.AsyncExitStack()
        self.is_dead = False

    def probe(self, held):
        return self._driver.probe(held)

    @contextlib.asynccontextmanager
    async def open(self, *, on, held=None):
        async with contextlib.AsyncExitStack() as stack:
            self._contact = await stack.enter_async_context(self._driver.open(on=on, held=held))
            yield self
            if self.is_dead and self._lingers:
                self.left_over = stack.pop_all()

    def set(self, *, on):
        if not self.is_dead:
            self._contact.set(on=on)


class Silent:
    """A meter that never speaks."""

    async def readings(self):
        await asyncio.Event().wait()
        yield


class Life:
    """A machine on which the agent lives, dies and starts again."""

    def __init__(self, hardware, on_stop, on_start):
        relay = hardware.settings(on_stop=on_stop, on_start=on_start)
        settings = SocketSettings(id=ID, kind="socket", relay=relay)
        self.config = DeviceConfig(path=Path("socket.toml"), device=settings, clouds={})
        self.hardware = hardware
        self.manager = Manager()
        self.saved = None
        self.app = None
        self._is_stopping = False

    async def start(self, cause):
        manager, hardware = self.manager, self.hardware
        passed = [(name, os.dup(descriptor)) for name, descriptor in manager.held.items()]
        for _, descriptor in passed:
            hardware.show(descriptor)
        driver = hardware.driver(self.config.device.relay)
        self.relay = Mortal(driver, lingers=isinstance(hardware, GpiozeroPin))
        self._is_stopping = manager.is_deaf = False
        memory = ProcessMemory()
        around = Surroundings(
            clock=SystemClock(mode="system"),
            cause=cause,
            load=lambda _: self.saved,
            keep=self._keep,
            record=lambda _device, _row: None,
            condition=lambda _: Condition.NEW if self.saved is None else Condition.GOOD,
            requests=memory,
            attempts=Attempts(memory, "boot"),
            outboxes=Outboxes(lambda _identity, _totals: Keeping()),
            stops_cleanly=lambda: self._is_stopping,
            held=HeldLines(manager, passed),
            machine={},
        )
        parts = Parts(
            meter=Silent(), relays={MAIN: self.relay}, button=None, indicator=None, transport=None
        )
        self.app = DeviceApp(self.config, parts, around)
        self._task = asyncio.create_task(self.app.run(lambda: None))
        await self.app.taken_over.wait()

    async def stop(self):
        """Stop as `systemctl stop` does."""
        self._is_stopping = True
        self.app.leave()
        await self._end()
        self._guard(STOPPED)

    async def kill(self):
        self.relay.is_dead = self.manager.is_deaf = True
        await self._end()
        self.manager.is_deaf = False
        self._guard(KILLED)

    def lose_power(self):
        """Let the pins become inputs, and forget what was held."""
        for name in list(self.manager.held):
            self.manager.drop(name)
        self.hardware.open_it()

    async def close(self):
        await self.stop()
        for name in list(self.manager.held):
            self.manager.drop(name)

    async def _end(self):
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self.hardware.let_go()

    def _guard(self, ending):
        settings = self.config.device.relay
        line = self.app.driven[0].line
        row = Line(
            *(ID, line.driver, line.address, line.active_high, settings.on_stop),
            *(settings.on_start, _kept_as(self.app)),
        )
        if opens(row, ending):
            self.manager.drop(_kept_as(self.app))
            self.hardware.open_it()

    def _keep(self, _, save, on_kept):
        if not self.relay.is_dead:
            self.saved = save.saved
            on_kept()


async def happens(life, cause):
    """End the agent by *cause* and start it again."""
    match cause:
        case "reload":
            await life.app.apply(life.config)
        case "restart" | "update":
            await life.stop()
            await life.start(StartCause(cause))
        case "crash":
            await life.kill()
            await life.start(StartCause.CRASH)
        case "reboot":
            await life.stop()
            life.lose_power()
            await life.start(StartCause.REBOOT)
        case _:
            await life.kill()
            life.lose_power()
            await life.start(StartCause.POWER_LOSS)


def told(positions):
    """Put positions into the table's words."""
    steps = [after for before, after in pairwise(positions) if before != after]
    return ", ".join("closes" if on else "opens" for on in steps) or "stays"


async def lived(make, folder, row):
    hardware = make(folder)
    life = Life(hardware, row.on_stop, row.on_start)
    await life.start(StartCause.FIRST)
    if life.app.runtime.state.relay_on is not (row.was == "closed"):
        life.app.runtime.dispatch(Toggle(origin=SOMEONE))
    begun, first = len(hardware.positions), life.relay
    assert hardware.positions[-1] is (row.was == "closed")
    await happens(life, row.cause)
    moved = hardware.positions[begun - 1 :]
    is_held = life.app.is_line_held
    assert life.app.runtime.state.relay_on is moved[-1], "the state is where the contact is"
    await life.close()
    await first.left_over.aclose()
    return told(moved), is_held


CASES = list(cases())


@pytest.mark.parametrize("make", HARDWARE, ids=lambda make: make.name)
@pytest.mark.parametrize(
    "row", CASES, ids=lambda row: f"{row.was}-{row.cause}-{row.on_stop}-{row.on_start}"
)
async def test_the_contact_does_what_the_table_says(tmp_path, make, row):
    expected = row.gpiozero if make is GpiozeroPin else row.still
    found, is_held = await lived(make, tmp_path, row)
    assert found == expected
    is_kept_closed = row.was == "closed" and row.still == "stays" and row.cause != "reload"
    assert is_held is (is_kept_closed and make is not GpiozeroPin)


def test_the_table_has_every_cause_and_policy_once():
    seen = [(row.was, row.cause, row.on_stop, row.on_start) for row in CASES]
    assert len(seen) == len(set(seen)) == 2 * 6 * 2 * 3
    assert {row.cause for row in rows()} == {
        "reload",
        *(cause.value for cause in StartCause if cause is not StartCause.FIRST),
    }
    assert all(movements(what) <= 2 for row in rows() for what in (row.still, row.gpiozero))
