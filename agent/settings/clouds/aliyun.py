"""`[clouds.aliyun]`: Aliyun IoT Platform."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.clouds.base import NO_SECRET, CloudSettings
from agent.settings.section import FilePath


class AliyunSettings(CloudSettings):
    """Aliyun IoT Platform: a device by its three values, or by the console's JSON."""

    IDENTITY: ClassVar[tuple[str, ...]] = ("product_key", "device_name", "mqtt_params_file")

    product_key: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    device_name: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    mqtt_params_file: FilePath | None = None
    device_secret_file: FilePath | None = None
    device_secret: SecretStr = NO_SECRET
    instance_id: Annotated[str | None, Field(min_length=1)] = None
    region: Annotated[str | None, Field(min_length=1)] = None
    read_only_in_set: Literal["refuse", "ignore"] = "refuse"

    @model_validator(mode="after")
    def _names_the_device(self) -> "AliyunSettings":
        if self.mqtt_params_file is None and not (self.product_key and self.device_name):
            raise PydanticCustomError(
                "identity",
                "no identity",
                {
                    "key": "product_key",
                    "allowed": "product_key and device_name, or mqtt_params_file",
                },
            )
        return self
