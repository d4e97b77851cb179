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
    light: str = ""
    """A driver; empty: the default."""
    button: str = ""
    cloud: str = ""
    keys: Mapping[str, object] = field(default_factory=dict[str, object])
    """Of the cloud's section."""
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """The files beside the configuration, by the keys that name them."""


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
        *_driver(answers.button),
        'pin = "GPIO27"',
        "",
        *(["[device.indicator]", *_driver(answers.light), ""] if answers.light else []),
        "[device.protection]",
        "rated_current_a = 5.0   # the weakest part decides: relay, terminals, wires, fuse",
        "rated_power_w = 1100",
        "",
    ]


def _driver(name: str) -> list[str]:
    return [f"driver = {_text(name)}"] if name else []


def _cloud(answers: Answers) -> list[str]:
    if not answers.cloud:
        return []
    return [
        f"[clouds.{answers.cloud}]",
        *(f"{key} = {_value(value)}" for key, value in answers.keys.items()),
        *(f"{key} = {_text(name)}   # beside this file" for key, name in answers.files.items()),
        "",
    ]


def _value(value: object) -> str:
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    """Quote for TOML, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False)


_PARTS: Final = ("relay", "button", "indicator")
