"""The kinds of device, and the section of each: imported when a file has one."""

import importlib
from collections.abc import Mapping
from typing import Final, cast

from agent.settings.kind import DeviceSettings

SOCKET: Final = "socket"

_CLASSES: Final[Mapping[str, str]] = {
    SOCKET: "agent.settings.device:SocketSettings",
    "generic": "agent.settings.generic:GenericSettings",
}
KINDS: Final = tuple(_CLASSES)


def device_class(kind: str) -> type[DeviceSettings]:
    """Import the `[device]` of a kind that there is: one of `KINDS`."""
    module, _, name = _CLASSES[kind].partition(":")
    return cast("type[DeviceSettings]", getattr(importlib.import_module(module), name))
