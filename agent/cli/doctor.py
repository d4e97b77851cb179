"""`polycloud doctor`: find out why a board does not work."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from typing import Final

import click

from agent import registry
from agent.app.kinds import make_device
from agent.cli.configuration import load_or_exit
from agent.cli.online import cloud_steps
from agent.clock import SystemClock
from agent.doctor.checks import check_clock
from agent.doctor.examine import examine
from agent.doctor.listen import LISTEN_S
from agent.doctor.sensors import examine_parts
from agent.doctor.verdict import Level, Verdict, failed, ok, warn
from agent.errors import EXIT_FAILED
from agent.ports import SensorDriver
from agent.settings.device import SocketSettings
from agent.settings.root import Config, DeviceConfig
from agent.settings.section import NamesDriver

EXAMPLE: Final = "Example: polycloud doctor --config /etc/polycloud/socket.toml"
CLOUD_CHECKS: Final = ("tls", "credentials")


@click.command(epilog=EXAMPLE)
@click.option(
    "--config",
    "path",
    required=True,
    metavar="FILE|DIR",
    help="A device's file, or a directory of them.",
)
@click.option(
    "--seconds",
    default=LISTEN_S,
    show_default=True,
    type=click.FloatRange(0.1, 60),
    help="How long to listen to the meter.",
)
@click.option("--offline", is_flag=True, help="Leave the clouds alone.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object.")
def doctor(*, path: str, seconds: float, offline: bool, is_json: bool) -> None:
    """Check port, UART, console, frames, GPIO, clock, TLS and credentials of each device.

    A light by SPI or pins and a button by gpiod are looked for too, and not claimed. Of a device
    of another kind, each sensor is measured once, and the switches' lines are looked for.
    Only what the configuration names is opened, and a port that the running agent holds is left
    alone. The clouds are tried with a sign-in, which takes the place of a running agent's
    connection for a moment. Exits with 1 when a check fails.
    """
    config = load_or_exit(path)
    verdicts: list[Verdict] = []
    for verdict in _verdicts(config, seconds, is_online=not offline):
        verdicts.append(verdict)
        if not is_json:
            click.echo(str(verdict))
    is_ok = all(verdict.level is not Level.FAILED for verdict in verdicts)
    if is_json:
        checks = [asdict(verdict) for verdict in verdicts]
        click.echo(json.dumps({"ok": is_ok, "checks": checks}, ensure_ascii=False))
    if not is_ok:
        sys.exit(EXIT_FAILED)


def _verdicts(config: Config, seconds: float, *, is_online: bool) -> Iterator[Verdict]:
    clock = SystemClock(config.agent.clock)
    has_several = len(config.devices) > 1
    yield check_clock(clock.judgement(), tls_is_possible=clock.tls_is_possible())
    for entry in config.devices:
        for verdict in _device_verdicts(entry, seconds, clock, is_online=is_online):
            label = f"{entry.device.id} {verdict.name}" if has_several else verdict.name
            yield replace(verdict, name=label)


def _device_verdicts(
    entry: DeviceConfig, seconds: float, clock: SystemClock, *, is_online: bool
) -> Iterator[Verdict]:
    if isinstance(entry.device, SocketSettings):
        yield from examine(entry.device, seconds)
    else:
        device = make_device(entry.device)
        yield from examine_parts(device.needs, partial(_sensor, device.thing))
    for name in entry.clouds:
        label = f"{name} " if len(entry.clouds) > 1 else ""
        for verdict in _cloud_verdicts(entry, name, clock, is_online=is_online):
            yield replace(verdict, name=f"{label}{verdict.name}")
    if not entry.clouds:
        for name in CLOUD_CHECKS:
            yield ok(name, "no cloud is named: none is needed")


def _sensor(thing: object, section: NamesDriver) -> SensorDriver:
    driver: SensorDriver = registry.made("sensor", section, thing)
    return driver


def _cloud_verdicts(
    entry: DeviceConfig, cloud: str, clock: SystemClock, *, is_online: bool
) -> Iterator[Verdict]:
    """Judge TLS and credentials; what failed before them stands in their place."""
    if not is_online:
        for name in CLOUD_CHECKS:
            yield warn(name, "not tried (--offline)")
        return
    for step in cloud_steps(entry, cloud, clock.wall_time()):
        if step.name in CLOUD_CHECKS:
            yield step
        elif step.level is Level.FAILED:
            yield failed("tls", step.text)
        if step.level is Level.FAILED and step.name != "credentials":
            yield warn("credentials", "not tried: the cloud was not reached")
