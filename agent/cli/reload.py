"""`polycloud reload`: take a changed configuration over."""

import os
import sys
from typing import Final, cast

import click

from agent.cli.asking import JSON_OPTION, SOCKET_OPTION, end, row, say, say_json
from agent.control.client import ControlClient, UnreachableError, find_socket
from agent.errors import EXIT_CONFIG, EXIT_FAILED, EXIT_UNREACHABLE, ControlError

PATIENCE_S: Final = 60.0
"""A reload waits for the start, and for links that leave."""


@click.command(epilog="Example: polycloud reload")
@SOCKET_OPTION
@JSON_OPTION
def reload(socket_path: str | None, *, as_json: bool) -> None:
    """Have the agent read its configuration again, as SIGHUP does, and tell what came of it.

    Exits with 78 where the configuration has faults and with 1 where a change needs a restart;
    the old configuration stays in force then.
    """
    client = ControlClient(find_socket(socket_path, os.environ), timeout_s=PATIENCE_S)
    try:
        answer = row(client.call("reload"))
    except UnreachableError as error:
        end(str(error), EXIT_UNREACHABLE)
    except ControlError as error:
        end(str(error), EXIT_FAILED)
    if as_json:
        say_json(answer)
    elif answer.get("reloaded"):
        say("reloaded")
    if answer.get("reloaded"):
        return
    reasons = answer.get("reasons")
    for reason in cast("list[object]", reasons) if isinstance(reasons, list) else []:
        click.echo(str(reason), err=True)
    click.echo("refused: the agent goes on with what it had", err=True)
    sys.exit(EXIT_CONFIG if answer.get("refused") == "configuration" else EXIT_FAILED)
