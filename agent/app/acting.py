"""What acts by itself on a device: asked of one that has no rules, it is refused in clear words."""

from typing import Any

from agent.app.device import DeviceApp
from agent.devices.automated.actor import Actor, Acts
from agent.errors import ControlError


def actor_of(device: DeviceApp, what: str) -> Actor[Any]:
    """Tell how *device* acts by itself; raise `ControlError` that says *what* it does not have."""
    acts = device.device
    if not isinstance(acts, Acts):
        text = f"{device.name} is a {device.config.device.kind!r} device, which has no {what}"
        raise ControlError(text, kind="not_automated", key="device")
    return acts.actor
