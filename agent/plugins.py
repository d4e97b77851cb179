"""Plug-ins: factories of other packages, which their entry points name."""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Final, Literal, TypeVar, cast

from pydantic import BaseModel

from agent.attempt import tried
from agent.errors import ConfigError

Group = Literal["polycloud.devices", "polycloud.drivers", "polycloud.clouds"]
DEVICES: Final = "polycloud.devices"
DRIVERS: Final = "polycloud.drivers"
CLOUDS: Final = "polycloud.clouds"

Factory = Callable[..., object]
"""Called `factory(settings, thing)`; its `Settings` is the class of its section."""

M = TypeVar("M", bound=BaseModel)


class PluginError(ConfigError):
    """A plug-in does not work, whatever its section says; its package's owner must act."""

    def __init__(self, name: str, package: str, what: str) -> None:
        self.found = f"{name!r}, a plug-in of the package {package}, {what}"
        super().__init__(self.found)


def names(group: Group) -> tuple[str, ...]:
    """List the plug-ins that are installed."""
    return tuple(sorted({entry.name for entry in entry_points(group=group)}))


def load(group: Group, name: str) -> Factory | None:
    """Import the plug-in called *name*; None where there is none; raise `PluginError`."""
    entry = _entry(group, name)
    if entry is None:
        return None
    factory, error = tried(entry.load)
    if error is not None:
        what = f"which cannot be imported: {type(error).__name__}: {error}"
        raise PluginError(name, _package(entry), what) from error
    return cast("Factory", factory)


def settings_of(group: Group, name: str, base: type[M]) -> type[M] | None:
    """Give the class of a plug-in's section, which is a *base*; raise `PluginError`.

    None where no plug-in is called *name*.
    """
    factory, entry = load(group, name), _entry(group, name)
    if factory is None or entry is None:
        return None
    model: object = getattr(factory, "Settings", None)
    if not isinstance(model, type) or not issubclass(model, base):
        where = f"{base.__module__}.{base.__name__}"
        raise PluginError(name, _package(entry), f"whose Settings is not made of {where}")
    return model


def _entry(group: Group, name: str) -> EntryPoint | None:
    found = {entry.value: entry for entry in entry_points(group=group, name=name)}
    if len(found) > 1:
        packages = " and ".join(sorted(_package(entry) for entry in found.values()))
        raise PluginError(name, packages, "which both have one of that name: remove one")
    return next(iter(found.values()), None)


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else entry.value
