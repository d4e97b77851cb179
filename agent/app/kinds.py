"""The pure device of a device's settings."""

from typing import Any

from agent import registry
from agent.ports import Device
from agent.settings.kind import DeviceSettings


def make_device(settings: DeviceSettings) -> Device[Any]:
    """Make the device of its kind; raise `ConfigError`."""
    return registry.device(settings.kind)(settings, None)
