"""The sections of the clouds: `[clouds.NAME]`."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from agent.settings.section import Port, Section


class CloudSettings(Section):
    """What every cloud's section has."""

    host: str | None = None
    port: Port | None = None
    tls: bool | Literal["psk"] = True
    verify: Literal["full", "ca-only"] = "full"
    server_name: str | None = None
    ca_file: str | None = None
    commands: Literal["all", "off_only", "none"] = "all"
    reset_energy: bool = False
    custom_topics: tuple[str, ...] = ()
    rename: dict[str, str] = Field(default_factory=dict[str, str])
    keepalive_s: Annotated[int, Field(ge=30, le=120)] = 60


class TencentSettings(CloudSettings):
    """Tencent IoT Explorer."""

    product_id: Annotated[str, Field(pattern=r"^[A-Z0-9]{10}$")]
    device_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9:_-]{1,48}$")]
    device_secret: SecretStr
    region: Literal["china", "us-east", "europe", "ap-bangkok"] = "china"
    method: Literal["hmacsha256", "hmacsha1"] = "hmacsha256"
    sdkappid: Annotated[str, Field(pattern=r"^[0-9]{1,12}$")] = "12010126"
