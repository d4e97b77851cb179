"""Understand the JSON that was kept of a device."""

import json
from collections.abc import Callable
from typing import cast

import structlog

from agent.devices.effects import Saved

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
