"""A socket to be measured, and its configuration: at which clouds, and how its machine differs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.demo.dialects import DIALECTS
from agent.emulator.identity import DeviceIdentity

DEVICE: Final = """\
[agent]
state_dir = "{folder}/state"
control_socket = "{folder}/control.sock"
clock = "system"

[device]
id = "bench"
kind = "socket"
{clouds}

[device.meter]
port = "socket://127.0.0.1:{meter_port}"

[device.relay]
driver = "simulated"
min_off_s = 0
on_start = "{start}"

[device.button]
driver = "none"

[device.indicator]
driver = "{light}"
"""

CLOUD: Final = """
[clouds.{section}]
{product_key} = "{product}"
{name_key} = "{name}"
{secret_key}_file = "{secret_file}"
host = "localhost"
port = {port}
{tls}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A process to be measured: who it is, where, and how its machine differs."""

    name: str
    clouds: tuple[str, ...] = ("tencent",)
    spare: tuple[str, ...] = ()
    """Clouds that have a section and are not named."""
    is_tls: bool = True
    is_on: bool = False
    load: str = "lamp"
    light: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A device at one cloud, the file of its secret, and the port there; no CA without TLS."""

    device: DeviceIdentity
    secret_file: Path
    port: int
    ca_file: Path | None

    @property
    def section(self) -> str:
        """Write its section of a configuration."""
        dialect = DIALECTS[self.device.cloud]
        product_key, name_key, secret_key = dialect.keys
        return CLOUD.format(
            section=dialect.section,
            product_key=product_key,
            name_key=name_key,
            secret_key=secret_key,
            product=self.device.product,
            name=self.device.name,
            secret_file=self.secret_file,
            port=self.port,
            tls="tls = false" if self.ca_file is None else f'ca_file = "{self.ca_file}"',
        )


def device(subject: Subject, folder: Path, meter_port: int) -> str:
    """Write the configuration of *subject* without its clouds."""
    return DEVICE.format(
        folder=folder,
        clouds=named(subject.clouds),
        meter_port=meter_port,
        start="on" if subject.is_on else "off",
        light=subject.light,
    )


def named(clouds: Sequence[str]) -> str:
    """Write the line that names the clouds of a device."""
    return f"clouds = {json.dumps(list(clouds))}"


def renamed(text: str, clouds: Sequence[str]) -> str:
    """Name other clouds in a configuration: one line of it changes."""
    lines = text.splitlines()
    (index,) = [index for index, line in enumerate(lines) if line.startswith("clouds = ")]
    lines[index] = named(clouds)
    return "\n".join(lines) + "\n"
