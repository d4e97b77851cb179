"""What a device has, by its settings: for whoever checks names and values of a file."""

from typing import Any

from agent.devices.generic.thing_table import thing_of as generic_thing
from agent.devices.socket.thing_table import SOCKET
from agent.settings.generic import GenericSettings
from agent.settings.kind import DeviceSettings
from agent.thing import Thing


def thing_of(kind: object, settings: DeviceSettings | None) -> Thing[Any] | None:
    """Tell what a device has; None for a kind that is not known here, or not by its faulty file.

    *settings* is None where the section has faults; a socket has the same whatever they are.
    """
    if isinstance(settings, GenericSettings):
        return generic_thing(settings)
    return SOCKET if kind == "socket" else None
