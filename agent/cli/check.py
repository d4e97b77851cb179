"""`polycloud check`: is the configuration right, and does the cloud take it."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click

from agent.app.codecs import check_codecs
from agent.cli.configuration import exit_code
from agent.doctor.verdict import Level, Verdict
from agent.errors import EXIT_FAILED, ConfigError
from agent.settings.device import SocketSettings
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.generic import GenericSettings
from agent.settings.load import load
from agent.settings.meters import PulseMeterSettings, SimulatedMeterSettings
from agent.settings.not_yet import NotYetError
from agent.settings.notices import notices
from agent.settings.relays import AnyRelaySettings, RelaySettings
from agent.settings.root import Config, DeviceConfig

EXAMPLE: Final = "Example: polycloud check --config /etc/polycloud --online"


@click.command(epilog=EXAMPLE)
@click.option(
    "--config",
    "path",
    required=True,
    metavar="FILE|DIR",
    help="A device's file, or a directory of them.",
)
@click.option(
    "--online",
    "is_online",
    is_flag=True,
    help="Also try each cloud: DNS, TCP, TLS, clock, sign-in. A running agent with the same"
    " identity loses its connection for a moment.",
)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object.")
def check(*, path: str, is_online: bool, is_json: bool) -> None:
    """Check a configuration: every fault with its file, line, key, and what is allowed.

    Exits with 0 when all is well, 78 on faults, 1 when a step of --online fails, and 2 for
    settings that come in a later version.
    """
    try:
        config = load(Path(path), os.environ)
        for device in config.devices:
            check_codecs(device)
    except ConfigError as error:
        _print_faults(error, is_json=is_json)
        sys.exit(exit_code(error))
    warnings = notices(config, has_gpiod=find_spec("gpiod") is not None)
    if is_json:
        steps = list(_steps(config)) if is_online else []
        _print_json(ok=not _failures(steps), warnings=warnings, steps=steps if is_online else None)
    else:
        _print_found(config, warnings)
        steps = list(_printed(_steps(config))) if is_online else []
    if _failures(steps):
        sys.exit(EXIT_FAILED)


def _steps(config: Config) -> Iterator[Verdict]:
    """Try the clouds; the modules for it are loaded only now."""
    from agent.cli.online import online_steps  # noqa: PLC0415 -- MQTT and TLS cost 60 ms

    return online_steps(config)


def _failures(steps: Iterable[Verdict]) -> bool:
    return any(step.level is Level.FAILED for step in steps)


def _printed(steps: Iterator[Verdict]) -> Iterator[Verdict]:
    for step in steps:
        click.echo(str(step))
        yield step


def _print_faults(error: ConfigError, *, is_json: bool) -> None:
    faults: tuple[Fault, ...] = ()
    if isinstance(error, ConfigFaults | NotYetError):
        faults = error.faults
    if is_json:
        _print_json(ok=False, faults=faults)
        return
    click.echo(str(error))


def _print_json(
    *,
    ok: bool,
    faults: Iterable[Fault] = (),
    warnings: Iterable[str] = (),
    steps: list[Verdict] | None = None,
) -> None:
    answer: dict[str, Any] = {
        "ok": ok,
        "faults": [asdict(fault) for fault in faults],
        "warnings": list(warnings),
    }
    if steps is not None:
        answer["online"] = [asdict(step) for step in steps]
    click.echo(json.dumps(answer, ensure_ascii=False))


def _print_found(config: Config, warnings: Iterable[str]) -> None:
    for warning in warnings:
        click.echo(f"warn {warning}")
    for entry in config.devices:
        click.echo(f"ok {entry.path}: {_summary(entry)}")


def _summary(entry: DeviceConfig) -> str:
    device = entry.device
    clouds = ", ".join(device.clouds) or "none, local only"
    if isinstance(device, GenericSettings):
        parts = {
            "sensors": tuple(device.sensors),
            "switches": tuple(device.switches),
            "dimmers": tuple(device.dimmers),
        }
        named = "; ".join(f"{role}: {', '.join(names)}" for role, names in parts.items() if names)
        return f"{device.id}, a {device.kind} device; {named}; clouds: {clouds}"
    if not isinstance(device, SocketSettings):
        return f"{device.id}, a {device.kind} device; clouds: {clouds}"
    meter = device.meter
    if isinstance(meter, SimulatedMeterSettings):
        place: str = meter.load
    elif isinstance(meter, PulseMeterSettings):
        place = f"{meter.cf}, {meter.cf1}, {meter.sel}"
    else:
        place = str(getattr(meter, "port", "a plug-in"))
    return (
        f"{device.id}, a {device.kind} on board {device.board};"
        f" meter {meter.driver} ({place}), {_contacts(device)};"
        f" clouds: {clouds}"
    )


def _contacts(device: SocketSettings) -> str:
    word = "relay" if len(device.contacts) == 1 else "outlets"
    return f"{word} " + ", ".join(
        f"{each.driver} ({_place_of(each)})" for each in device.contacts.values()
    )


def _place_of(contact: AnyRelaySettings) -> str:
    if isinstance(contact, RelaySettings):
        return contact.pin
    return str(getattr(contact, "port", "a plug-in"))
