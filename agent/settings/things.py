"""What a device has, by its settings: for whoever checks names and values of a file."""

from typing import Any

from agent import plugins
from agent.attempt import tried
from agent.devices.generic.thing_table import thing_of as generic_thing
from agent.devices.socket.thing_table import SOCKET
from agent.devices.strip.thing_table import thing_of as strip_thing
from agent.plugins import PluginError
from agent.settings.generic import GenericSettings
from agent.settings.kind import DeviceSettings
from agent.settings.strip import StripSettings
from agent.thing import Thing


def thing_of(kind: object, settings: DeviceSettings | None) -> Thing[Any] | None:
    """Tell what a device has; None for a kind that is not known here, or not by its faulty file.

    *settings* is None where the section has faults; a socket has the same whatever they are.
    Raise `PluginError` where a plug-in does not say.
    """
    if isinstance(settings, GenericSettings):
        return generic_thing(settings)
    if isinstance(settings, StripSettings):
        return strip_thing(settings)
    if kind == "socket":
        return SOCKET
    return None if settings is None else _plugged_thing(settings)


def _plugged_thing(settings: DeviceSettings) -> Thing[Any]:
    """Ask a plug-in's kind, which may raise anything."""
    factory = plugins.load(plugins.DEVICES, settings.kind)
    device, error = tried(lambda: None if factory is None else factory(settings, None))
    thing: object = getattr(device, "thing", None)
    if isinstance(thing, Thing):
        return thing  # pyright: ignore[reportUnknownVariableType] -- of a state that nobody here reads
    what = f"which makes no device of this section: {type(error).__name__}: {error}"
    raise PluginError(settings.kind, type(settings).__module__, what) from error
