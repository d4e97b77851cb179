"""pydantic-settings' parser of nested variables, over a given mapping."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import create_model
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from agent.plugins import PluginError
from agent.settings.clouds import (
    AliyunSettings,
    HomeassistantSettings,
    OnenetSettings,
    TencentSettings,
    known_class,
)
from agent.settings.device import SocketSettings
from agent.settings.generic import GenericSettings
from agent.settings.root import AgentSettings
from agent.settings.section import Section
from agent.settings.strip import StripSettings


class _CloudSections(Section):
    tencent: TencentSettings
    aliyun: AliyunSettings
    onenet: OnenetSettings
    homeassistant: HomeassistantSettings


class _Sections(BaseSettings):
    """The shape of a file, which tells the parser where JSON is meant."""

    agent: AgentSettings
    device: SocketSettings | StripSettings | GenericSettings
    clouds: _CloudSections


def _shape(variables: Mapping[str, str], prefix: str, delimiter: str) -> type[BaseSettings]:
    """Give the shape with the plug-ins' clouds that *variables* name."""
    start = f"{prefix}CLOUDS{delimiter}"
    named = {
        name.removeprefix(start).partition(delimiter)[0].lower()
        for name in variables
        if name.startswith(start)
    }
    found: dict[str, Any] = {}
    for cloud in named - _CloudSections.model_fields.keys():
        with suppress(PluginError):  # whoever reads the file tells why it does not work
            section = known_class(cloud)
            found |= {} if section is None else {cloud: (section, ...)}
    if not found:
        return _Sections
    clouds = create_model("_CloudSections", __base__=_CloudSections, **found)
    return create_model("_Sections", __base__=_Sections, clouds=(clouds, ...))


class NestedSource(EnvSettingsSource):
    """The overrides among *variables*: call it for the nested tables."""

    def __init__(self, variables: Mapping[str, str], *, prefix: str, delimiter: str) -> None:
        self._variables = variables
        shape = _shape(variables, prefix, delimiter)
        super().__init__(shape, env_prefix=prefix, env_nested_delimiter=delimiter)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): text for name, text in self._variables.items()}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ANN401 -- the overridden method's own types
        """Read JSON; leave other text as it is, for validation to find fault with."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value
