"""Asking the running agent over its socket: the options and the errors of every such command."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from math import isfinite
from textwrap import TextWrapper
from typing import Final, NoReturn, TextIO, TypeVar, cast

import click

from agent.control.client import TIMEOUT_S, ControlClient, UnreachableError, find_socket
from agent.errors import EXIT_FAILED, EXIT_UNREACHABLE, ControlError

F = TypeVar("F", bound=Callable[..., object])
Row = Mapping[str, object]
NARROWEST: Final = 40
PLAIN: Final = str.maketrans(
    {"—": "-", "–": "-", "…": "...", "→": "->", "“": '"', "”": '"', "±": "+-", "·": "*", "×": "x"}
)
"""Our own signs, for a terminal that has none of them."""


def device_ids(context: click.Context, param: click.Parameter, typed: str) -> list[str]:
    """Offer the devices to a shell that completes."""
    del param
    from agent.cli import completing  # noqa: PLC0415 - only for a shell that asks

    return completing.device_ids(context, typed)


SOCKET_OPTION: Final = click.option(
    "--socket", "socket_path", metavar="PATH", help="Where the agent listens."
)
DEVICE_OPTION: Final = click.option(
    "--device",
    metavar="DEVICE",
    shell_complete=device_ids,
    help="Which device; may be left out where there is only one.",
)
JSON_OPTION: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON only.")


def with_options(command: F) -> F:
    """Add DEVICE, --socket and --json."""
    device = click.argument("device", required=False, shell_complete=device_ids)
    return device(SOCKET_OPTION(JSON_OPTION(command)))


def of_device(device: str | None) -> dict[str, object]:
    """Name the device in a request, where one was named."""
    return {} if device is None else {"device": device}


def ask(method: str, params: Row, socket_path: str | None, timeout_s: float = TIMEOUT_S) -> object:
    """Ask, or end the command: 1 refused, 69 not reachable."""
    client = ControlClient(find_socket(socket_path, os.environ), timeout_s=timeout_s)
    try:
        return client.call(method, params)
    except UnreachableError as error:
        end(str(error), EXIT_UNREACHABLE)
    except ControlError as error:
        end(str(error), EXIT_FAILED)


def say(text: str) -> None:
    """Print, whatever is in it: what the terminal cannot show is written otherwise, or escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    click.echo(text)


def say_json(answer: object) -> None:
    """Print JSON that every program can read, whatever the terminal can show."""
    text = json.dumps(answer, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(answer)
    click.echo(text)


def tell_if_unkept(answer: Row) -> None:
    """Say that what was changed is in effect, and not on the disk."""
    if answer.get("is_kept") is False:
        text = (
            "in effect, but the disk has not taken it yet: a restart or a power cut now would lose"
            " it; see the disk in `polycloud status`"
        )
        click.echo(folded(text, sys.stderr), err=True)


def decimal(typed: str) -> float | None:
    """Read a number as people type it, with a decimal comma too; None for anything else."""
    try:
        value = float(typed.replace(",", "."))
    except ValueError:
        return None
    return value if isfinite(value) else None


def end(text: str, code: int) -> NoReturn:
    """End the command with a message."""
    click.echo(folded(text, sys.stderr), err=True)
    sys.exit(code)


def folded(text: str, stream: TextIO, indent: int = 0) -> str:
    """Break lines of a terminal between words, below *indent*; leave them alone elsewhere."""
    if not stream.isatty():
        return text
    width = max(NARROWEST, shutil.get_terminal_size().columns)
    wrap = TextWrapper(
        width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(wrap.fill(line) for line in text.splitlines())


def row(value: object) -> Row:
    """Take an object of an answer; an empty one for anything else."""
    return cast("Row", value) if isinstance(value, dict) else {}


def rows(value: object) -> list[Row]:
    """Take a list of objects of an answer."""
    return [row(item) for item in cast("list[object]", value)] if isinstance(value, list) else []
