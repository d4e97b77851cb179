"""Everything that the control API can do to the clouds and their devices."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from agent.emulator.broker import Broker
from agent.emulator.cloud import Cloud, Reply
from agent.emulator.faults import Fault, Faults, read_fault
from agent.emulator.fields import Letter
from agent.emulator.journal import Entry, Journal
from agent.emulator.platform import Console
from agent.emulator.values import DeviceKey, Instant, Json


class Desk:
    """The clouds by name, with the journal and the faults that they share."""

    def __init__(self, *, clock: Callable[[], Instant]) -> None:
        self._clock = clock
        self._journal = Journal()
        self._faults = Faults()
        self._changed: asyncio.Future[None] | None = None
        self._clouds: dict[str, Cloud] = {}

    @property
    def clouds(self) -> Mapping[str, Cloud]:
        """Return the clouds by name."""
        return self._clouds

    def add_cloud(self, name: str, console: Console) -> None:
        """Emulate one more platform."""
        broker = Broker(console, faults=self._faults, journal=self._journal)
        self._clouds[name] = Cloud(console, broker, clock=self._clock, on_change=self._note_change)

    def devices(self) -> list[dict[str, Json]]:
        """Describe every device."""
        return [
            self.describe(device)
            for cloud in self._clouds.values()
            for device in cloud.console.devices()
        ]

    def find(self, cloud: str, product: str, name: str) -> DeviceKey | None:
        """Find a device that an emulated cloud knows."""
        key = DeviceKey(cloud=cloud, product=product, name=name)
        found = self._clouds.get(cloud)
        return key if found is not None and key in found.console.devices() else None

    def describe(self, device: DeviceKey) -> dict[str, Json]:
        """Describe one device: who it is, its session, and what it reported."""
        cloud = self._clouds[device.cloud]
        session = cloud.broker.session(device)
        return {
            **asdict(device),
            "online": session is not None,
            "session": None if session is None else asdict(session),
            **cloud.console.describe(device),
        }

    def is_online(self, device: DeviceKey) -> bool:
        """Tell whether a device has a session now."""
        return self._clouds[device.cloud].broker.session(device) is not None

    async def set_properties(
        self, device: DeviceKey, values: dict[str, Json], *, timeout_s: float = 5.0
    ) -> Reply:
        """Set properties of a device, in wire form, and wait for its reply; raise RequestError."""
        cloud = self._clouds[device.cloud]
        return await cloud.set_properties(device, values, timeout_s=timeout_s)

    async def call_action(
        self, device: DeviceKey, action: str, values: dict[str, Json], *, timeout_s: float = 5.0
    ) -> Reply:
        """Invoke an action of a device and wait for its reply; raise RequestError."""
        cloud = self._clouds[device.cloud]
        return await cloud.call_action(device, action, values, timeout_s=timeout_s)

    async def desire(
        self, device: DeviceKey, values: dict[str, Json], *, timeout_s: float = 5.0
    ) -> Reply:
        """Set desired values, and wait for the device's reply; raise RequestError."""
        return await self._clouds[device.cloud].desire(device, values, timeout_s=timeout_s)

    async def command(self, device: DeviceKey, payload: bytes, *, timeout_s: float = 5.0) -> Reply:
        """Send a raw command and wait for the device's answer; raise RequestError."""
        return await self._clouds[device.cloud].command(device, payload, timeout_s=timeout_s)

    def send_message(self, device: DeviceKey, letter: Letter) -> bool:
        """Send a message on a topic of the user's own; tell if it went; raise RequestError."""
        return self._clouds[device.cloud].send_message(device, letter)

    def messages(self, device: DeviceKey, *, after: int = 0) -> Sequence[Entry]:
        """Return what went over the wire after message number *after*."""
        return self._journal.after(device, after)

    def add_fault(self, document: Json) -> int:
        """Misbehave as `faults` describes; return how many sessions were struck at once."""
        fault = read_fault(document, self._clock().now)
        if fault.is_lasting:
            self._faults.add(fault, self._clock().now)
        struck = 0
        for cloud in self._clouds.values():
            count, actions = cloud.broker.strike(fault, self._clock())
            cloud.endpoint.perform(actions)
            struck += count
        return struck

    def faults(self) -> Sequence[Fault]:
        """Return the faults that are active."""
        return self._faults.active(self._clock().now)

    def clear_faults(self) -> None:
        """Behave again."""
        self._faults.clear()

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until *condition* holds; it is asked whenever anything went over the wire."""
        while not condition():
            if self._changed is None:
                self._changed = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._changed)

    def _note_change(self) -> None:
        if self._changed is not None:
            if not self._changed.done():
                self._changed.set_result(None)
            self._changed = None
