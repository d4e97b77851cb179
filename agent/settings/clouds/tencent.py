"""`[clouds.tencent]`: Tencent IoT Explorer."""

import base64
import binascii
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from agent.settings.clouds.base import NO_SECRET, CloudSettings
from agent.settings.section import FilePath

DeviceName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9:_-]{1,48}$",
        description="1 to 48 letters, digits, ':', '_' or '-', as the console shows it",
    ),
]


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
    keepalive_s: Annotated[int, Field(ge=30, le=120)] = 60
    sdkappid: Annotated[str, Field(pattern=r"^[0-9]{1,12}$", description="digits")] = "12010126"

    @classmethod
    def secret_fault(cls, key: str, secret: str) -> str | None:
        """Device secrets are 4 to 64 characters of base64."""
        del key
        try:
            is_base64 = bool(base64.b64decode(secret, validate=True))
        except (binascii.Error, ValueError):
            is_base64 = False
        if is_base64 and 4 <= len(secret) <= 64:
            return None
        return "4 to 64 characters of base64, with every '=' at the end that the console shows"
