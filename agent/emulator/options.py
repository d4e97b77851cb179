"""What an emulator is made of: clouds, devices, models, ports."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Final

from agent.emulator.tencent.auth import read_secret
from agent.emulator.tencent.rules import TencentRules
from agent.errors import ConfigError

CLOUDS: Final = ("tencent",)
PROMISED_CLOUDS: Final = ("aliyun", "onenet")

FOLDER: Final = Path(__file__).parent
CA_FILE: Final = FOLDER / "tls" / "ca.pem"
SOCKET_MODEL: Final = FOLDER / "models" / "tencent-socket.json"

_PRODUCT: Final = re.compile(r"[A-Za-z0-9]{1,32}")
_NAME: Final = re.compile(r"[A-Za-z0-9:_-]{1,48}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceIdentity:
    """A device that a cloud knows, with its secret."""

    cloud: str = "tencent"
    product: str
    name: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorOptions:
    """What to emulate; port 0 is any free one."""

    clouds: tuple[str, ...] = CLOUDS
    devices: tuple[DeviceIdentity, ...] = field(default_factory=lambda: (DEMO_DEVICE,))
    models: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """Data templates by product; the socket's for every other one."""
    mqtt_port: int = 0
    mqtts_port: int = 0
    http_port: int = 0
    certificate: Path = FOLDER / "tls" / "server.pem"
    private_key: Path = FOLDER / "tls" / "server-key.pem"
    ca_file: Path = CA_FILE
    tencent: TencentRules = field(default_factory=TencentRules)
    wall_clock: Callable[[], float] = time


def read_device(text: str, *, where: str) -> DeviceIdentity:
    """Read `[CLOUD/]PRODUCT:NAME:SECRET`; raise ConfigError that does not show the secret.

    PRODUCT ends at the first colon and SECRET begins after the last, so NAME may hold colons.
    """
    head, first, rest = text.partition(":")
    name, last, secret = rest.rpartition(":")
    cloud, slash, product = head.rpartition("/")
    shown = f"{where} {head:.60}:{name:.60}:…" if first and last else where
    if not first or not last:
        raise ConfigError(f"{shown}: a device is [CLOUD/]PRODUCT:NAME:SECRET")
    if slash and cloud not in CLOUDS:
        raise ConfigError(f"{shown}: the cloud is one of {', '.join(CLOUDS)}, not {cloud!r:.40}")
    if not _PRODUCT.fullmatch(product):
        raise ConfigError(f"{shown}: PRODUCT is 1 to 32 letters and digits")
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{shown}: NAME is 1 to 48 letters, digits, ':', '_' and '-'")
    try:
        read_secret(secret)
    except ConfigError as error:
        raise ConfigError(f"{shown}: {error}") from error
    return DeviceIdentity(cloud=cloud or CLOUDS[0], product=product, name=name, secret=secret)


def read_device_list(path: Path) -> list[DeviceIdentity]:
    """Read a file of devices, one a line; empty lines and `#` comments are left out."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    return [
        read_device(line.strip(), where=f"{path}:{number}")
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]


def check_devices(devices: Iterable[DeviceIdentity]) -> None:
    """Refuse two devices that one client id would fit."""
    seen: dict[tuple[str, str], DeviceIdentity] = {}
    for device in devices:
        other = seen.setdefault((device.cloud, device.product + device.name), device)
        if other is not device:
            raise ConfigError(f"{device.cloud}/{device.product}:{device.name} stands twice")


DEMO_DEVICE: Final[DeviceIdentity] = read_device(
    "CS0SLTKSYA:dev1:IyXmUW5sU/q1vnb5yzTkeQ==", where="demo device"
)
"""The identity of the published test vector."""
