"""The text of a new configuration file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

SIMULATED: Final = "simulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What `init` has to know. `port` may be 'simulated': then no hardware is used at all."""

    device_id: str
    board: str
    port: str
    coefficients: Mapping[str, float] = field(default_factory=dict[str, float])
    cloud: str = ""
    product_id: str = ""
    device_name: str = ""


def config_text(answers: Answers) -> str:
    """Write the configuration: what was asked, and the keys that are changed most often."""
    clouds = f'["{answers.cloud}"]' if answers.cloud else "[]"
    parts = [
        "# Made by `polycloud init`; config/socket.toml of the project explains every key.\n",
        "[device]",
        f"id = {_text(answers.device_id)}",
        'kind = "socket"',
        f"board = {_text(answers.board)}",
        f"clouds = {clouds}",
        "",
        *_hardware(answers),
        *_cloud(answers),
    ]
    return "\n".join(parts)


def secret_name(cloud: str) -> str:
    """Name the file of a cloud's secret, which stands beside the configuration."""
    return f"{cloud}.secret"


def _hardware(answers: Answers) -> list[str]:
    coefficients = [f"{name} = {value}" for name, value in answers.coefficients.items()]
    if answers.port == SIMULATED:
        drivers = [f'[device.{part}]\ndriver = "{SIMULATED}"\n' for part in _PARTS]
        return ["[device.meter]", f'driver = "{SIMULATED}"', *coefficients, "", *drivers]
    return [
        "[device.meter]",
        f"port = {_text(answers.port)}",
        *coefficients,
        "",
        "[device.relay]",
        'pin = "GPIO17"',
        'on_start = "off"   # off | on | restore',
        "",
        "[device.button]",
        'pin = "GPIO27"',
        "",
        "[device.protection]",
        "rated_current_a = 5.0   # the weakest part decides: relay, terminals, wires, fuse",
        "rated_power_w = 1100",
        "",
    ]


def _cloud(answers: Answers) -> list[str]:
    if not answers.cloud:
        return []
    return [
        f"[clouds.{answers.cloud}]",
        f"product_id = {_text(answers.product_id)}",
        f"device_name = {_text(answers.device_name)}",
        f"device_secret_file = {_text(secret_name(answers.cloud))}   # beside this file",
        "",
    ]


def _text(text: str) -> str:
    """Quote for TOML, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False)


_PARTS: Final = ("relay", "button", "indicator")
