"""Devices that a run went without: what is kept of them stays in the terms of an earlier boot."""

from collections.abc import Collection, Iterator
from typing import Final

import structlog

from agent.devices.effects import Saved
from agent.model import Condition, StartCause
from agent.store.contents import Contents
from agent.store.saved import parsed

log = structlog.get_logger()

MARK: Final = "absent_since_boot"
"""Beside what a device keeps: the boot whose monotonic times it holds. Its next save has none."""


def without_mark(saved: Saved | None) -> Saved | None:
    """Give what the device itself has kept."""
    if saved is None or MARK not in saved:
        return saved
    return {key: value for key, value in saved.items() if key != MARK}


def marked(found: Contents, present: Collection[str]) -> Iterator[tuple[str, Saved]]:
    """Mark what is kept of devices that are not *present*, before a run of this boot is marked.

    What is damaged stays as it is: it says by itself that it is not to be trusted.
    """
    boot_id = "" if found.run is None else found.run.boot_id
    for device_id, kept in found.devices.items():
        if device_id in present or kept.text is None or kept.condition is not Condition.GOOD:
            continue
        saved = parsed(device_id, kept.text, tell=log.debug)
        if saved is not None and MARK not in saved:
            yield device_id, {**saved, MARK: boot_id}


def cause_of(saved: Saved | None, boot_id: str, cause: StartCause) -> StartCause:
    """Tell why a device starts in a process that starts for *cause*."""
    if saved is None or MARK not in saved:
        return cause
    is_same_boot = bool(boot_id) and saved[MARK] == boot_id
    return StartCause.CRASH if is_same_boot else StartCause.POWER_LOSS


def is_foreign(saved: Saved | None) -> bool:
    """Tell whether it was put in place by a person, or by nobody knows whom, and never used."""
    return saved is not None and saved.get(MARK) == ""
