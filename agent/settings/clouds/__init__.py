"""The sections of the clouds: `[clouds.NAME]`, each imported when a configuration has it."""

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

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
    "section_class",
]

_CLASSES: Final[Mapping[str, str]] = {
    "tencent": "TencentSettings",
    "aliyun": "AliyunSettings",
    "onenet": "OnenetSettings",
    "homeassistant": "HomeassistantSettings",
}


def section_class(cloud: str) -> type[CloudSettings]:
    """Import the section of a cloud that there is: one of `names.CLOUDS`."""
    return cast("type[CloudSettings]", _load(cloud, _CLASSES[cloud]))


def __getattr__(name: str) -> object:
    """Import a section that is named like an attribute of this package."""
    for cloud, known in _CLASSES.items():
        if name == known:
            return _load(cloud, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _load(cloud: str, name: str) -> object:
    return getattr(importlib.import_module(f"{__name__}.{cloud}"), name)
