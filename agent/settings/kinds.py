"""The kinds of device, and the section of each: imported when a file has one."""

import importlib
from collections.abc import Mapping
from typing import Final, cast

from agent import plugins
from agent.settings.kind import DeviceSettings

SOCKET: Final = "socket"

_CLASSES: Final[Mapping[str, str]] = {
    SOCKET: "agent.settings.device:SocketSettings",
    "generic": "agent.settings.generic:GenericSettings",
    "strip": "agent.settings.strip:StripSettings",
}
KINDS: Final = tuple(_CLASSES)


def all_kinds() -> tuple[str, ...]:
    """List our own kinds, then those of plug-ins."""
    return (*KINDS, *(name for name in plugins.names(plugins.DEVICES) if name not in KINDS))


def plugged_class(kind: object) -> type[DeviceSettings] | None:
    """Import the `[device]` of a plug-in's kind; None where there is none; raise `PluginError`."""
    if not isinstance(kind, str) or kind in KINDS:
        return None
    return plugins.settings_of(plugins.DEVICES, kind, DeviceSettings)


def device_class(kind: str) -> type[DeviceSettings]:
    """Import the `[device]` of a kind of ours: one of `KINDS`."""
    module, _, name = _CLASSES[kind].partition(":")
    return cast("type[DeviceSettings]", getattr(importlib.import_module(module), name))
