"""`[clouds.aliyun]`: Aliyun IoT Platform."""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.clouds.base import NO_SECRET, CloudSettings
from agent.settings.clouds.pasted import ALLOWED, MqttParams, read_mqtt_params
from agent.settings.section import FilePath

MAX_SECRET: Final = 64
PASTED: Final = "mqtt_params"
REPLACED: Final = (
    "product_key",
    "device_name",
    "device_secret_file",
    "device_secret",
    "method",
    "instance_id",
    "region",
)
"""The keys that say what the pasted JSON says."""

_WIRE_ID: Final = re.compile(r"([A-Za-z0-9_]{1,50}:)?[A-Za-z0-9_]{1,50}")
_RESERVED: Final = frozenset(["set", "get", "post", "property", "event", "time", "value"])

ProductKey = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9]{1,20}$",
        description="the ProductKey: 1 to 20 letters and digits, as the console shows it",
    ),
]
DeviceName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_@.:-]{4,32}$",
        description="the DeviceName: 4 to 32 letters, digits, '-', '_', '@', '.' or ':'",
    ),
]
InstanceId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9-]{1,63}$",
        description="the instance's id, such as iot-06z00d9jq7p2pgk",
    ),
]
Region = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9-]{1,63}$",
        description="a region's id, such as cn-shanghai or ap-southeast-1",
    ),
]


class AliyunSettings(CloudSettings):
    """Aliyun IoT Platform: a device by its three values, or by the console's JSON.

    The loader puts the secret in, from its one source: the device's, or the JSON.
    """

    product_key: ProductKey | None = None
    device_name: DeviceName | None = None
    mqtt_params_file: FilePath | None = None
    mqtt_params: SecretStr = NO_SECRET
    device_secret_file: FilePath | None = None
    device_secret: SecretStr = NO_SECRET
    method: Literal["hmacsha256", "hmacsha1", "hmacmd5"] = "hmacsha256"
    instance_id: InstanceId | None = None
    region: Region = "cn-shanghai"
    system_topics: Literal["implicit", "subscribe"] = "implicit"
    keepalive_s: Annotated[int, Field(ge=30, le=1200)] = 60
    read_only_in_set: Literal["refuse", "ignore"] = "refuse"

    PASTED_KEYS: ClassVar[tuple[str, ...]] = (f"{PASTED}_file", PASTED)

    @field_validator("rename")
    @classmethod
    def _renames_to_identifiers(cls, rename: dict[str, str]) -> dict[str, str]:
        for name, wire_id in rename.items():
            if not _WIRE_ID.fullmatch(wire_id) or wire_id in _RESERVED:
                allowed = (
                    f"for {name} an identifier of the product's model: 1 to 50 letters, digits"
                    f" and '_', none of {', '.join(sorted(_RESERVED))}"
                )
                raise PydanticCustomError("identifier", "no identifier", {"allowed": allowed})
        return rename

    @model_validator(mode="after")
    def _names_the_device_once(self) -> "AliyunSettings":
        pasted = [key for key in self.PASTED_KEYS if key in self.model_fields_set]
        if not pasted and not (self.product_key and self.device_name):
            raise _fault("product_key", "product_key and device_name, or mqtt_params_file")
        for key in REPLACED:
            if pasted and key in self.model_fields_set:
                raise _fault(key, f"nothing beside {pasted[0]}, which says it already")
        return self

    @model_validator(mode="after")
    def _has_no_psk(self) -> "AliyunSettings":
        if self.tls == "psk":
            raise _fault("tls", "true | false: TLS with a pre-shared key is not for Aliyun")
        return self

    @property
    def pasted(self) -> MqttParams | None:
        """The console's JSON, where that is how the device logs in; raise `ValueError`."""
        text = self.mqtt_params.get_secret_value()
        return read_mqtt_params(text) if text else None

    @property
    def identity(self) -> tuple[str, ...]:
        """The device's product and name, from the keys or out of the pasted user name."""
        pasted = self.pasted
        if pasted is not None:
            return (pasted.product_key, pasted.device_name)
        return (self.product_key or "", self.device_name or "")

    @classmethod
    def credential(cls, table: Mapping[str, object]) -> str:
        """Name the pasted JSON where the section has it, else the device's secret."""
        return PASTED if any(key in table for key in cls.PASTED_KEYS) else cls.CREDENTIAL

    @classmethod
    def secret_fault(cls, key: str, secret: str) -> str | None:
        """Say what is wrong with the pasted JSON; a device secret is a short text."""
        if key == PASTED:
            return _pasted_fault(secret)
        if len(secret) <= MAX_SECRET and secret.isascii() and secret.isprintable():
            return None if " " not in secret else _SECRET_FORM
        return _SECRET_FORM

    @classmethod
    def secret_fault_in(cls, table: Mapping[str, object], key: str, secret: str) -> str | None:
        """Say also where the pasted JSON and the section disagree about TLS."""
        fault = cls.secret_fault(key, secret)
        if fault is None and key == PASTED and table.get("tls", True) is True:
            return _NO_TLS if read_mqtt_params(secret).is_plain else None
        return fault


_NO_TLS: Final = (
    "parameters that say securemode=2, or tls = false in this section: these say securemode=3,"
    " which is without TLS"
)
_SECRET_FORM: Final = (
    f"the DeviceSecret: 1 to {MAX_SECRET} letters and digits, as the console shows it"
)


def _pasted_fault(text: str) -> str | None:
    try:
        read_mqtt_params(text)
    except ValueError as error:
        return f"{ALLOWED}; {error}"
    return None


def _fault(key: str, allowed: str) -> PydanticCustomError:
    return PydanticCustomError("aliyun", "not for Aliyun", {"key": key, "allowed": allowed})
