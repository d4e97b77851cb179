"""One device at work: its drivers, its runtime, its links."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final

import structlog

from agent.app.days import keep_days
from agent.app.desks import Told, desk_of, edges_to, requests_of
from agent.app.had import Had
from agent.app.kinds import make_device
from agent.app.links import Desk, Links
from agent.app.local_time import keep_local_time
from agent.app.outputs import DeviceOutputs, Driven
from agent.app.parts import Parts, open_optional
from agent.app.policies import policy_of, rights_of
from agent.app.readings import Readings, wait_for_meter
from agent.app.sensing import Sensing
from agent.app.surroundings import Surroundings
from agent.app.trouble import Trouble, missed
from agent.app.warmth import Warmth
from agent.app.watchers import Watchers
from agent.devices.effects import Save, SetLevel, SetRelay
from agent.devices.inputs import Kept
from agent.drivers.meter_pump import pump
from agent.driving import Outputs
from agent.ports import Clock, Device, Indicator
from agent.runtime import Runtime
from agent.settings.root import DeviceConfig
from agent.thing import Thing
from agent.timer import LoopTimer
from agent.wiring import Wiring

log: Final = structlog.get_logger()


class DeviceApp:
    """Runs one device until it is cancelled; after a fault, whoever runs it may begin it anew.

    `is_driven` tells that its outputs are; `taken_over` is set when its state is saved too, and
    `ready` when they are supervised. `settled` and `ready` are set by a fault, too.
    """

    def __init__(self, config: DeviceConfig, parts: Parts, around: Surroundings) -> None:
        self.config = config
        self.taken_over, self.settled, self.ready = (asyncio.Event() for _ in range(3))
        self.watchers = Watchers()
        self.is_removed = False
        self.trouble: Trouble | None = None
        self._begin(parts, around)

    def _begin(self, parts: Parts, around: Surroundings) -> None:
        self.parts = parts
        self.is_driven = False
        self.links: Links | None = None
        self.readings = Readings(parts.meter, self.name, lambda: self.runtime.dispatch)
        self._around = around
        self._device = make_device(self.config.device)
        self.outputs = DeviceOutputs(self.name, parts, self._device.needs, around.held)
        self._sensing = Sensing(self.name)
        self._runtime: Runtime[Any] | None = None
        self._meter_error: str | None = None
        self._warmth = Warmth(self.name)
        self._had = Had(around.requests, self.name)
        self._has_left = False
        self._due = asyncio.Event()
        self._bug: BaseException | None = None

    def begin_anew(self, parts: Parts, around: Surroundings) -> None:
        """Forget the life that has ended, but not who watches; `run` begins the next."""
        watchers = self.readings.watchers
        self._begin(parts, around)
        self.readings.watchers = watchers

    @property
    def is_open(self) -> bool:
        """Tell whether the relay is driven; before that there is no runtime to ask."""
        return self._runtime is not None

    @property
    def runtime(self) -> Runtime[Any]:
        """The runtime, while `is_open`."""
        assert self._runtime is not None, "the device has been opened"
        return self._runtime

    @property
    def device(self) -> Device[Any]:
        """The pure device that decides."""
        return self._device

    @property
    def driven(self) -> Sequence[Driven]:
        """The outputs that are driven, for the stop guard."""
        return self.outputs.driven

    @property
    def is_line_held(self) -> bool:
        """Tell whether a contact was found standing closed, its line held through the restart."""
        return self.outputs.is_held_closed

    @property
    def thing(self) -> Thing[Any]:
        """The thing table."""
        return self._device.thing

    @property
    def meter_error(self) -> str | None:
        """Why the meter cannot be read, or None."""
        return self._meter_error

    @property
    def temperature_error(self) -> str | None:
        """Why the socket's temperature sensor cannot be read, or None."""
        return self._warmth.error

    @property
    def sensor_errors(self) -> Mapping[str, str]:
        """Why sensors cannot be read, by sensor."""
        return self._sensing.errors

    @property
    def name(self) -> str:
        """The device's id."""
        return self.config.device.id

    @property
    def clock(self) -> Clock:
        """The time that the device lives by."""
        return self._around.clock

    async def run(self, opened: Callable[[], None], *, within_s: float | None = None) -> None:
        """Open everything, work until cancelled, and leave the relay at its policy.

        *opened* is called when the relay is driven, before anything else happens. What is not
        open *within_s* is a fault.
        """
        loop = asyncio.get_running_loop()
        around, clock = self._around, self._around.clock
        found = around.found(self.name, self.outputs.take_back())
        state, effects = self._device.start(found, clock.now())
        timer = LoopTimer(loop)
        async with AsyncExitStack() as stack:
            with missed(f"not open within {within_s} s"):
                async with asyncio.timeout(within_s):
                    at = self._device.outputs(state)
                    outputs = await self.outputs.open(stack, clock, at, opened)
                    self.is_driven = True
                    opened()
                    name = self.name
                    indicator = await open_optional(stack, self.parts.indicator, "indicator", name)
                    button = await open_optional(stack, self.parts.button, "button", name)
            runtime = Runtime(self._wiring(outputs, indicator), state, timer)
            runtime.watchers = self.watchers.deciding
            self._runtime = runtime
            timer.callback = self._due.set
            runtime.perform([each for each in effects if not isinstance(each, SetRelay | SetLevel)])
            self.taken_over.set()
            self.outputs.watch(runtime.doubt)
            self.settled.set()
            if button is not None:
                button.on_edge(edges_to(runtime.dispatch))
            try:
                await self._work(runtime)
            finally:
                timer.cancel()
                try:
                    self.leave()
                finally:
                    self._runtime = None  # the outputs are let go: nobody drives them now

    async def apply(self, config: DeviceConfig) -> None:
        """Take over a changed configuration; the relay does not move."""
        self.config = config
        self._device = make_device(config.device)
        if self._runtime is None or self.links is None:
            return  # it begins with it
        self.runtime.reconfigure(self._device, policy_of(config.device, self._device))
        await self._apply_clouds()

    def leave(self) -> None:
        """Put the relay at its stop policy; after a fault of ours it always opens.

        Called first when the service stops, before anything is waited for, and again at the
        end: a command in between may have closed the contact once more.
        """
        runtime = self._runtime
        if runtime is None or (
            self._has_left and not any(self._device.outputs(runtime.state).values())
        ):
            return
        self._has_left = True
        is_clean = self.is_removed or self._around.stops_cleanly()
        self.outputs.has_left = False
        runtime.stop(keeps_policy=is_clean)
        self.outputs.has_left = True
        self.outputs.is_stuck = runtime.is_any_stuck
        self.outputs.drop(is_clean=is_clean and not self.is_removed)

    def fall(self, trouble: Trouble) -> None:
        """Be there without outputs, values and links until the next life."""
        self.outputs.abandon()
        self.outputs.driven = ()
        self._runtime, self.links, self.is_driven = None, None, False
        self.trouble = trouble
        self.settled.set()
        self.ready.set()
        for watcher in tuple(self.watchers.deciding):
            watcher()

    def fail(self, error: BaseException) -> None:
        """Have a bug that showed outside its own tasks end this life."""
        self._bug = error
        self._due.set()

    def check_alive(self) -> None:
        """Pass through the one door, in a task of its own: a bug there is the device's."""
        if self._runtime is not None:
            self._due.set()

    def _wiring(self, outputs: Outputs, indicator: Indicator | None) -> Wiring[Any]:
        return Wiring(
            name=self.name,
            device=self._device,
            outputs=outputs,
            indicator=indicator,
            clock=self._around.clock,
            policy=policy_of(self.config.device, self._device),
            keep=self._keep,
            record=lambda row: self._around.record(self.name, row),
            rescale=self.readings.rescale,
            provision=lambda: self._around.networks.begin(self.name),
            forget=lambda: self._around.forget(self.name),
        )

    def _keep(self, save: Save) -> None:
        """Hand a state to the store, which tells when it is on the disk."""
        self._around.keep(self.name, save, lambda: self._on_kept(save.total_mj))

    def _on_kept(self, total_mj: int) -> None:
        if self._runtime is not None and not self._has_left:
            self._runtime.dispatch(Kept(total_mj=total_mj))

    async def _work(self, runtime: Runtime[Any]) -> None:
        clock = self._around.clock
        async with asyncio.TaskGroup() as group:
            desk = self._desk(runtime)
            self.links = Links(desk, self.parts.transport, clock, group, self.name)
            if self.parts.meter is None:
                self.ready.set()
            else:
                group.create_task(
                    pump(self.parts.meter, self.readings.take, clock, self._on_meter),
                    name=f"{self.name}.meter",
                )
                group.create_task(wait_for_meter(clock, self.ready), name=f"{self.name}.start")
            needs = self._device.needs
            self._sensing.begin(group, self.parts.sensors, needs, runtime.dispatch, clock)
            group.create_task(self._keep_time(runtime), name=f"{self.name}.time")
            days = keep_days(runtime.dispatch, clock, lambda: self.config.device.place.timezone)
            group.create_task(days, name=f"{self.name}.days")
            zone = keep_local_time(runtime.dispatch, clock, lambda: self.zone)
            group.create_task(zone, name=f"{self.name}.zone")
            self._warmth.begin(group, self.parts.thermometer, runtime.dispatch, clock)
            await self._apply_clouds()
            runtime.wake()

    async def _keep_time(self, runtime: Runtime[Any]) -> None:
        """Wake the runtime when its timer fires: in a task, so that a bug ends the agent."""
        while True:
            await self._due.wait()
            self._due.clear()
            if self._bug is not None:
                raise self._bug
            runtime.wake()

    @property
    def zone(self) -> str:
        """The time zone of the device, by its settings or the machine's."""
        return self.config.device.place.timezone or self._around.zone()

    def _on_meter(self, error: str | None) -> None:
        self._meter_error = error
        self.ready.set()

    async def _apply_clouds(self) -> None:
        assert self.links is not None
        clouds = {name: self.config.clouds[name] for name in self.config.device.clouds}
        self._requests.rights = {name: rights_of(each, self.thing) for name, each in clouds.items()}
        self.runtime.sinks = self.links.sinks(clouds)
        await self.links.apply(clouds)
        await self._had.note(self.thing, clouds.values())

    def _desk(self, runtime: Runtime[Any]) -> Desk:
        self._requests = requests_of(runtime, self._around, self.name)
        changed = self.watchers.of_links(runtime.dispatch)
        codec, had = self.parts.codec, self._had
        parts = Told(thing=lambda: self.thing, codec=codec, changed=changed, had=had)
        return desk_of(runtime, self._requests, self._around, parts)
