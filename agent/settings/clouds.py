"""The sections of the clouds: `[clouds.NAME]`."""

import base64
import binascii
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.names import ThingName
from agent.settings.section import FilePath, Port, Section

NO_SECRET: Final = SecretStr("")

Identifier = Annotated[str, Field(min_length=1, max_length=64)]

DeviceName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9:_-]{1,48}$",
        description="1 to 48 letters, digits, ':', '_' or '-', as the console shows it",
    ),
]


class CloudSettings(Section):
    """What every cloud's section has."""

    CREDENTIAL: ClassVar[str] = "device_secret"
    """The key of the secret; with `_file` behind it, the key of the file that holds it."""
    IDENTITY: ClassVar[tuple[str, ...]] = ("product_id", "device_name")
    """The keys that together name a device."""

    host: Annotated[str | None, Field(min_length=1, description="a host name")] = None
    port: Port | None = None
    tls: bool | Literal["psk"] = True
    verify: Literal["full", "ca-only"] = "full"
    server_name: Annotated[str | None, Field(min_length=1, description="a host name")] = None
    ca_file: FilePath | None = None
    commands: Literal["all", "off_only", "none"] = "all"
    reset_energy: bool = False
    custom_topics: tuple[str, ...] = ()
    rename: dict[ThingName, Identifier] = Field(default_factory=dict[ThingName, Identifier])
    keepalive_s: Annotated[int, Field(ge=30, le=120)] = 60

    @property
    def identity(self) -> tuple[str, ...]:
        """What the platform knows this device by: two connections with one identity fight."""
        return tuple(str(getattr(self, name)) for name in self.IDENTITY)

    @property
    def secret(self) -> SecretStr:
        """The secret, or an empty one in a section that no device names."""
        secret: SecretStr = getattr(self, self.CREDENTIAL)
        return secret

    @classmethod
    def secret_fault(cls, secret: str) -> str | None:
        """Tell what a secret of this platform looks like where *secret* does not."""
        del secret
        return None


class TencentSettings(CloudSettings):
    """Tencent IoT Explorer. The loader puts the secret in, from its one source."""

    product_id: Annotated[
        str,
        Field(
            pattern=r"^[A-Z0-9]{10}$",
            description="10 capital letters and digits, as the console shows it",
        ),
    ]
    device_name: DeviceName
    device_secret_file: FilePath | None = None
    device_secret: SecretStr = NO_SECRET
    region: Literal["china", "us-east", "europe", "ap-bangkok"] = "china"
    method: Literal["hmacsha256", "hmacsha1"] = "hmacsha256"
    sdkappid: Annotated[str, Field(pattern=r"^[0-9]{1,12}$", description="digits")] = "12010126"

    @classmethod
    def secret_fault(cls, secret: str) -> str | None:
        """Device secrets are 4 to 64 characters of base64."""
        try:
            is_base64 = bool(base64.b64decode(secret, validate=True))
        except (binascii.Error, ValueError):
            is_base64 = False
        if is_base64 and 4 <= len(secret) <= 64:
            return None
        return "4 to 64 characters of base64, with every '=' at the end that the console shows"


class AliyunSettings(CloudSettings):
    """Aliyun IoT Platform: read and validated; connecting comes in a later version."""

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


class OnenetSettings(CloudSettings):
    """China Mobile OneNET: read and validated; connecting comes in a later version."""

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
