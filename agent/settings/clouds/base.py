"""What the sections of all clouds have: `[clouds.NAME]`."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, SecretStr

from agent.settings.section import FilePath, Port, Section

NO_SECRET: Final = SecretStr("")

Together = Literal["all", "properties", "none"]
"""What may go up several at once: reports and events, reports only, or nothing."""

Identifier = Annotated[
    str, Field(min_length=1, max_length=64, description="a text of 1 to 64 characters")
]


class CloudSettings(Section):
    """What every cloud's section has."""

    CREDENTIAL: ClassVar[str] = "device_secret"
    """The key of the secret; with `_file` behind it, the key of the file that holds it."""
    IDENTITY: ClassVar[tuple[str, ...]] = ("product_id", "device_name")
    """The keys that together name a device."""
    WHOLE: ClassVar[str] = ""
    """The key of a secret that names the device too, where the platform has such a one."""
    DESCRIBES: ClassVar[bool] = False
    """Whether the device itself tells there what it has, and so what it has no more."""

    host: Annotated[str | None, Field(min_length=1, description="a host name")] = None
    port: Port | None = None
    tls: bool | Literal["psk"] = True
    verify: Literal["full", "ca-only"] = "full"
    server_name: Annotated[str | None, Field(min_length=1, description="a host name")] = None
    ca_file: FilePath | None = None
    commands: Literal["all", "off_only", "none"] = "all"
    reset_energy: bool = False
    custom_topics: tuple[str, ...] = ()
    rename: dict[str, Identifier] = Field(default_factory=dict[str, Identifier])
    """Names of the device's own; which those are its kind says (`agent.settings.renaming`)."""

    @property
    def identity(self) -> tuple[str, ...]:
        """What the platform knows this device by: two connections with one identity fight."""
        return tuple(str(getattr(self, name)) for name in self.IDENTITY)

    @property
    def identity_key(self) -> str:
        """The key that tells this device from the others of its product."""
        return self.IDENTITY[-1]

    @property
    def lacks_root(self) -> bool:
        """Whether the brokers end in a root that nobody has, and `ca_file` does not give it."""
        return False

    def of_device(self, device_id: str, name: str) -> Self:
        """Take from the device what the section leaves to it; nothing, on most platforms."""
        del device_id, name
        return self

    @classmethod
    def needs_secret(cls, table: Mapping[str, object]) -> bool:
        """Tell whether the section that *table* fills is nothing without its secret."""
        del table
        return True

    @classmethod
    def credential(cls, table: Mapping[str, object]) -> str:
        """Name the key of the secret in the section that *table* fills."""
        del table
        return cls.CREDENTIAL

    @classmethod
    def secret_fault(cls, key: str, secret: str) -> str | None:
        """Tell what the secret at *key* looks like on this platform where *secret* does not."""
        del key, secret
        return None

    @classmethod
    def secret_fault_in(cls, table: Mapping[str, object], key: str, secret: str) -> str | None:
        """Tell the same where the section that *table* fills matters."""
        del table
        return cls.secret_fault(key, secret)

    def warnings(self) -> tuple[str, ...]:
        """Tell what the owner of a section that is right still has to do."""
        return ()
