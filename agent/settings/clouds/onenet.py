"""`[clouds.onenet]`: China Mobile OneNET, three generations."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.clouds.base import NO_SECRET, CloudSettings
from agent.settings.section import FilePath


class OnenetSettings(CloudSettings):
    """China Mobile OneNET: a device of one generation of the platform."""

    CREDENTIAL: ClassVar[str] = "device_key"

    product_id: Annotated[str, Field(min_length=1, max_length=64)]
    device_name: Annotated[str, Field(min_length=1, max_length=64)]
    device_key_file: FilePath | None = None
    device_key: SecretStr = NO_SECRET
    generation: Literal["thing", "datastream", "legacy"] = "thing"

    @model_validator(mode="after")
    def _legacy_is_plain(self) -> "OnenetSettings":
        if self.generation == "legacy" and self.tls is not False:
            raise PydanticCustomError(
                "legacy_is_plain",
                "no TLS",
                {"key": "tls", "allowed": 'false, because generation = "legacy" has no TLS'},
            )
        return self
