"""The sections of the clouds: `[clouds.NAME]`, each imported when a configuration has it."""

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

from agent import plugins
from agent.settings.clouds.base import CloudSettings

if TYPE_CHECKING:
    from agent.settings.clouds.aliyun import AliyunSettings
    from agent.settings.clouds.homeassistant import HomeassistantSettings
    from agent.settings.clouds.onenet import OnenetSettings
    from agent.settings.clouds.tencent import TencentSettings

__all__ = [
    "AliyunSettings",
    "CloudSettings",
    "HomeassistantSettings",
    "OnenetSettings",
    "TencentSettings",
    "all_clouds",
    "known_class",
    "section_class",
]

_CLASSES: Final[Mapping[str, str]] = {
    "tencent": "TencentSettings",
    "aliyun": "AliyunSettings",
    "onenet": "OnenetSettings",
    "homeassistant": "HomeassistantSettings",
}


def section_class(cloud: str) -> type[CloudSettings]:
    """Import the section of a cloud of ours: one of `names.CLOUDS`."""
    return cast("type[CloudSettings]", _load(cloud, _CLASSES[cloud]))


def known_class(cloud: str) -> type[CloudSettings] | None:
    """Import the section of any cloud; None where there is none; raise `PluginError`."""
    if cloud in _CLASSES:
        return section_class(cloud)
    return plugins.settings_of(plugins.CLOUDS, cloud, CloudSettings)


def all_clouds() -> tuple[str, ...]:
    """List our own clouds, then those of plug-ins."""
    own = tuple(_CLASSES)
    return (*own, *(name for name in plugins.names(plugins.CLOUDS) if name not in own))


def __getattr__(name: str) -> object:
    """Import a section that is named like an attribute of this package."""
    for cloud, known in _CLASSES.items():
        if name == known:
            return _load(cloud, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _load(cloud: str, name: str) -> object:
    return getattr(importlib.import_module(f"{__name__}.{cloud}"), name)
