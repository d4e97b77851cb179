"""What an emulator is made of: clouds, devices, models, ports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import time
from typing import Final

from agent.emulator.aliyun.rules import AliyunRules
from agent.emulator.identity import DeviceIdentity, read_device, sample_device
from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.tencent.rules import TencentRules
from agent.errors import ConfigError

FOLDER: Final = Path(__file__).parent
CA_FILE: Final = FOLDER / "tls" / "ca.pem"
DEMO_DEVICE: Final = sample_device("tencent")
"""The identity of the published test vector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorOptions:
    """What to emulate; port 0 is any free one."""

    clouds: tuple[str, ...] = ("tencent",)
    devices: tuple[DeviceIdentity, ...] | None = None
    """None: the sample of each cloud."""
    models: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """Thing models by product, or `CLOUD/PRODUCT`; the socket's for every other one."""
    mqtt_port: int = 0
    """The first cloud's; the next one has the next port."""
    mqtts_port: int = 0
    http_port: int = 0
    certificate: Path = FOLDER / "tls" / "server.pem"
    private_key: Path = FOLDER / "tls" / "server-key.pem"
    ca_file: Path = CA_FILE
    tencent: TencentRules = field(default_factory=TencentRules)
    aliyun: AliyunRules = field(default_factory=AliyunRules)
    onenet: OnenetRules = field(default_factory=OnenetRules)
    """Of all its generations."""
    wall_clock: Callable[[], float] = time

    def known_devices(self) -> tuple[DeviceIdentity, ...]:
        """Return the devices that the clouds know."""
        if self.devices is not None:
            return self.devices
        return tuple(sample_device(cloud) for cloud in self.clouds)


def limited(options: EmulatorOptions, uplinks_per_s: int) -> EmulatorOptions:
    """Let every cloud take so many messages a second from one device; 0: any number."""
    limit = uplinks_per_s or None
    per_5s = None if limit is None else 5 * limit
    return replace(
        options,
        tencent=replace(options.tencent, uplinks_per_s=limit),
        aliyun=replace(options.aliyun, uplinks_per_s=limit, qos1_uplinks_per_s=limit),
        onenet=replace(
            options.onenet,
            publishes_per_s=limit,
            publishes_per_5s=per_5s,
            qos1_publishes_per_5s=per_5s,
        ),
    )


def strict_about_expiry(options: EmulatorOptions) -> EmulatorOptions:
    """Let every cloud that checks when credentials end cut a session at that moment."""
    return replace(
        options,
        tencent=replace(options.tencent, cuts_at_expiry=True),
        onenet=replace(options.onenet, cuts_at_expiry=True),
    )


def read_device_list(path: Path, clouds: Sequence[str] = ("tencent",)) -> list[DeviceIdentity]:
    """Read a file of devices, one a line; empty lines and `#` comments are left out."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    return [
        read_device(line.strip(), where=f"{path}:{number}", clouds=clouds)
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
