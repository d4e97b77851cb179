"""The topic `values`: a device's properties as they change, the whole snapshot first."""

import asyncio
from collections.abc import Mapping

from agent.app.device import DeviceApp
from agent.control.subscription import Subscription
from agent.model import Snapshot, Value


class ValuesFeed:
    """Watches the devices of each subscription, as long as there is one."""

    def __init__(self, devices: Mapping[str, DeviceApp]) -> None:
        self._devices = devices
        self._watches: dict[int, list[_Watch]] = {}

    def add(self, subscription: Subscription) -> None:
        """Tell *subscription* from now on."""
        self._watches[subscription.number] = [
            _Watch(self._devices[name], subscription) for name in sorted(subscription.devices)
        ]

    def join(self, subscription: Subscription, device: DeviceApp) -> None:
        """Tell *subscription* of one more device."""
        self._watches[subscription.number].append(_Watch(device, subscription))

    def leave(self, device: DeviceApp) -> None:
        """Tell nobody of a device any more."""
        for number, watches in self._watches.items():
            for watch in watches:
                if watch.device is device:
                    watch.end()
            self._watches[number] = [each for each in watches if each.device is not device]

    def discard(self, subscription: Subscription) -> None:
        """Tell it no more."""
        for watch in self._watches.pop(subscription.number):
            watch.end()


class _Watch:
    """Tells one subscription of one device what differs from what it was told last.

    A switch is told in the next turn of the loop; anything else waits for the interval. What is
    decided in a device only asks for a turn here.
    """

    def __init__(self, device: DeviceApp, subscription: Subscription) -> None:
        self.device = device
        self._subscription = subscription
        self._loop = asyncio.get_running_loop()
        self._told: Snapshot | None = None
        self._position: Value | None = None
        self._next_at = self._loop.time()
        self._turn: asyncio.Handle = self._loop.call_soon(self._tell)
        self._is_armed = True
        self._is_soon = True
        device.watchers.deciding.add(self._changed)
        subscription.on_caught_up.append(self._start_anew)

    def end(self) -> None:
        """Watch no more."""
        self._turn.cancel()
        self.device.watchers.deciding.discard(self._changed)
        self._subscription.on_caught_up.remove(self._start_anew)

    def _changed(self) -> None:
        """Ask for a turn, at once where the switch has moved; called after every decision."""
        if self._is_soon:
            return
        if self._where() != self._position or self._loop.time() >= self._next_at:
            self._ask_at_once()
        elif not self._is_armed:
            self._is_armed = True
            self._turn = self._loop.call_at(self._next_at, self._tell)

    def _ask_at_once(self) -> None:
        self._turn.cancel()
        self._is_armed = self._is_soon = True
        self._turn = self._loop.call_soon(self._tell)

    def _start_anew(self) -> None:
        """Tell the whole snapshot to one that has missed something."""
        self._told = None
        self._ask_at_once()

    def _tell(self) -> None:
        self._is_armed = self._is_soon = False
        told, now = self._told, self._snapshot()
        self._position = self._where()
        changes = now if told is None else {k: v for k, v in now.items() if told.get(k) != v}
        if not changes:
            return
        self._next_at = self._loop.time() + self._subscription.min_interval_s
        about = {
            "device": self.device.name,
            "wall_time": self.device.clock.wall_time(),
            "is_whole": told is None,
            "values": dict(changes),
        }
        self._told = now
        self._subscription.tell("values", about)

    def _where(self) -> Value | None:
        """Tell where the switch stands, without reading anything else."""
        switch = self.device.thing.switch
        if switch is None or not self.device.is_open:
            return None
        return self.device.runtime.position(switch)

    def _snapshot(self) -> Snapshot:
        if self.device.is_open:
            return self.device.runtime.snapshot()
        return {row.field.name: None for row in self.device.thing.properties}
