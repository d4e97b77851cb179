"""`polycloud calibrate`: make the meter agree with a reference meter, under one known load."""

import json
import os
import sys
import termios
import time
from typing import Final

import click

from agent.cli.asking import JSON_OPTION, SOCKET_OPTION, Row, end, of_device, row
from agent.cli.calibration_text import coefficients_text, list_text
from agent.cli.calibration_walk import PARAMETERS, StoppedError, Walk, parsed
from agent.cli.helping import examples
from agent.control.client import ControlClient, UnreachableError, find_socket
from agent.errors import EXIT_FAILED, EXIT_UNREACHABLE, ControlError

EXAMPLE: Final = examples(
    "polycloud calibrate",
    "polycloud calibrate socket-1 --voltage 229.8 --power 1012 --yes",
)


def _checked(ctx: click.Context, param: click.Parameter, typed: str | None) -> float | None:
    del ctx
    value = None if typed is None else parsed(typed)
    if typed is not None and value is None:
        raise click.BadParameter(f"{typed!r} is not a number above 0", param=param)
    return value


def _reference(name: str, unit: str) -> click.Option:
    return click.Option(
        [f"--{name}"],
        metavar=unit,
        callback=_checked,
        help=f"What the reference meter says, in {unit}.",
    )


@click.command(
    epilog=EXAMPLE,
    params=[_reference("voltage", "V"), _reference("current", "A"), _reference("power", "W")],
)
@click.argument("device", required=False)
@click.option("--force", is_flag=True, help="Allow a factor to move by more than 20 %.")
@click.option("--undo", is_flag=True, help="Take the last calibration back.")
@click.option("--list", "is_list", is_flag=True, help="List the changes, the last one in force.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@SOCKET_OPTION
@JSON_OPTION
def calibrate(device: str | None, **options: object) -> None:
    """Make the meter agree with a reference meter, under one known load.

    Without references it asks, step by step. The load must only make heat: a kettle, a heater
    or a filament lamp of 40 W or more. Calibrated are the quantities that the reference gives;
    voltage and power together give the current too. The configuration file stays as it is.
    """
    given = {key: options[name] for name, key in PARAMETERS.items() if options[name] is not None}
    references = {key: value for key, value in given.items() if isinstance(value, float)}
    _check_usage(options, has_references=bool(references))
    as_json = bool(options["as_json"])
    ask = _Agent(device, options["socket_path"])
    try:
        answer = _carry_out(ask, options, references)
    except UnreachableError as error:
        end(str(error), EXIT_UNREACHABLE)
    except (ControlError, StoppedError) as error:
        end(str(error), EXIT_FAILED)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo(_said(answer, options))


def _check_usage(options: Row, *, has_references: bool) -> None:
    chosen = [name for name in ("undo", "is_list") if options[name]]
    if len(chosen) + has_references > 1:
        raise click.UsageError("use one of: references, --undo, --list")
    if chosen or (has_references and options["yes"]):
        return
    if options["yes"]:
        raise click.UsageError("--yes needs a reference: --voltage, --current or --power")
    if not sys.stdin.isatty():
        needed = "" if has_references else " and at least one of --voltage, --current, --power"
        raise click.UsageError(f"there is no terminal to ask at: give --yes{needed}")


def _carry_out(ask: "_Agent", options: Row, references: dict[str, float]) -> Row:
    if options["is_list"]:
        return ask("calibration_list", {})
    if options["undo"]:
        return ask("calibration_undo", {})
    as_json, is_forced = bool(options["as_json"]), bool(options["force"])
    stream = sys.stderr if as_json else sys.stdout
    walk = Walk(
        ask=ask,
        pause=time.sleep,
        forget_typed=_forget_typed,
        is_silent=bool(options["yes"]),
        is_live=stream.isatty(),
        is_err=as_json,
    )
    if references:
        return walk.compare(references, is_forced=is_forced)
    return walk.walk(is_forced=is_forced)


def _forget_typed() -> None:
    termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def _said(answer: Row, options: Row) -> str:
    if options["is_list"]:
        return list_text(answer)
    if options["undo"]:
        return f"{answer.get('device')}: taken back\n{coefficients_text(answer)}"
    name = answer.get("device")
    return f"{name}: calibrated. To take it back: polycloud calibrate {name} --undo"


class _Agent:
    """Asks the agent about one device."""

    def __init__(self, device: str | None, socket_path: object) -> None:
        path = socket_path if isinstance(socket_path, str) else None
        self._client = ControlClient(find_socket(path, os.environ))
        self._chosen = of_device(device)

    def __call__(self, method: str, params: Row) -> Row:
        return row(self._client.call(method, {**self._chosen, **params}))
