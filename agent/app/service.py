"""The agent as a service: start, ready, reload, watchdog, stop."""

import asyncio
import os
import signal
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from agent import __version__
from agent.app.codecs import check_codecs
from agent.app.control import Methods
from agent.app.device import DeviceApp
from agent.app.guarded import Guarded
from agent.app.held import HeldLines
from agent.app.history import History
from agent.app.kinds import make_device
from agent.app.local_time import MachineZone
from agent.app.networks import networks_of
from agent.app.outboxes import Outboxes
from agent.app.parts import Parts, build
from agent.app.place import state_file
from agent.app.policies import machine_facts
from agent.app.reloading import Reloads
from agent.app.slices import slices
from agent.app.surroundings import Surroundings
from agent.app.timekeeping import keep_time
from agent.clock import SystemClock
from agent.clouds.attempts import Attempts
from agent.control.server import ControlServer
from agent.errors import ControlError
from agent.keepers import SyncFacts
from agent.log_ring import LogRing
from agent.outbox import Bounds, Keeping
from agent.ports import Device
from agent.settings.root import Config, DeviceConfig
from agent.store import Store, read_boot_id
from agent.systemd import Notifier, passed_descriptors, watchdog_interval_s
from agent.ways import Line as Driven

log: Final = structlog.get_logger()

CHECKED_AT_A_TIME: Final = 8
"""So many devices prove that they are alive before the loop turns."""

MODEL_FILE: Final = Path("/proc/device-tree/model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What surrounds the agent: a test or the demo puts its own in."""

    environ: Mapping[str, str]
    reload: Callable[[], Config]
    build: Callable[[DeviceConfig, Device[Any]], Parts] = build
    probe: Callable[[], SyncFacts] | None = None
    ring: LogRing | None = None
    handles_signals: bool = True
    settled: Callable[[], object] = lambda: None
    """Called once, when everything that a start makes is there."""


class Service:
    """All devices of one configuration, in one process."""

    def __init__(self, config: Config, shell: Shell) -> None:
        self.config = config
        self.devices: dict[str, DeviceApp] = {}
        self.ready = asyncio.Event()
        self._shell = shell
        self._stopping = asyncio.Event()
        self._clock = SystemClock(mode=config.agent.clock, probe=shell.probe)
        self._started_at = self._clock.since_boot()
        self._reloads = Reloads(shell.reload, config, self._apply)
        self._store: Store | None = None
        self._methods: Methods | None = None
        self._guarded = Guarded(shell.environ, config.agent.control_socket)
        self._networks = networks_of(config.agent)
        self._history: History | None = None

    def stop(self) -> None:
        """End the service in order: relays at their stop policy, everything kept."""
        self._stopping.set()

    async def run(self) -> None:
        """Serve until `stop` or SIGTERM; raise what no part of it can mend."""
        config = self.config
        async with AsyncExitStack() as stack:
            notifier = stack.enter_context(Notifier(self._shell.environ))
            stack.enter_context(self._signals())
            parts = {each.device.id: self._parts(each) for each in config.devices}
            self._store = Store(state_file(config), stamp=self._clock.stamp)
            store = await stack.enter_async_context(self._store)
            held = HeldLines(notifier, passed_descriptors(self._shell.environ, os.getpid()))
            removed = self._guarded.removed(held, parts)
            cause = store.cause(read_boot_id(), __version__)
            log.info("agent.started", version=__version__, cause=cause.value)
            self._history = History(store.history, self._clock, config.agent)
            around = Surroundings(
                clock=self._clock,
                cause=cause,
                load=store.load,
                keep=lambda device, save, on_kept: store.save(
                    device, save.saved, cause=save.cause, on_kept=on_kept
                ),
                record=lambda device, row: store.record(device, row.topic, row.name, row.details),
                condition=store.condition,
                stops_cleanly=self._stopping.is_set,
                requests=store,
                attempts=Attempts(store, read_boot_id()),
                outboxes=Outboxes(self._keeping),
                held=held,
                machine=machine_facts(_model()),
                networks=self._networks,
                forget=self._forget,
                zone=MachineZone(self._clock.now),
            )
            self.devices = {
                each.device.id: DeviceApp(each, parts[each.device.id], around)
                for each in config.devices
            }
            await self._serve(notifier, store, removed)
            await store.end_run()
        log.info("agent.stopped")

    def _write_lines(self) -> None:
        self._guarded.write(self.devices, is_stopping=self._stopping.is_set())

    def _parts(self, config: DeviceConfig) -> Parts:
        """Make what a device works with; a fault here is found before anything has begun."""
        check_codecs(config)
        return self._shell.build(config, make_device(config.device))

    async def _serve(self, notifier: Notifier, store: Store, removed: Sequence[Driven]) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(device.run(self._write_lines), name=name)
                for name, device in self.devices.items()
            ]
            tasks.append(group.create_task(self._guarded.open(removed), name="removed"))
            tasks.append(group.create_task(self._begin_run(store), name="begin"))
            tasks.append(group.create_task(store.broken(), name="store"))
            watching = keep_time(self._clock, store, self.devices)
            tasks.append(group.create_task(watching, name="clock"))
            tasks.append(group.create_task(self._networks.run(), name="networks"))
            assert self._history is not None, "it was made with the store"
            keeping = self._history.keep(self.devices)
            tasks.append(group.create_task(keeping, name="history"))
            tasks.append(group.create_task(self._control(store), name="control"))
            tasks.append(group.create_task(self._reload(notifier), name="reload"))
            tasks.append(group.create_task(self._announce(notifier), name="ready"))
            tasks.append(group.create_task(self._watch(notifier), name="watchdog"))
            await self._stopping.wait()
            for device in self.devices.values():
                device.leave()
            notifier.stopping("stopping")
            self._write_lines()
            if self._methods is not None:
                await self._methods.leave()
            for task in tasks:
                task.cancel()

    async def _begin_run(self, store: Store) -> None:
        for device in self.devices.values():
            await device.taken_over.wait()
        await store.begin_run(read_boot_id(), __version__)

    async def _announce(self, notifier: Notifier) -> None:
        for device in self.devices.values():
            await device.ready.wait()
        notifier.ready(f"{len(self.devices)} device(s): {', '.join(self.devices)}")
        self.ready.set()
        self._shell.settled()

    async def _watch(self, notifier: Notifier) -> None:
        """Feed the watchdog with the progress of every device's own dispatch."""
        interval_s = watchdog_interval_s(self._shell.environ, os.getpid())
        if interval_s is None:
            return
        while True:
            for some in slices(self.devices, CHECKED_AT_A_TIME):
                for device in some.values():
                    device.check_alive()
                await asyncio.sleep(0)
            notifier.alive()
            await asyncio.sleep(interval_s / 4)

    async def _control(self, store: Store) -> None:
        methods = self._methods = Methods(
            self.devices,
            self._describe,
            store,
            history=self._history,
            ring=self._shell.ring,
            reload=self._reloads.ask,
        )
        path = Path(self.config.agent.control_socket)
        try:
            async with ControlServer(path, methods.table, methods.streams):
                await asyncio.Event().wait()
        except ControlError as error:
            log.warning("control.missing", error=str(error))
        finally:
            methods.close()

    def _forget(self, device: str) -> None:
        """Forget the history of a device, and the machine's networks."""
        assert self._history is not None, "it was made with the store"
        self._history.forget(device)
        self._networks.forget(device)

    def _describe(self) -> Mapping[str, object]:
        return {
            "pid": os.getpid(),
            "started": self._clock.wall_time_at(self._started_at),
            "clock": self._clock.describe(),
            "reload_error": self._reloads.error,
            "store": None if self._store is None else self._store.describe(),
        }

    def _keeping(self, identity: str, totals: Collection[str]) -> Keeping:
        """Keep an outbox in the state file."""
        assert self._store is not None, "the store is open"
        agent = self.config.agent
        return Keeping(
            file=self._store.outbox(identity, totals),
            clock=self._clock.since_boot,
            boot_id=read_boot_id(),
            bounds=Bounds(rows=agent.outbox_rows, bytes=int(agent.outbox_mb * 2**20)),
            totals=totals,
        )

    # ── signals and reload ──────────────────────────────────────────────────────────────────

    @contextmanager
    def _signals(self) -> Generator[None]:
        if not self._shell.handles_signals:
            yield
            return
        loop = asyncio.get_running_loop()
        handlers = {
            signal.SIGTERM: self._stopping.set,
            signal.SIGINT: self._stopping.set,
            signal.SIGHUP: self._reloads.asked.set,
        }
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        try:
            yield
        finally:
            for number in handlers:
                loop.remove_signal_handler(number)

    async def _reload(self, notifier: Notifier) -> None:
        await self.ready.wait()
        await self._reloads.run(notifier, self._clock.now)

    async def _apply(self, config: Config) -> None:
        self.config = config
        for each in config.devices:
            await self.devices[each.device.id].apply(each)


def _model() -> str:
    try:
        return MODEL_FILE.read_text(encoding="utf-8").rstrip("\0\n")
    except OSError:
        return "Linux gateway"
