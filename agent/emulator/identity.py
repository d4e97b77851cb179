"""The devices that a cloud knows: who they are, and how a line of text names one."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from agent.errors import ConfigError

FORM: Final = "[CLOUD/]PRODUCT:NAME:SECRET"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceIdentity:
    """A device that a cloud knows, with its secret."""

    cloud: str = "tencent"
    product: str
    name: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How one cloud names its devices, and a sample of that."""

    product: re.Pattern[str]
    product_is: str
    name: re.Pattern[str]
    name_is: str
    check_secret: Callable[[str], object]
    sample: tuple[str, str, str]
    """Product, name and secret of a device that is nobody's."""
    is_joined: bool = False
    """Whether a client id is product and name without anything between."""


def _check_tencent_secret(text: str) -> None:
    from agent.emulator.tencent.auth import read_secret  # noqa: PLC0415 - only what runs

    read_secret(text)


def _check_aliyun_secret(text: str) -> None:
    from agent.emulator.aliyun.auth import read_secret  # noqa: PLC0415

    read_secret(text)


def _check_onenet_secret(text: str) -> None:
    from agent.emulator.onenet.token import read_secret  # noqa: PLC0415

    read_secret(text)


def _check_legacy_secret(text: str) -> None:
    from agent.emulator.onenet.legacy import register  # noqa: PLC0415

    register("0", "0", text)


_WORD: Final = re.compile(r"[A-Za-z0-9]{1,32}")
_WORD_IS: Final = "1 to 32 letters and digits"
_ONENET_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ONENET_NAME_IS: Final = "1 to 64 letters, digits, '_' and '-'"
_DIGITS: Final = re.compile(r"[0-9]{1,20}")
_DIGITS_IS: Final = "1 to 20 digits"

NAMINGS: Final[Mapping[str, Naming]] = {
    "tencent": Naming(
        product=_WORD,
        product_is=_WORD_IS,
        name=re.compile(r"[A-Za-z0-9:_-]{1,48}"),
        name_is="1 to 48 letters, digits, ':', '_' and '-'",
        check_secret=_check_tencent_secret,
        sample=("CS0SLTKSYA", "dev1", "IyXmUW5sU/q1vnb5yzTkeQ=="),
        is_joined=True,
    ),
    "aliyun": Naming(
        product=re.compile(r"[A-Za-z0-9]{1,20}"),
        product_is="1 to 20 letters and digits",
        name=re.compile(r"[A-Za-z0-9_@.:-]{4,32}"),
        name_is="4 to 32 letters, digits, '-', '_', '@', '.' and ':'",
        check_secret=_check_aliyun_secret,
        sample=("k19g7hBjoOD", "testdevice1", "0123456789abcdef0123456789abcdef"),
    ),
    "onenet": Naming(
        product=_WORD,
        product_is=_WORD_IS,
        name=_ONENET_NAME,
        name_is=_ONENET_NAME_IS,
        check_secret=_check_onenet_secret,
        sample=("9MaNe52pNO", "dev1", "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw="),
    ),
    "onenet-datastream": Naming(
        product=_WORD,
        product_is=_WORD_IS,
        name=_ONENET_NAME,
        name_is=_ONENET_NAME_IS,
        check_secret=_check_onenet_secret,
        sample=("238322", "mqtts-test-device", "EnW4T71eIE55xOIQMN6pFMKuqel5T5HTzsGJRPiDhlM="),
    ),
    "onenet-legacy": Naming(
        product=_DIGITS,
        product_is=_DIGITS_IS,
        name=_DIGITS,
        name_is=_DIGITS_IS,
        check_secret=_check_legacy_secret,
        sample=("91025", "9377500", "sample-api-key"),
    ),
}
CLOUDS: Final = tuple(NAMINGS)


def sample_device(cloud: str) -> DeviceIdentity:
    """Return the device that *cloud* knows when none is named."""
    product, name, secret = NAMINGS[cloud].sample
    return DeviceIdentity(cloud=cloud, product=product, name=name, secret=secret)


def read_device(text: str, *, where: str, clouds: Sequence[str] = ("tencent",)) -> DeviceIdentity:
    """Read `[CLOUD/]PRODUCT:NAME:SECRET`; raise ConfigError that does not show the secret.

    PRODUCT ends at the first colon and SECRET begins after the last, so NAME may hold colons.
    CLOUD is one of *clouds*, and may be left out where there is only one.
    """
    head, first, rest = text.partition(":")
    name, last, secret = rest.rpartition(":")
    if not first or not last:
        raise ConfigError(f"{where}: a device is {FORM}")
    shown = f"{where} {head:.60}:{name:.60}:…"
    cloud, slash, product = head.rpartition("/")
    if not slash and len(clouds) > 1:
        raise ConfigError(f"{shown}: the cloud stands before a slash: one of {', '.join(clouds)}")
    cloud = cloud if slash else clouds[0]
    if cloud not in clouds:
        raise ConfigError(f"{shown}: the cloud is one of {', '.join(clouds)}, not {cloud!r:.40}")
    device = DeviceIdentity(cloud=cloud, product=product, name=name, secret=secret)
    try:
        check_device(device)
    except ConfigError as error:
        raise ConfigError(f"{shown}: {error}") from error
    return device


def check_device(device: DeviceIdentity) -> None:
    """Refuse what its cloud would not take; raise ConfigError that does not show the secret."""
    naming = NAMINGS.get(device.cloud)
    if naming is None:
        raise ConfigError(f"the cloud is one of {', '.join(CLOUDS)}, not {device.cloud!r:.40}")
    if not naming.product.fullmatch(device.product):
        raise ConfigError(f"PRODUCT is {naming.product_is}")
    if not naming.name.fullmatch(device.name):
        raise ConfigError(f"NAME is {naming.name_is}")
    naming.check_secret(device.secret)


def check_devices(devices: Iterable[DeviceIdentity], clouds: Sequence[str]) -> None:
    """Refuse devices of other clouds, and two that one client id would fit."""
    seen: dict[tuple[str, str], DeviceIdentity] = {}
    for device in devices:
        shown = f"{device.cloud}/{device.product}:{device.name}"
        if device.cloud not in clouds:
            raise ConfigError(f"{shown} is of a cloud that is not emulated")
        separator = "" if NAMINGS[device.cloud].is_joined else "/"
        other = seen.setdefault((device.cloud, device.product + separator + device.name), device)
        if other is not device:
            raise ConfigError(f"{shown} stands twice")
