"""`polycloud backup` and `restore`: move a socket's state, journal and calibration."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NoReturn, TypeVar, cast

import click
from pydantic import ValidationError

from agent.app.place import STATE_FILE
from agent.cli.configuration import load_or_exit
from agent.clock import SystemClock
from agent.control.client import ControlClient, UnreachableError, find_socket
from agent.errors import EXIT_FAILED, ControlError, StoreError
from agent.model import Condition
from agent.settings.document import Table, read_document
from agent.settings.environment import overrides
from agent.settings.faults import ConfigFaults
from agent.settings.load import AGENT_FILE, config_files
from agent.settings.root import AgentSettings
from agent.store.backup import Restored, in_use, make_backup
from agent.store.backup import restore as put_back
from agent.store.examine import Backup

F = TypeVar("F", bound=Callable[..., object])

NOBODY: Final = (FileNotFoundError, ConnectionRefusedError, NotADirectoryError)
"""What a connection says where no agent listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose state it is: the file, and the socket at which its agent would answer."""

    state: Path
    socket: str | None
    devices: tuple[str, ...] | None
    settings: AgentSettings


_OPTIONS: Final = (
    click.argument("file", metavar="FILE"),
    click.option("--config", metavar="FILE|DIR", help="The agent's configuration."),
    click.option(
        "--state-dir",
        metavar="DIR",
        help=f"Where the agent keeps its state, without --config; by default"
        f" {AgentSettings().state_dir}.",
    ),
    click.option("--json", "is_json", is_flag=True, help="Print one JSON object."),
)


def _with_options(command: F) -> F:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(epilog="Example: polycloud backup socket-1.backup --config /etc/polycloud")
@_with_options
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def backup(
    *, file: str, config: str | None, state_dir: str | None, is_json: bool, force: bool
) -> None:
    """Write the state of all devices to FILE, also while the agent runs.

    FILE holds everything that `restore` needs on another machine: totals, trips, calibration
    and the journal. It is checked after it was written. Cloud secrets are not in it.
    """
    place = _place(config, state_dir)
    try:
        made = make_backup(place.state, Path(file), replaces=force)
    except StoreError as error:
        _end(str(error))
    if is_json:
        _print_json(asdict(made))
        return
    for line in (*_described(made), f"   copied from {made.source}"):
        click.echo(line)


@click.command(epilog="Example: polycloud restore socket-1.backup --config /etc/polycloud")
@_with_options
def restore(*, file: str, config: str | None, state_dir: str | None, is_json: bool) -> None:
    """Put FILE, which `backup` wrote, in the place of the state; the agent must be stopped.

    FILE is checked first. The state that is there is set aside, never deleted. The next start
    counts as one after a power loss, and the energy goes on from the total in FILE.
    """
    place = _place(config, state_dir)
    _refuse_while_it_answers(place)
    try:
        wall_time = SystemClock(place.settings.clock).wall_time()
        done = put_back(Path(file), place.state, wall_time)
    except StoreError as error:
        _end(str(error))
    unknown = _unknown(done.backup, place)
    if is_json:
        _print_json({**asdict(done), "warnings": [unknown] if unknown else []})
        return
    for line in (*_described(done.backup), *_told(done)):
        click.echo(line)
    if unknown:
        click.echo(f"warn {unknown}", err=True)


def _place(config: str | None, state_dir: str | None) -> Place:
    if config is not None and state_dir is not None:
        raise click.UsageError("--config and --state-dir exclude each other: leave one out")
    if config is not None:
        settings, devices = _configured(config)
        return Place(
            state=Path(settings.state_dir) / STATE_FILE,
            socket=settings.control_socket,
            devices=devices,
            settings=settings,
        )
    settings = AgentSettings()
    return Place(
        state=Path(state_dir or settings.state_dir) / STATE_FILE,
        # An agent at the usual socket need not be the one whose state stands elsewhere.
        socket=find_socket(None, os.environ) if state_dir is None else None,
        devices=None,
        settings=settings,
    )


def _configured(config: str) -> tuple[AgentSettings, tuple[str, ...] | None]:
    """Read where the state is and whose, whatever else may be wrong with the configuration.

    A secret that is missing must keep nobody from the state. Where `[agent]` itself cannot be
    understood all faults are told.
    """
    try:
        return _agent_of(Path(config)), _devices_of(Path(config))
    except (ConfigFaults, ValidationError):
        found = load_or_exit(config)
        return found.agent, tuple(each.device.id for each in found.devices)


def _agent_of(config: Path) -> AgentSettings:
    file = config / AGENT_FILE if config.is_dir() else config
    is_there = file.exists() or not config.is_dir()
    data = read_document(file).data if is_there else {}
    written = {**_table(data, "agent"), **_table(overrides(os.environ), "agent")}
    known = AgentSettings.model_fields
    return AgentSettings.model_validate({k: v for k, v in written.items() if k in known})


def _devices_of(config: Path) -> tuple[str, ...] | None:
    """List the devices' ids; None where a file does not tell."""
    files = [file for file in config_files(config) if file.name != AGENT_FILE]
    try:
        ids = [_table(read_document(file).data, "device").get("id") for file in files]
    except ConfigFaults:
        return None
    names = tuple(each for each in ids if isinstance(each, str))
    return names if len(names) == len(ids) else None


def _table(data: Table, key: str) -> Table:
    value = data.get(key)
    return cast("Table", value) if isinstance(value, dict) else {}


def _refuse_while_it_answers(place: Place) -> None:
    if place.socket is None:
        return
    try:
        ControlClient(place.socket).call("status")
    except UnreachableError as error:
        if not isinstance(error.__cause__, NOBODY):
            _end(f"it is not known whether an agent runs: {error}; nothing was done")
        return
    except ControlError as error:
        _end(f"{in_use(place.state)} (it says: {error})")
    _end(str(in_use(place.state)))


def _unknown(held: Backup, place: Place) -> str | None:
    """Say that the backup is of other devices than the configuration has."""
    names = [device.id for device in held.devices]
    if place.devices is None or set(names) & set(place.devices):
        return None
    return (
        f"the backup is of {', '.join(names) or 'no device'} and the configuration has"
        f" {', '.join(place.devices)}: nothing of it will be used until a device has the same id"
    )


def _described(held: Backup) -> Iterator[str]:
    made = "a plain copy" if held.made_at is None else f"made {_time(held.made_at)}"
    yield f"ok {held.file}: whole, {made}, schema {held.schema}, {held.size:,} bytes"
    for device in held.devices:
        total = "" if device.total_kwh is None else f", {device.total_kwh:.3f} kWh"
        older = "" if device.condition is Condition.GOOD else " (the newest save was damaged)"
        yield (
            f"   {device.id}{total}, saved {_time(device.saved_at)}{older},"
            f" {device.records} journal rows"
        )
    if not held.devices:
        yield "   no device"


def _told(done: Restored) -> Iterator[str]:
    if done.kept_as is not None:
        yield f"   what was there is now {done.kept_as}"
    yield f"ok {done.file}: restored; start the agent (sudo systemctl start polycloud-agent)"
    yield "   every socket is off then, whatever on_start says: switch it on yourself"


def _time(at: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def _print_json(answer: object) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False))


def _end(text: str) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(EXIT_FAILED)
