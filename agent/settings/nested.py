"""pydantic-settings' parser of nested variables, over a given mapping."""

from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from agent.settings.clouds import (
    AliyunSettings,
    HomeassistantSettings,
    OnenetSettings,
    TencentSettings,
)
from agent.settings.device import SocketSettings
from agent.settings.generic import GenericSettings
from agent.settings.root import AgentSettings
from agent.settings.section import Section


class _CloudSections(Section):
    tencent: TencentSettings
    aliyun: AliyunSettings
    onenet: OnenetSettings
    homeassistant: HomeassistantSettings


class _Sections(BaseSettings):
    """The shape of a file, which tells the parser where JSON is meant."""

    agent: AgentSettings
    device: SocketSettings | GenericSettings
    clouds: _CloudSections


class NestedSource(EnvSettingsSource):
    """The overrides among *variables*: call it for the nested tables."""

    def __init__(self, variables: Mapping[str, str], *, prefix: str, delimiter: str) -> None:
        self._variables = variables
        super().__init__(_Sections, env_prefix=prefix, env_nested_delimiter=delimiter)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): text for name, text in self._variables.items()}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ANN401 -- the overridden method's own types
        """Read JSON; leave other text as it is, for validation to find fault with."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value
