"""The topic `journal`: rows as they are added."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

from agent.app.device import DeviceApp
from agent.app.journal import Boot
from agent.control.subscription import Subscription
from agent.store import Row, read_boot_id


class Listened(Protocol):
    """A journal that can be listened to."""

    def listen(self, heard: Callable[[Row], None] | None) -> None:
        """Have *heard* called with each row that is added from now on; None: no more."""
        ...


class JournalFeed:
    """Takes rows in the turn that adds them, and tells of them in the next."""

    def __init__(self, devices: Mapping[str, DeviceApp], records: Listened) -> None:
        self._devices = devices
        self._records = records
        self._boot_id = ""
        self._told: dict[int, Subscription] = {}
        self._rows: list[Row] = []

    def add(self, subscription: Subscription) -> None:
        """Tell *subscription* from now on."""
        if not self._told:
            self._boot_id = read_boot_id()
            self._records.listen(self._hear)
        self._told[subscription.number] = subscription

    def discard(self, subscription: Subscription) -> None:
        """Tell it no more."""
        del self._told[subscription.number]
        if not self._told:
            self._records.listen(None)

    def _hear(self, row: Row) -> None:
        if not self._rows:
            asyncio.get_running_loop().call_soon(self._tell)
        self._rows.append(row)

    def _tell(self) -> None:
        rows, self._rows = self._rows, []
        for row in rows:
            device = self._devices.get(row.device_id)
            if device is None:
                continue
            (told,) = Boot(device.clock, self._boot_id).told([row])
            for subscription in tuple(self._told.values()):
                if row.device_id in subscription.devices:
                    subscription.tell("journal", {"device": row.device_id, "row": told})
