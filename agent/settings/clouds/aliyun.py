"""`[clouds.aliyun]`: Aliyun IoT Platform."""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.clouds.base import NO_SECRET, CloudSettings, Together
from agent.settings.clouds.pasted import ALLOWED, MqttParams, read_mqtt_params
from agent.settings.names import nearest
from agent.settings.reserved import ALIYUN
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

REGION_UNUSED: Final = "region is not used beside instance_id, whose host has none: leave it out"
REGIONS: Final = (
    "cn-shanghai",
    "cn-beijing",
    "cn-shenzhen",
    "ap-southeast-1",
    "ap-northeast-1",
    "us-west-1",
    "us-east-1",
    "eu-central-1",
)
"""Those that are known; there may be others."""

_ALIKE: Final = 0.9
"""Regions are alike by themselves: only a slip of the finger is one."""

_OFF: Final = frozenset(["false", "no", "off", "0", "f", "n"])
_WIRE_ID: Final = re.compile(r"([A-Za-z0-9_]{1,50}:)?[A-Za-z0-9_]{1,50}")

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
    history: Literal["history", "batch", "single"] = "history"
    batch: Together = "all"
    unit_power_consumption: bool = False
    countdown: Literal["both", "struct", "list"] = "both"
    timer_action: Literal["member", "targets", "on", "off"] = "member"
    timer_without_days: Literal["once", "daily"] = "once"

    IDENTITY: ClassVar[tuple[str, ...]] = ("product_key", "device_name")
    WHOLE: ClassVar[str] = PASTED
    PASTED_KEYS: ClassVar[tuple[str, ...]] = (f"{PASTED}_file", PASTED)

    @field_validator("rename")
    @classmethod
    def _renames_to_identifiers(cls, rename: dict[str, str]) -> dict[str, str]:
        for name, wire_id in rename.items():
            if not _WIRE_ID.fullmatch(wire_id) or wire_id in ALIYUN:
                allowed = (
                    "an identifier of the product's model: 1 to 50 letters, digits and '_',"
                    f" none of {', '.join(sorted(ALIYUN))}"
                )
                raise PydanticCustomError(
                    "identifier", "no identifier", {"key": name, "allowed": allowed}
                )
        return rename

    @model_validator(mode="after")
    def _names_the_device_once(self) -> "AliyunSettings":
        pasted = [key for key in self.PASTED_KEYS if key in self.model_fields_set]
        if not pasted and not (self.product_key and self.device_name):
            missing = "device_name" if self.product_key else "product_key"
            raise _fault(missing, "product_key and device_name, or mqtt_params_file")
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

    @property
    def identity_key(self) -> str:
        """The pasted JSON where that names the device."""
        pasted = [key for key in self.PASTED_KEYS if key in self.model_fields_set]
        return pasted[0] if pasted else super().identity_key

    def warnings(self) -> tuple[str, ...]:
        """Tell of a region that changes nothing, or that hardly anybody has meant."""
        if self.instance_id is not None and "region" in self.model_fields_set:
            return (REGION_UNUSED,)
        hint = "" if self.region in REGIONS else nearest(self.region, REGIONS, _ALIKE)
        return (f"region {self.region!r}: {hint}",) if hint else ()

    @classmethod
    def credential(cls, table: Mapping[str, object]) -> str:
        """Name the pasted JSON where the section has it, else the device's secret."""
        return PASTED if any(key in table for key in cls.PASTED_KEYS) else cls.CREDENTIAL

    @classmethod
    def secret_fault_in(cls, table: Mapping[str, object], key: str, secret: str) -> str | None:
        """Say the same of a login without TLS, where the section does not say that it is one."""
        fault = cls.secret_fault(key, secret)
        if fault is None and key == PASTED and not _is_off(table.get("tls")):
            return _TLS_FORM if read_mqtt_params(secret).is_plain else None
        return fault

    @classmethod
    def secret_fault(cls, key: str, secret: str) -> str | None:
        """Say what is wrong with the pasted JSON; a device secret is a short text."""
        if key == PASTED:
            return _pasted_fault(secret)
        if len(secret) <= MAX_SECRET and secret.isascii() and secret.isprintable():
            return None if " " not in secret else _SECRET_FORM
        return _SECRET_FORM


_SECRET_FORM: Final = (
    f"the DeviceSecret: 1 to {MAX_SECRET} letters and digits, as the console shows it"
)


_TLS_FORM: Final = (
    "parameters that say securemode=2 (that part is not signed), or tls = false beside them; these"
    " say securemode=3, which is without TLS"
)


def _is_off(tls: object) -> bool:
    """Tell whether a key says false, in the file or in a variable."""
    return tls is not None and str(tls).lower() in _OFF


def _pasted_fault(text: str) -> str | None:
    try:
        read_mqtt_params(text)
    except ValueError as error:
        return f"{ALLOWED}; {error}"
    return None


def _fault(key: str, allowed: str) -> PydanticCustomError:
    return PydanticCustomError("aliyun", "not for Aliyun", {"key": key, "allowed": allowed})
