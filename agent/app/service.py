"""The agent as a service: start, ready, reload, watchdog, stop."""

import asyncio
import os
import signal
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import structlog

from agent import __version__
from agent.app.codecs import check_codecs
from agent.app.control import Methods
from agent.app.device import DeviceApp
from agent.app.fleet import LINES_AGAIN_S, OPEN_WITHIN_S, Fleet, Yard, live
from agent.app.guarded import Guarded
from agent.app.held import HeldLines
from agent.app.history import History
from agent.app.kinds import make_device
from agent.app.local_time import MachineZone
from agent.app.making import faults_told, make_all
from agent.app.networks import networks_of
from agent.app.outboxes import Outboxes
from agent.app.parts import Parts, build
from agent.app.place import machine_model, state_file
from agent.app.policies import machine_facts
from agent.app.reloading import Reloads
from agent.app.surroundings import Surroundings
from agent.app.timekeeping import keep_time
from agent.app.trouble import FIRST_WAIT_S, within
from agent.clock import SystemClock
from agent.clouds.attempts import Attempts
from agent.control.server import ControlServer
from agent.errors import ControlError
from agent.keepers import SyncFacts
from agent.log_ring import LogRing
from agent.model import StartCause
from agent.outbox import Bounds, Keeping
from agent.ports import Device
from agent.settings.root import Config, DeviceConfig, LeftOut
from agent.store import Store, read_boot_id
from agent.systemd import Notifier, passed_descriptors, watchdog_interval_s
from agent.ways import Line as Driven

log: Final = structlog.get_logger()


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
    first_wait_s: float = FIRST_WAIT_S
    """How long a device that has failed waits for its next life; then twice as long each time."""
    open_within_s: float = OPEN_WITHIN_S
    lines_again_s: float = LINES_AGAIN_S


class Service:
    """All devices of one configuration, in one process."""

    def __init__(self, config: Config, shell: Shell) -> None:
        self.config = config
        self.ready = asyncio.Event()
        self._shell = shell
        self._stopping = asyncio.Event()
        self._clock = SystemClock(mode=config.agent.clock, probe=shell.probe)
        self._started_at = self._clock.since_boot()
        self._reloads = Reloads(shell.reload, lambda: live(self.config, self.devices), self._apply)
        self._store: Store | None = None
        self._methods: Methods | None = None
        self._guarded = Guarded(shell.environ, config.agent.control_socket, self._stopping.is_set)
        self._networks = networks_of(config.agent)
        self._history: History | None = None
        self._notifier = Notifier(shell.environ)
        self._left_out: Sequence[LeftOut] = ()
        self._fleet: Fleet | None = None

    def stop(self) -> None:
        """End the service in order: relays at their stop policy, everything kept."""
        self._stopping.set()

    async def run(self) -> None:
        """Serve until `stop` or SIGTERM; raise what no part of it can mend."""
        config = self.config
        async with AsyncExitStack() as stack:
            notifier = stack.enter_context(self._notifier)
            stack.enter_context(self._signals())
            made, self._left_out = make_all(config, self._parts)
            self._store = Store(state_file(config), stamp=self._clock.stamp)
            store = await stack.enter_async_context(self._store)
            held = HeldLines(notifier, passed_descriptors(self._shell.environ, os.getpid()))
            self._guarded.begin()
            removed = self._guarded.removed(held, [each.device.id for each, _ in made])
            boot_id = read_boot_id()
            cause = store.cause(boot_id, __version__)
            log.info("agent.started", version=__version__, cause=cause.value)
            self._history = History(store.history, self._clock, config.agent)
            around = self._around(store, held, cause, boot_id)
            yard = Yard(
                parts=self._parts,
                around=lambda name: replace(
                    around, cause=store.cause_of(name, boot_id, __version__)
                ),
                guarded=self._guarded,
                clock=self._clock,
                first_wait_s=self._shell.first_wait_s,
                open_within_s=self._shell.open_within_s,
                joined=self._joined,
                left=self._left,
            )
            fleet = self._fleet = Fleet(yard)
            for each, parts in made:
                fleet.add(each, parts)
            await self._serve(fleet, store, removed)
            await store.end_run()
        log.info("agent.stopped")

    @property
    def devices(self) -> Mapping[str, DeviceApp]:
        """The devices that are there, by id."""
        return {} if self._fleet is None else self._fleet.devices

    def _around(
        self, store: Store, held: HeldLines, cause: StartCause, boot_id: str
    ) -> Surroundings:
        return Surroundings(
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
            attempts=Attempts(store, boot_id),
            outboxes=Outboxes(self._keeping),
            held=held,
            machine=machine_facts(machine_model()),
            networks=self._networks,
            forget=self._forget,
            zone=MachineZone(self._clock.now),
        )

    def _parts(self, config: DeviceConfig) -> Parts:
        """Make what a device works with; a fault here is found before anything has begun."""
        check_codecs(config)
        return self._shell.build(config, make_device(config.device))

    async def _serve(self, fleet: Fleet, store: Store, removed: Sequence[Driven]) -> None:
        async with asyncio.TaskGroup() as group:
            fleet.run(group)
            assert self._history is not None, "it was made with the store"
            works = {
                "removed": self._guarded.open(removed),
                "begin": self._begin_run(fleet, store),
                "store": store.broken(),
                "clock": keep_time(self._clock, store, fleet.devices),
                "networks": self._networks.run(),
                "history": self._history.keep(fleet.devices),
                "control": self._control(fleet, store),
                "reload": self._reload(),
                "ready": self._announce(fleet),
                "watchdog": self._watch(fleet),
                "lines": fleet.keep_lines(self._shell.lines_again_s),
            }
            tasks = [group.create_task(work, name=name) for name, work in works.items()]
            await self._stopping.wait()
            for device in fleet.devices.values():
                within(device, device.leave, None)
            self._notifier.stopping("stopping")
            fleet.write_lines()
            if self._methods is not None:
                await self._methods.leave()
            fleet.cancel()
            for task in tasks:
                task.cancel()

    async def _begin_run(self, fleet: Fleet, store: Store) -> None:
        present = await fleet.settled()
        await store.begin_run(read_boot_id(), __version__, present=present)
        await self._guarded.open_earlier(fleet.devices)

    async def _announce(self, fleet: Fleet) -> None:
        self._notifier.ready(await fleet.ready())
        self.ready.set()
        self._shell.settled()

    async def _watch(self, fleet: Fleet) -> None:
        """Feed the watchdog with the progress of every device's own dispatch."""
        interval_s = watchdog_interval_s(self._shell.environ, os.getpid())
        if interval_s is None:
            return
        while True:
            for device in tuple(fleet.devices.values()):
                device.check_alive()
                await asyncio.sleep(0)  # frames of others come in between
            self._notifier.alive()
            await asyncio.sleep(interval_s / 4)

    async def _control(self, fleet: Fleet, store: Store) -> None:
        methods = self._methods = Methods(
            fleet.devices,
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
            "faults": faults_told(self._left_out),
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

    async def _reload(self) -> None:
        await self.ready.wait()
        await self._reloads.run(self._notifier, self._clock.now)

    async def _apply(self, config: Config) -> None:
        """Take over what has changed; raise `ConfigError` before anything has moved."""
        assert self._fleet is not None, "a reload waits for the start"
        come = await self._fleet.prepared(config)
        self.config, self._left_out = config, ()
        await self._fleet.apply(config, come)
        self._notifier.status(self._fleet.summary())

    def _joined(self, device: DeviceApp) -> None:
        if self._methods is not None:
            self._methods.joined(device)

    def _left(self, device: DeviceApp) -> None:
        assert self._history is not None, "it was made with the store"
        self._history.left(device)
        if self._methods is not None:
            self._methods.left(device)
