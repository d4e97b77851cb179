"""The sections of the clouds: `[clouds.NAME]`."""

from agent.settings.clouds.aliyun import AliyunSettings
from agent.settings.clouds.base import CloudSettings
from agent.settings.clouds.onenet import OnenetSettings
from agent.settings.clouds.tencent import TencentSettings

__all__ = ["AliyunSettings", "CloudSettings", "OnenetSettings", "TencentSettings"]
