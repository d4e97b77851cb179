"""A socket with its store and its history in virtual time; the chip goes on between processes."""

import asyncio
import shutil
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agent.app.device import DeviceApp
from agent.app.held import HeldLines
from agent.app.history import History
from agent.app.local_time import machine_zone
from agent.app.outboxes import Outboxes
from agent.app.parts import Parts
from agent.app.surroundings import Surroundings
from agent.clouds.attempts import Attempts
from agent.clouds.in_memory import MemoryTransport
from agent.devices.effects import MAIN
from agent.drivers.simulated.button import SimulatedButton
from agent.drivers.simulated.contact import SimulatedRelay
from agent.drivers.simulated.indicator import SimulatedIndicator
from agent.history.text import from_text
from agent.loop_clock import LoopClock
from agent.memory import ProcessMemory
from agent.settings.root import AgentSettings
from agent.store import Store
from agent.store.thread import AtOnce
from agent.systemd import Notifier
from tests.day.house import DirectMeter, config, memory_keeping
from tests.store.history import counted, opened

ZONE = machine_zone()
MIDNIGHT = datetime(2026, 6, 10, tzinfo=ZoneInfo(ZONE)).timestamp()


class StandClock(LoopClock):
    """The loop's time; the wall clock says *start* as it is made (None: it is not known)."""

    def __init__(self, start: float | None) -> None:
        self.offset = None if start is None else start - self.now()

    def wall_time(self) -> float | None:
        return None if self.offset is None else self.offset + self.now()


class Mains(DirectMeter):
    """A chip that may fall silent, and whose frames are few: these tests take minutes of them."""

    period_s = 0.5
    is_silent = False

    async def readings(self) -> AsyncGenerator[Any, None]:
        async for each in super().readings():
            if not self.is_silent:
                yield each


@dataclass(slots=True, kw_only=True)
class Stand:
    """One process."""

    app: DeviceApp
    history: History
    store: Store
    rows: list[Any] = field(default_factory=list[Any])

    @property
    def total_mj(self) -> int:
        return self.app.runtime.state.energy.total_mj


@asynccontextmanager
async def process(
    path: Any,
    meter: Mains,
    clock: StandClock,
    *,
    boot: str = "b1",
    is_killed: bool = False,
    file: Any = None,
    **settings: Any,
) -> AsyncGenerator[Stand, None]:
    """Run the agent on a state file; a kill leaves what was written by then."""
    store = Store(path, stamp=clock.stamp, boot_id=boot, thread=AtOnce(), file=file)
    made = config({}, {"relay": {"driver": "simulated", "on_start": "on", "min_off_s": 0}})
    memory = ProcessMemory()
    kept = path.with_name("as-killed.db")
    async with store:
        history = History(store.history, clock, AgentSettings(**settings))
        around = Surroundings(
            clock=clock,
            cause=store.cause(boot, "0"),
            load=store.load,
            keep=lambda device, save, on_kept: store.save(
                device, save.saved, cause=save.cause, on_kept=on_kept
            ),
            record=lambda device, row: store.record(device, row.topic, row.name, row.details),
            condition=store.condition,
            stops_cleanly=lambda: True,
            requests=memory,
            attempts=Attempts(memory, boot),
            outboxes=Outboxes(lambda _identity, totals: memory_keeping(clock, totals)),
            held=HeldLines(Notifier({})),
            machine={},
            forget=history.forget,
        )
        parts = Parts(
            meter=meter,
            relays={MAIN: SimulatedRelay(made.device.relay)},
            button=SimulatedButton(made.device.button),
            indicator=SimulatedIndicator(made.device.indicator),
            transport=MemoryTransport({}),
        )
        app = DeviceApp(made, parts, around)
        tasks = [asyncio.create_task(app.run(lambda: None))]
        await app.taken_over.wait()
        meter.set_contact(on=True)
        tasks.append(asyncio.create_task(history.keep({app.name: app})))
        await store.begin_run(boot, "0")
        try:
            yield Stand(app=app, history=history, store=store)
        finally:
            if is_killed:
                for suffix in ("", "-wal"):
                    shutil.copyfile(f"{path}{suffix}", f"{kept}{suffix}")
            app.leave()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await store.end_run()
    if is_killed:
        for suffix in ("", "-wal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
            shutil.move(f"{kept}{suffix}", f"{path}{suffix}")


def used_by_day(path: Any) -> dict[str, int]:
    """Sum the minutes of each local day, as they stand in the file."""
    found: dict[str, int] = {}
    with opened(path) as database:
        rows = database.execute("SELECT wall_time + 30, body FROM minute").fetchall()
    for wall_time, body in rows:
        day = time.strftime("%Y-%m-%d", time.localtime(wall_time))
        found[day] = found.get(day, 0) + counted(from_text(body))
    return found


def used_in_all(path: Any) -> int:
    return sum(used_by_day(path).values())


def date_of(wall_time: float, days: int = 0) -> str:
    return str((datetime.fromtimestamp(wall_time, ZoneInfo(ZONE)) + timedelta(days=days)).date())
