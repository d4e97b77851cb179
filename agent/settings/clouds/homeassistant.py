"""`[clouds.homeassistant]`: Home Assistant, by way of an MQTT broker of one's own."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.clouds.base import NO_SECRET, CloudSettings
from agent.settings.section import FilePath

MAX_SECRET: Final = 256
_HOST: Final = re.compile(r"[A-Za-z0-9_.-]{1,253}|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*")
_WIRE_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOPIC: Final = re.compile(r"[^$+#\0][^+#\0]{0,255}")
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]")

_Levels = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
        max_length=64,
        description="a topic of letters, digits, '_' and '-', its levels parted by '/'",
    ),
]


class HomeassistantSettings(CloudSettings):
    """Home Assistant's MQTT integration, and the broker where it is met.

    A key that is left out and names the device is taken from `[device]`: `of_device`.
    """

    CREDENTIAL: ClassVar[str] = "password"
    IDENTITY: ClassVar[tuple[str, ...]] = ("host", "device_name")
    DESCRIBES: ClassVar[bool] = True

    device_name: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9_-]{0,64}$",
            description="up to 64 letters, digits, '_' or '-', which no other device here has",
        ),
    ] = ""
    name: Annotated[str, Field(max_length=64, description="up to 64 characters")] = ""
    username: Annotated[str, Field(max_length=256, description="up to 256 characters")] = ""
    password_file: FilePath | None = None
    password: SecretStr = NO_SECRET
    client_id: Annotated[
        str,
        Field(
            pattern=r"^[!-~]{0,64}$",
            description="up to 64 letters, digits and signs, which no other client has",
        ),
    ] = ""
    discovery_prefix: _Levels = "homeassistant"
    status_topic: _Levels = "homeassistant/status"
    base_topic: _Levels = "polycloud"
    language: Literal["en", "zh"] = "en"
    keepalive_s: Annotated[int, Field(ge=10, le=1200)] = 60

    @field_validator("host")
    @classmethod
    def _is_a_bare_host(cls, host: str | None) -> str | None:
        if host is not None and not _HOST.fullmatch(host):
            allowed = "a host name or an address, without mqtt:// and port"
            raise PydanticCustomError("host", "no host", {"allowed": allowed})
        return host

    @field_validator("rename")
    @classmethod
    def _renames_to_levels(cls, rename: dict[str, str]) -> dict[str, str]:
        for name, wire_id in rename.items():
            if not _WIRE_ID.fullmatch(wire_id):
                allowed = "1 to 64 letters, digits, '_' or '-': it is a level of topics"
                raise PydanticCustomError("wire_id", "no level", {"key": name, "allowed": allowed})
        return rename

    @model_validator(mode="after")
    def _names_its_broker(self) -> Self:
        if self.host is None:
            raise _fault("host", "the name or address of the MQTT broker", "nothing")
        if self.tls == "psk":
            raise _fault("tls", "true or false; pre-shared keys are for Tencent")
        if not self.username and {"password", "password_file"} & self.model_fields_set:
            raise _fault("username", "the user that the password is of", "nothing")
        return self

    @model_validator(mode="after")
    def _keeps_its_own_topics(self) -> Self:
        own = (f"{self.base_topic}/", f"{self.discovery_prefix}/")
        for topic in self.custom_topics:
            if not _TOPIC.fullmatch(topic) or topic == self.status_topic or topic.startswith(own):
                found = json.dumps(topic[:60], ensure_ascii=False)
                allowed = (
                    "topics that do not begin with '$', without + and #, and outside of"
                    f" {own[0]} and {own[1]}"
                )
                raise _fault("custom_topics", allowed, found)
        return self

    @property
    def identity(self) -> tuple[str, ...]:
        """The broker, and the device's name there: its topics."""
        return ((self.host or "").lower(), self.device_name)

    def of_device(self, device_id: str, name: str) -> Self:
        """Name the device by its own id and name, where the section does not."""
        named = self.device_name or _UNFIT.sub("-", device_id)
        return self.model_copy(
            update={"device_name": named, "name": self.name or name or device_id}
        )

    @classmethod
    def needs_secret(cls, table: Mapping[str, object]) -> bool:
        """Tell that only a user has a password."""
        return bool(table.get("username"))

    @classmethod
    def secret_fault(cls, key: str, secret: str) -> str | None:
        """Say what no password is."""
        del key
        fits = len(secret) <= MAX_SECRET and secret.isprintable()
        return None if fits else f"the broker's password: 1 to {MAX_SECRET} characters"


def _fault(key: str, allowed: str, found: str = "") -> PydanticCustomError:
    context = {"key": key, "allowed": allowed, **({"found": found} if found else {})}
    return PydanticCustomError("homeassistant", "not for Home Assistant", context)
