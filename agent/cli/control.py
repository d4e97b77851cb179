"""`polycloud on`, `off`, `toggle`, `status`: the running agent is asked over its socket."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Final, NoReturn, TypeVar, cast

import click

from agent.control.client import ControlClient, UnreachableError, find_socket
from agent.errors import EXIT_FAILED, EXIT_UNREACHABLE, ControlError

F = TypeVar("F", bound=Callable[..., object])
Row = Mapping[str, object]

SWITCH: Final = "power_switch"

_OPTIONS: Final = (
    click.argument("device", required=False),
    click.option("--socket", "socket_path", metavar="PATH", help="Where the agent listens."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON only."),
)


def _with_options(command: F) -> F:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(epilog="Example: polycloud on socket-1")
@_with_options
def on(device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Switch on; DEVICE may be left out where there is only one."""
    _switch("set", {"values": {SWITCH: True}}, device, socket_path, as_json=as_json)


@click.command(epilog="Example: polycloud off socket-1")
@_with_options
def off(device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Switch off; DEVICE may be left out where there is only one."""
    _switch("set", {"values": {SWITCH: False}}, device, socket_path, as_json=as_json)


@click.command(epilog="Example: polycloud toggle socket-1")
@_with_options
def toggle(device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Switch to the other position."""
    _switch("toggle", {}, device, socket_path, as_json=as_json)


@click.command(epilog="Example: polycloud status --json")
@_with_options
def status(device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Show what the agent knows: values, trip, countdown, clouds."""
    answer = _ask("status", _of_device(device), socket_path)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    from agent.cli.table import status_text  # noqa: PLC0415 - not for --json

    click.echo(status_text(_row(answer)))


def _switch(
    method: str, params: Row, device: str | None, socket_path: str | None, *, as_json: bool
) -> None:
    answer = _ask(method, {**_of_device(device), **params}, socket_path)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo(_position(_row(answer)))


def _position(answer: Row) -> str:
    is_on = _row(answer.get("properties")).get(SWITCH)
    name = answer.get("device", "switch")
    delay_s = answer.get("closes_in_s")
    if isinstance(delay_s, int | float):
        return f"{name}: closes in {delay_s:g} s"
    return f"{name}: {'on' if is_on else 'off'}"


def _of_device(device: str | None) -> dict[str, object]:
    return {} if device is None else {"device": device}


def _ask(method: str, params: Row, socket_path: str | None) -> object:
    """Ask, or end the command: 1 refused, 69 not reachable."""
    client = ControlClient(find_socket(socket_path, os.environ))
    try:
        return client.call(method, params)
    except UnreachableError as error:
        _end(str(error), EXIT_UNREACHABLE)
    except ControlError as error:
        _end(str(error), EXIT_FAILED)


def _end(text: str, code: int) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(code)


def _row(value: object) -> Row:
    return cast("Row", value) if isinstance(value, dict) else {}
