"""The topic `links`: clouds as they come and go, first how they stand."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

from agent.app.device import DeviceApp
from agent.clouds.link import Link
from agent.control.subscription import Subscription
from agent.devices.inputs import LinkChanged

Watcher = Callable[[LinkChanged], None]


class LinksFeed:
    """Watches the links of each subscription's devices."""

    def __init__(self, devices: Mapping[str, DeviceApp]) -> None:
        self._devices = devices
        self._watchers: dict[int, list[tuple[DeviceApp, Watcher]]] = {}

    def add(self, subscription: Subscription) -> None:
        """Tell *subscription* from now on."""
        self._watchers[subscription.number] = []
        for name in sorted(subscription.devices):
            self.join(subscription, self._devices[name])
        begin = partial(self._begin, subscription)
        subscription.on_caught_up.append(begin)
        asyncio.get_running_loop().call_soon(begin)

    def join(self, subscription: Subscription, device: DeviceApp) -> None:
        """Tell *subscription* of one more device."""
        watcher = partial(self._changed, subscription, device)
        device.watchers.linking.add(watcher)
        self._watchers[subscription.number].append((device, watcher))

    def leave(self, device: DeviceApp) -> None:
        """Tell nobody of a device any more."""
        device.watchers.linking.clear()
        for number, watchers in self._watchers.items():
            self._watchers[number] = [each for each in watchers if each[0] is not device]

    def discard(self, subscription: Subscription) -> None:
        """Tell it no more."""
        for device, watcher in self._watchers.pop(subscription.number):
            device.watchers.linking.discard(watcher)

    def _begin(self, subscription: Subscription) -> None:
        """Tell how every link stands."""
        for device, _ in self._watchers.get(subscription.number, ()):
            links: Mapping[str, Link] = {} if device.links is None else device.links.links
            for cloud, link in links.items():
                _tell(subscription, device, cloud, is_up=link.status.is_connected)

    def _changed(self, subscription: Subscription, device: DeviceApp, change: LinkChanged) -> None:
        tell = partial(_tell, subscription, device, change.cloud, is_up=change.is_up)
        asyncio.get_running_loop().call_soon(tell)


def _tell(subscription: Subscription, device: DeviceApp, cloud: str, *, is_up: bool) -> None:
    about = {
        "device": device.name,
        "wall_time": device.clock.wall_time(),
        "cloud": cloud,
        "connected": is_up,
    }
    subscription.tell("links", about)
