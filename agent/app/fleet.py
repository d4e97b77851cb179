"""All devices of the process: each has lives of its own, comes and leaves by itself."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, NoReturn

import structlog

from agent.app.device import DeviceApp
from agent.app.guarded import Guarded
from agent.app.parts import Parts, warm
from agent.app.surroundings import Surroundings
from agent.app.trouble import LONGEST_WAIT_S, attempt, end_of, trouble_of, within
from agent.errors import ConfigError
from agent.model import Condition, StartCause
from agent.ports import Clock
from agent.settings.changes import needs_restart
from agent.settings.root import Config, DeviceConfig

log: Final = structlog.get_logger()

OPEN_WITHIN_S: Final = 5.0
"""A device among others that is not open by then has a fault: a start does not wait for it."""

LINES_AGAIN_S: Final = 5.0
"""How soon the guard is told again which lines are driven, where it could not be told."""

LISTED: Final = 10
"""So many names a line has at most."""

LASTED_S: Final = 60.0
"""A life that lasted so long ends a streak of faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Yard:
    """What devices are made with, and who is told of them."""

    parts: Callable[[DeviceConfig], Parts]
    around: Callable[[str], Surroundings]
    guarded: Guarded
    clock: Clock
    first_wait_s: float
    open_within_s: float
    joined: Callable[[DeviceApp], None]
    left: Callable[[DeviceApp], None]


class Fleet:
    """Runs every device; `devices` are those that are there, in the order of their files.

    Among others, a device that ends by a fault is begun anew after a while, its outputs open.
    Alone it ends the process, and so does one whose outputs do not open: whoever restarts the
    process, and the guard before that, do better.
    """

    def __init__(self, yard: Yard) -> None:
        self.devices: dict[str, DeviceApp] = {}
        self._yard = yard
        self._group: asyncio.TaskGroup | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._origins: dict[str, StartCause] = {}

    # ── coming and leaving ──────────────────────────────────────────────────────────────────

    def add(self, config: DeviceConfig, parts: Parts) -> DeviceApp:
        """Take a device in; it runs as soon as the others do."""
        name = config.device.id
        app = self.devices[name] = DeviceApp(config, parts, self._around(name))
        if self._group is not None:
            self._start(app, self._group)
        return app

    def run(self, group: asyncio.TaskGroup) -> None:
        """Run all devices in *group*, and those that come later."""
        self._group = group
        for app in self.devices.values():
            self._start(app, group)

    def _start(self, app: DeviceApp, group: asyncio.TaskGroup) -> None:
        self._tasks[app.name] = group.create_task(self._live(app), name=app.name)

    async def remove(self, name: str) -> None:
        """Have a device leave: its outputs as a clean stop leaves them, its links ended."""
        app = self.devices[name]
        app.is_removed = True
        within(app, app.leave, None)
        task = self._tasks.pop(name)
        task.cancel()
        await asyncio.wait([task])
        if app.taken_over.is_set() and app.trouble is None:
            self._origins[name] = StartCause.RESTART
        del self.devices[name]
        if app.outputs.is_stuck or app.outputs.is_given_up:
            self._yard.guarded.keep(app)
        self.write_lines()
        self._yard.left(app)
        log.info("device.left", device=name)

    async def apply(self, config: Config, come: Mapping[str, Parts]) -> None:
        """Take a changed configuration over; *come* are the parts of those that are new."""
        wanted = {each.device.id: each for each in config.devices}
        for name in [name for name in self.devices if name not in wanted or name in come]:
            await self.remove(name)
        for name, each in wanted.items():
            if name in come:
                app = self.add(each, come[name])
                self._yard.joined(app)
                log.info("device.joined", device=name)
            elif each != self.devices[name].config:
                app = self.devices[name]
                end = await end_of(app.apply(each), f"{name}.apply")
                if end.cancellation is not None:
                    raise end.cancellation
                if end.error is not None:
                    app.fail(end.error)
        ordered = {name: self.devices[name] for name in wanted}
        self.devices.clear()
        self.devices.update(ordered)
        await self._yard.guarded.open_earlier(self.devices)

    async def prepared(self, config: Config) -> Mapping[str, Parts]:
        """Make the parts of devices that are new, before anything moves; raise `ConfigError`."""
        new = [each for each in config.devices if self._is_new(each)]
        await asyncio.to_thread(warm, new)
        come: dict[str, Parts] = {}
        for each in new:
            parts = attempt(partial(self._yard.parts, each))
            if isinstance(parts, Exception):
                raise _refusal(each.device.id, parts)
            come[each.device.id] = parts
        return come

    def _is_new(self, config: DeviceConfig) -> bool:
        """Tell whether it has to be made: one that does not work may get other parts."""
        app = self.devices.get(config.device.id)
        if app is None:
            return True
        return app.trouble is not None and needs_restart(app.config.device, config.device)

    async def settled(self) -> Collection[str]:
        """Wait until every device drives its outputs or has failed to; give those that do."""
        for app in tuple(self.devices.values()):
            await app.settled.wait()
        return [name for name, app in self.devices.items() if app.taken_over.is_set()]

    async def ready(self) -> str:
        """Wait until every device is supervised or has failed to be, and say which there are."""
        for app in tuple(self.devices.values()):
            await app.ready.wait()
        return self.summary()

    def summary(self) -> str:
        """Say which devices there are, and how many of them do not work."""
        names = list(self.devices)
        listed = ", ".join(names[:LISTED] + (["…"] if len(names) > LISTED else []))
        broken = [name for name, app in self.devices.items() if app.trouble is not None]
        text = f"{len(names)} device(s): {listed}"
        return f"{text}; not working: {', '.join(broken[:LISTED])}" if broken else text

    async def keep_lines(self, again_s: float) -> NoReturn:
        """Tell the guard again and again, in case it could not be told."""
        while True:
            await self._yard.clock.sleep(again_s)
            self.write_lines()

    def cancel(self) -> None:
        """End all of them."""
        for task in self._tasks.values():
            task.cancel()

    # ── a device's lives ────────────────────────────────────────────────────────────────────

    async def _live(self, app: DeviceApp) -> None:
        """Run a device, life after life, until it is cancelled."""
        clock, first_s = self._yard.clock, self._yard.first_wait_s
        wait_s = first_s
        life = self._run(app, within_s=None if len(self.devices) == 1 else self._yard.open_within_s)
        while True:
            begun = clock.now()
            end = await end_of(life, app.name)
            error = end.error
            if error is not None and not self._is_its_own(app):
                raise error
            if end.cancellation is not None:
                if error is not None and trouble_of(error, retry_at=0.0).is_bug:
                    log.critical("device.failed", device=app.name, exc_info=error)
                raise end.cancellation
            assert error is not None, "a device works until it is cancelled"
            wait_s = first_s if clock.now() - begun >= LASTED_S else wait_s
            self._fall(app, error, wait_s)
            await self._yard.guarded.open_earlier(self.devices, of=app.name)
            await clock.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            life = self._next_life(app)

    def _is_its_own(self, app: DeviceApp) -> bool:
        """Tell whether a fault of a device stays its own: it has neighbours, and stands open."""
        return not app.outputs.is_stuck and (app.is_removed or len(self.devices) > 1)

    async def _run(self, app: DeviceApp, *, within_s: float | None) -> None:
        await app.run(lambda: self._opened(app), within_s=within_s)

    async def _next_life(self, app: DeviceApp) -> None:
        app.begin_anew(self._yard.parts(app.config), self._around(app.name))
        await self._run(app, within_s=self._yard.open_within_s)

    def _opened(self, app: DeviceApp) -> None:
        self.write_lines()
        if app.is_driven and app.trouble is not None:
            log.warning("device.returned", device=app.name)
            app.trouble = None

    def _fall(self, app: DeviceApp, error: BaseException, wait_s: float) -> None:
        """Tell of a fault: one that goes on is told once, a bug with its traceback each time."""
        trouble = trouble_of(error, retry_at=self._yard.clock.now() + wait_s)
        facts = {"device": app.name, "error": trouble.error, "retry_in_s": wait_s}
        if trouble.is_bug:
            log.critical("device.failed", **facts, exc_info=error)
        elif app.trouble is None or app.trouble.error != trouble.error:
            log.warning("device.waits", **facts)
        else:
            log.debug("device.waits", **facts)
        if app.taken_over.is_set():
            self._origins[app.name] = StartCause.CRASH
        if app.outputs.is_given_up:
            self._yard.guarded.keep(app)
        app.fall(trouble)
        self.write_lines()

    def _around(self, name: str) -> Surroundings:
        """Tell what surrounds a device: one that ran in this process before is of this boot."""
        around, origin = self._yard.around(name), self._origins.get(name)
        if origin is None:
            return around
        return replace(around, cause=origin, condition=_good)

    def write_lines(self) -> None:
        """Tell the guard which lines are driven."""
        self._yard.guarded.write(self.devices)


def live(config: Config, devices: Mapping[str, DeviceApp]) -> Config:
    """Give *config* without the devices that do not work: nothing of those moves."""
    found = (each.config for each in devices.values() if each.trouble is None)
    return replace(config, devices=tuple(found))


def _good(_name: str) -> Condition:
    return Condition.GOOD


def _refusal(name: str, error: Exception) -> ConfigError:
    if isinstance(error, ConfigError):
        return error
    log.critical("device.failed", device=name, exc_info=error)
    return ConfigError(f"device {name!r}: its driver cannot be made: {error!r}")
