"""The demo's configuration: one device file, and a file for the secret of each cloud."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from agent.demo.dialects import Dialect
from agent.emulator.emulator import Ports
from agent.emulator.identity import DeviceIdentity

HOST: Final = "localhost"
AGENT: Final = """\
[agent]
state_dir = {state_dir}
control_socket = {control_socket}
clock = "system"
"""
SOCKET: Final = """
[device]
id = "demo"
kind = "socket"
clouds = {clouds}

[device.meter]
driver = "simulated"

[device.relay]
driver = "simulated"

[device.button]
driver = "simulated"

[device.indicator]
driver = "simulated"

[device.reporting]
min_interval_s = {interval}
"""


def write_config(
    folder: Path,
    dialects: Sequence[Dialect],
    devices: Mapping[str, DeviceIdentity],
    ports: Ports,
    device: str = "",
) -> Path:
    """Write everything into *folder*, with *device* or a socket; return the device's file."""
    parts = [_agent(folder), device or _socket(dialects)]
    for dialect in dialects:
        secret_file = folder / f"{dialect.section}.secret"
        secret_file.touch(mode=0o600)
        secret_file.write_text(devices[dialect.name].secret, encoding="ascii")
        keys = _section(dialect, devices[dialect.name], secret_file, ports)
        lines = (f"{key} = {_toml(value)}\n" for key, value in keys)
        parts.append(f"\n[clouds.{dialect.section}]\n{''.join(lines)}")
    path = folder / "demo.toml"
    path.write_text("".join(parts), encoding="utf-8")
    return path


def _agent(folder: Path) -> str:
    return AGENT.format(
        state_dir=_toml(folder / "state"), control_socket=_toml(folder / "control.sock")
    )


def _socket(dialects: Sequence[Dialect]) -> str:
    return SOCKET.format(
        clouds=_toml([each.section for each in dialects]),
        interval=_toml(max(each.interval_s for each in dialects)),
    )


def _section(
    dialect: Dialect, device: DeviceIdentity, secret_file: Path, ports: Ports
) -> Iterator[tuple[str, object]]:
    """List the keys of a cloud's section; over TLS where the platform has it."""
    product, name, secret = dialect.keys
    yield product, device.product
    yield name, device.name
    yield f"{secret}_file", secret_file
    yield "host", HOST
    if dialect.has_tls:
        yield "port", ports.clouds[dialect.name].mqtts
        yield "ca_file", ports.ca_file
    else:
        yield "port", ports.clouds[dialect.name].mqtt
    yield from dialect.extra.items()


def _toml(value: object) -> str:
    """Write a value; what JSON has of strings, numbers and lists of them, TOML reads alike."""
    return json.dumps(value, ensure_ascii=False, default=str)
