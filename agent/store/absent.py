"""What the devices had kept, and which of them a run went without.

What is kept of an absent device stays in the terms of an earlier boot, and is marked so.
"""

from collections.abc import Collection, Iterator
from typing import Final

import structlog

from agent.devices.effects import Saved
from agent.model import Condition, StartCause
from agent.store.contents import Contents
from agent.store.saved import condition_of, parsed

log = structlog.get_logger()

MARK: Final = "absent_since_boot"
"""Beside what a device keeps: the boot whose monotonic times it holds. Its next save has none."""


class AsFound:
    """What was kept of each device when the store was opened."""

    def __init__(self, found: Contents) -> None:
        self._found = found
        self._read: dict[str, Saved | None] = {}

    def load(self, device_id: str) -> Saved | None:
        """Give what a device has kept; None where there is nothing that can be read."""
        saved = self._saved(device_id)
        if saved is None or MARK not in saved:
            return saved
        return {key: value for key, value in saved.items() if key != MARK}

    def condition(self, device_id: str) -> Condition:
        """Tell how it had come through; what a person put in place stays so until it is used."""
        condition = condition_of(self._found, device_id)
        saved = self._saved(device_id)
        if condition is Condition.GOOD and saved is not None and saved.get(MARK) == "":
            return Condition.RESTORED
        return condition

    def cause_of(self, device_id: str, boot_id: str, cause: StartCause) -> StartCause:
        """Tell why a device starts in a process that starts for *cause*."""
        saved = self._saved(device_id)
        if saved is None or MARK not in saved:
            return cause
        is_same_boot = bool(boot_id) and saved[MARK] == boot_id
        return StartCause.CRASH if is_same_boot else StartCause.POWER_LOSS

    def marked(self, present: Collection[str]) -> Iterator[tuple[str, Saved]]:
        """Mark what is kept of devices that are not *present*, as a run without them begins.

        What is damaged stays as it is: it says by itself that it is not to be trusted.
        """
        boot_id = "" if self._found.run is None else self._found.run.boot_id
        for device_id, kept in self._found.devices.items():
            if device_id in present or kept.text is None or kept.condition is not Condition.GOOD:
                continue
            saved = parsed(device_id, kept.text, tell=log.debug)
            if saved is not None and MARK not in saved:
                yield device_id, {**saved, MARK: boot_id}

    def _saved(self, device_id: str) -> Saved | None:
        if device_id not in self._read:
            kept = self._found.devices.get(device_id)
            text = None if kept is None else kept.text
            self._read[device_id] = None if text is None else parsed(device_id, text)
        return self._read[device_id]
