"""`[clouds.onenet]`: China Mobile OneNET, three generations."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.clouds.base import NO_SECRET, CloudSettings, Together
from agent.settings.section import FilePath

LEGACY: Final = "legacy"
PLATFORM: Final = "heclouds.com"
"""The domain of the brokers that all products share."""

NO_ROOT: Final = "set ca_file: OneNET's brokers end in a private root that is not shipped"

_DIGITS: Final = (r"[0-9]{1,20}", "digits")
_PRODUCT: Final = (r"[A-Za-z0-9]{1,32}", "1 to 32 letters and digits")
_DEVICE: Final = (r"[A-Za-z0-9_-]{1,64}", "1 to 64 letters, digits, '_' or '-'")
_CONSOLE: Final = ", as the console shows it"
_LEGACY_DIGITS: Final = 'digits, because generation = "legacy"'
_TOPIC: Final = re.compile(r"[^$+#\0][^+#\0]{0,1023}")
_LONGEST_SHOWN: Final = 60
_KEEPALIVE_S: Final[Mapping[str, int]] = {"thing": 60, "datastream": 120, "legacy": 120}
_LEGACY_KEEPALIVE_S: Final = 120
_LEGACY_SECRET: Final = re.compile(r"[!-~]{1,128}")


class OnenetSettings(CloudSettings):
    """China Mobile OneNET: a device of one generation of the platform."""

    CREDENTIAL: ClassVar[str] = "device_key"

    generation: Literal["thing", "datastream", "legacy"] = "thing"
    product_id: Annotated[str, Field(description=_PRODUCT[1] + _CONSOLE)]
    device_name: Annotated[str, Field(description=_DEVICE[1] + _CONSOLE)]
    device_key_file: FilePath | None = None
    device_key: SecretStr = NO_SECRET
    domain: Literal["shared", "product"] = "shared"
    method: Annotated[
        str,
        Field(
            pattern=r"^(?i:sha256|sha1|md5)$",
            description="sha256, sha1 or md5; its letter case is signed as it is written",
        ),
    ] = "sha256"
    res: Annotated[
        str | None, Field(min_length=1, max_length=256, description="1 to 256 characters")
    ] = None
    version: Annotated[
        str, Field(min_length=1, max_length=32, description="1 to 32 characters")
    ] = "2018-10-31"
    keepalive_s: Annotated[int | None, Field(ge=10, le=1800)] = None
    stamps: Literal["beijing", "utc", "none"] = "beijing"
    history: Literal["history", "batch", "single"] = "history"
    batch: Together = "all"

    @property
    def effective_keepalive_s(self) -> int:
        """The keep-alive, by default that of the generation."""
        return self.keepalive_s or _KEEPALIVE_S[self.generation]

    @property
    def is_at_heclouds(self) -> bool:
        """Whether TLS goes to one of the brokers whose private root is known."""
        if self.tls is False or (self.host is None and self.domain == "product"):
            return False
        return self.host is None or f".{self.host.lower().rstrip('.')}".endswith(f".{PLATFORM}")

    @property
    def lacks_root(self) -> bool:
        """Whether `ca_file` has to give the root of the shared brokers, and does not."""
        return self.is_at_heclouds and self.ca_file is None

    def warnings(self) -> tuple[str, ...]:
        """Tell that the brokers' root is missing."""
        return (NO_ROOT,) if self.lacks_root else ()

    @classmethod
    def secret_fault_in(cls, table: Mapping[str, object], key: str, secret: str) -> str | None:
        """Expect base64 as a token's key; of an old product the key itself is the password."""
        del key
        if table.get("generation") == LEGACY:
            fits = _LEGACY_SECRET.fullmatch(secret) is not None
            allowed = "the product's APIKey or the device's auth_info: letters, digits and signs"
            return None if fits else f"{allowed}, at most 128 of them"
        try:
            fits = bool(base64.b64decode(secret, validate=True))
        except (binascii.Error, ValueError):
            fits = False
        return None if fits else "base64, with every '=' at the end that the console shows"

    @field_validator("product_id", "device_name")
    @classmethod
    def _is_an_id(cls, value: str, info: ValidationInfo) -> str:
        pattern, allowed = _PRODUCT if info.field_name == "product_id" else _DEVICE
        allowed += _CONSOLE
        if info.data.get("generation") == LEGACY:
            pattern, allowed = _DIGITS[0], _LEGACY_DIGITS
        if re.fullmatch(pattern, value) is None:
            raise PydanticCustomError("id", "no id", {"allowed": allowed})
        return value

    @field_validator("keepalive_s")
    @classmethod
    def _is_long_enough(cls, value: int | None, info: ValidationInfo) -> int | None:
        is_legacy = info.data.get("generation") == LEGACY
        if is_legacy and value is not None and value < _LEGACY_KEEPALIVE_S:
            allowed = '120 to 1800, because generation = "legacy"'
            raise PydanticCustomError("keepalive", "too short", {"allowed": allowed})
        return value

    @field_validator("tls")
    @classmethod
    def _has_no_psk(cls, value: bool | str) -> bool | str:  # noqa: FBT001 -- pydantic's signature
        if value == "psk":
            allowed = "true or false; OneNET has no pre-shared keys"
            raise PydanticCustomError("psk", "no PSK", {"allowed": allowed})
        return value

    @model_validator(mode="after")
    def _fits_its_generation(self) -> "OnenetSettings":
        for context in self._unfit():
            raise PydanticCustomError("generation", "unfit", context)
        return self

    def _unfit(self) -> list[dict[str, Any]]:
        """List the keys that do not fit the generation, and what is allowed in it."""
        unfit: list[dict[str, Any]] = []
        is_legacy = self.generation == LEGACY
        if is_legacy and self.tls is not False:
            allowed = 'false, because generation = "legacy" has no TLS'
            unfit.append({"key": "tls", "allowed": allowed})
        if is_legacy and self.domain != "shared":
            allowed = '"shared", because generation = "legacy" has one host'
            unfit.append({"key": "domain", "allowed": allowed})
        if self.generation != "thing":
            unfit += self._unfit_batches()
        if self.custom_topics and not is_legacy:
            allowed = f'[], because generation = "{self.generation}" has no topics of one\'s own'
            unfit.append({"key": "custom_topics", "allowed": allowed})
        for topic in self.custom_topics:
            if not _TOPIC.fullmatch(topic):
                found = json.dumps(topic[:_LONGEST_SHOWN], ensure_ascii=False)
                allowed = "topics that do not begin with '$', without + and #"
                unfit.append({"key": "custom_topics", "allowed": allowed, "found": found})
        return unfit

    def _unfit_batches(self) -> list[dict[str, Any]]:
        """List what only a thing model has a form for: each data point has its own time."""
        because = f', because generation = "{self.generation}" has one form for all'
        allowed = {"history": '"history" or "single"', "batch": '"all" or "none"'}
        wrong = {"history": self.history == "batch", "batch": self.batch == "properties"}
        return [{"key": key, "allowed": allowed[key] + because} for key in wrong if wrong[key]]
