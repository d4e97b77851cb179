"""Understand the JSON that was kept of a device."""

import json
from collections.abc import Callable
from typing import cast

import structlog

from agent.devices.effects import Saved
from agent.model import Condition
from agent.store.contents import RESTORED_RUN, Contents

log = structlog.get_logger()


def parsed(device_id: str, text: str, *, tell: Callable[..., object] = log.warning) -> Saved | None:
    """Read an object; say why not, and give None, where it is none."""
    try:
        saved = json.loads(text)
    except (ValueError, RecursionError) as error:
        tell("store.unreadable", device=device_id, error=str(error))
        return None
    if not isinstance(saved, dict):
        tell("store.unreadable", device=device_id, error="not an object")
        return None
    return cast("Saved", saved)


def condition_of(found: Contents, device_id: str) -> Condition:
    """Tell how what was kept of a device has come through.

    What a person put in place is `RESTORED` for every device, also for one of which it holds
    nothing, until a run has been marked.
    """
    kept = found.devices.get(device_id)
    is_restored = found.run == RESTORED_RUN and not found.is_damaged
    if kept is not None and (
        kept.text is None or parsed(device_id, kept.text, tell=log.debug) is None
    ):
        return Condition.LOST
    if is_restored:
        return Condition.RESTORED
    if kept is None:
        return Condition.LOST if found.is_damaged else Condition.NEW
    return kept.condition
