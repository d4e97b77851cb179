"""`polycloud on`, `off`, `toggle`, `status`: the running agent is asked over its socket."""

import click

from agent.cli.asking import Row, ask, of_device, row, say, say_json, with_options


@click.command(epilog="Example: polycloud on socket-1")
@with_options
def on(device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Switch on; DEVICE may be left out where there is only one."""
    _switch("on", device, socket_path, as_json=as_json)


@click.command(epilog="Example: polycloud off socket-1")
@with_options
def off(device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Switch off; DEVICE may be left out where there is only one."""
    _switch("off", device, socket_path, as_json=as_json)


@click.command(epilog="Example: polycloud toggle socket-1")
@with_options
def toggle(device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Switch to the other position."""
    _switch("toggle", device, socket_path, as_json=as_json)


@click.command(epilog="Example: polycloud status --json")
@with_options
def status(device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Show what the agent knows: values, trip, countdown, clouds."""
    answer = ask("status", of_device(device), socket_path)
    if as_json:
        say_json(answer)
        return
    from agent.cli.table import status_text  # noqa: PLC0415 - not for --json

    say(status_text(row(answer)))


def _switch(method: str, device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    answer = ask(method, of_device(device), socket_path)
    if as_json:
        say_json(answer)
    else:
        say(_position(row(answer)))


def _position(answer: Row) -> str:
    is_on = row(answer.get("properties")).get(str(answer.get("switch")))
    name = answer.get("device", "switch")
    delay_s = answer.get("closes_in_s")
    if isinstance(delay_s, int | float):
        return f"{name}: closes in {delay_s:g} s"
    return f"{name}: {'on' if is_on else 'off'}"
