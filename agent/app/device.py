"""One device at work: its drivers, its runtime, its links."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Final

import structlog

from agent.app.counted import counted_of
from agent.app.days import keep_days
from agent.app.held import name_to_keep
from agent.app.links import Desk, Links
from agent.app.local_time import keep_local_time, machine_zone
from agent.app.parts import Parts, claim_relay, open_optional
from agent.app.policies import policy_of, rights_of
from agent.app.readings import Readings, wait_for_meter
from agent.app.surroundings import Surroundings
from agent.app.warmth import Warmth
from agent.app.watchers import Watchers
from agent.devices.effects import Save, SetRelay
from agent.devices.inputs import ButtonEdge, Found, Kept
from agent.devices.socket.socket import Socket
from agent.devices.socket.state import State
from agent.drivers.meter_pump import pump
from agent.messages import InfoReport
from agent.ports import Clock, Indicator, Line, Relay
from agent.requests import Doings, Requests
from agent.runtime import Runtime
from agent.settings.root import DeviceConfig
from agent.thing import Thing
from agent.timer import LoopTimer
from agent.wiring import Wiring

log: Final = structlog.get_logger()


class DeviceApp:
    """Runs one device until it is cancelled.

    `is_driven` tells that its relay is; `taken_over` is set when its state is saved too, and
    `ready` when the relay is supervised. `is_line_held` is known before the device starts: the
    contact was found standing closed, its line held through the restart. `kept_as` names the
    line for whoever holds it next; empty where nobody does.
    """

    def __init__(self, config: DeviceConfig, parts: Parts, around: Surroundings) -> None:
        self.config = config
        self.parts = parts
        self.is_driven = False
        self.is_line_held = False
        self.kept_as = ""
        self.taken_over = asyncio.Event()
        self.ready = asyncio.Event()
        self.links: Links | None = None
        self.readings = Readings(parts.meter, self.name, lambda: self.runtime.dispatch)
        self.watchers = Watchers()
        self._around = around
        self._device = Socket(settings=config.device)
        self._runtime: Runtime[State] | None = None
        self._line: Line | None = None
        self._meter_error: str | None = None
        self._warmth = Warmth(self.name)
        self._has_left = False
        self._due = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Tell whether the relay is driven; before that there is no runtime to ask."""
        return self._runtime is not None

    @property
    def runtime(self) -> Runtime[State]:
        """The runtime, while `is_open`."""
        assert self._runtime is not None, "the device has been opened"
        return self._runtime

    @property
    def line(self) -> Line | None:
        """The relay's line, for the stop guard."""
        return self._line

    @property
    def thing(self) -> Thing[State]:
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
    def name(self) -> str:
        """The device's id."""
        return self.config.device.id

    @property
    def clock(self) -> Clock:
        """The time that the device lives by."""
        return self._around.clock

    async def run(self, opened: Callable[[], None]) -> None:
        """Open everything, work until cancelled, and leave the relay at its policy.

        *opened* is called when the relay is driven, before anything else happens.
        """
        loop = asyncio.get_running_loop()
        around, clock = self._around, self._around.clock
        taken = around.held.take(self.name, self.parts.relay.probe)
        self.is_line_held = taken is not None and taken.is_on
        found = Found(
            saved=around.load(self.name),
            cause=around.cause,
            condition=around.condition(self.name),
            is_held_on=self.is_line_held,
            is_held_off=taken is not None and not taken.is_on,
        )
        state, effects = self._device.start(found, clock.now())
        timer = LoopTimer(loop)
        async with AsyncExitStack() as stack:
            held = taken.descriptor if taken else None
            relay = await claim_relay(stack, self.parts, clock, on=state.relay_on, held=held)
            stack.callback(self._let_go, relay)
            self._line, self.is_driven = relay.line, True
            self.kept_as = name_to_keep(self.name, relay, self.config.device.relay)
            opened()
            around.held.settle(self.kept_as, relay, taken)
            indicator = await open_optional(stack, self.parts.indicator, "indicator", self.name)
            button = await open_optional(stack, self.parts.button, "button", self.name)
            runtime = Runtime(self._wiring(relay, indicator), state, timer)
            runtime.watchers = self.watchers.deciding
            self._runtime = runtime
            timer.callback = self._due.set
            runtime.perform([effect for effect in effects if not isinstance(effect, SetRelay)])
            self.taken_over.set()
            if button is not None:
                button.on_edge(self._on_edge)
            try:
                await self._work(runtime)
            finally:
                timer.cancel()
                self.leave()

    async def apply(self, config: DeviceConfig) -> None:
        """Take over a changed configuration; the relay does not move."""
        self.config = config
        self._device = Socket(settings=config.device)
        self.runtime.reconfigure(self._device, policy_of(config.device, self._device))
        await self._apply_clouds()

    def leave(self) -> None:
        """Put the relay at its stop policy; after a fault of ours it always opens.

        Called first when the service stops, before anything is waited for, and again at the
        end: a command in between may have closed the contact once more.
        """
        runtime = self._runtime
        if runtime is None or (self._has_left and not runtime.state.relay_on):
            return
        self._has_left = True
        is_clean = self._around.stops_cleanly()
        runtime.stop(keeps_policy=is_clean)
        if not (is_clean and self.config.device.relay.on_stop == "keep"):
            self._around.held.drop(self.kept_as)

    def _let_go(self, relay: Relay) -> None:
        """Open a contact for which no runtime came to be."""
        if self._runtime is None:
            relay.set(on=False)
            self._around.held.drop(self.kept_as)

    def check_alive(self) -> None:
        """Pass through the one door; what is stuck there keeps the watchdog hungry."""
        if self._runtime is not None:
            self._runtime.wake()

    # ── parts ───────────────────────────────────────────────────────────────────────────────

    def _wiring(self, relay: Relay, indicator: Indicator | None) -> Wiring[State]:
        return Wiring(
            name=self.name,
            device=self._device,
            relay=relay,
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

    # ── work ────────────────────────────────────────────────────────────────────────────────

    async def _work(self, runtime: Runtime[State]) -> None:
        clock = self._around.clock
        async with asyncio.TaskGroup() as group:
            self.links = Links(self._desk(runtime), self.parts.transport, clock, group, self.name)
            group.create_task(
                pump(self.parts.meter, self.readings.take, clock, self._on_meter),
                name=f"{self.name}.meter",
            )
            group.create_task(wait_for_meter(clock, self.ready), name=f"{self.name}.start")
            group.create_task(self._keep_time(runtime), name=f"{self.name}.time")
            days = keep_days(runtime.dispatch, clock, lambda: self.config.device.place.timezone)
            group.create_task(days, name=f"{self.name}.days")
            zone = keep_local_time(runtime.dispatch, clock, self._zone)
            group.create_task(zone, name=f"{self.name}.zone")
            self._warmth.begin(group, self.parts.thermometer, runtime.dispatch, clock)
            await self._apply_clouds()
            runtime.wake()

    async def _keep_time(self, runtime: Runtime[State]) -> None:
        """Wake the runtime when its timer fires: in a task, so that a bug ends the agent."""
        while True:
            await self._due.wait()
            self._due.clear()
            runtime.wake()

    def _on_edge(self, is_pressed: bool) -> None:  # noqa: FBT001 - the port's callback
        self.runtime.dispatch(ButtonEdge(is_pressed=is_pressed))

    def _zone(self) -> str:
        return self.config.device.place.timezone or machine_zone()

    def _on_meter(self, error: str | None) -> None:
        self._meter_error = error
        self.ready.set()

    # ── clouds ──────────────────────────────────────────────────────────────────────────────

    async def _apply_clouds(self) -> None:
        assert self.links is not None
        clouds = {name: self.config.clouds[name] for name in self.config.device.clouds}
        self._requests.rights = {name: rights_of(each) for name, each in clouds.items()}
        self.runtime.sinks = self.links.sinks(clouds)
        await self.links.apply(clouds)

    def _desk(self, runtime: Runtime[State]) -> Desk:
        around = self._around
        doings = Doings(
            execute=runtime.execute, position=runtime.position, commands=lambda: runtime.commands
        )
        self._requests = Requests(doings, around.clock.now, around.requests, self.name)
        return Desk(
            execute=self._requests.execute,
            perform=self._requests.perform,
            values=runtime.values,
            changed=self.watchers.of_links(runtime.dispatch),
            snapshot=runtime.full_report,
            info=lambda: InfoReport(facts={**around.machine, "name": self.name}),
            codec=self.parts.codec,
            attempts=around.attempts,
            memory=around.requests,
            outbox=lambda cloud, identity: around.outboxes.of(cloud, identity, self.thing.totals()),
            counted=counted_of(around.condition(self.name), lambda: runtime.state),
        )
