"""Following the agent: what it tells is shown as it comes, also over its restarts."""

import os
import sys
import time
from collections.abc import Callable
from typing import Final, NoReturn

import click

from agent.cli.asking import Row, end
from agent.control.client import UnreachableError, find_socket
from agent.control.listening import Listener
from agent.errors import EXIT_FAILED, EXIT_UNREACHABLE, ControlError

RETRY_S: Final = 0.5


def follow(
    wanted: Row,
    socket_path: str | None,
    show: Callable[[Row], None],
    begin: Callable[[Listener], None] | None = None,
) -> NoReturn:
    """Subscribe with *wanted* and *show* all that is told, until Ctrl-C: then the exit is 0.

    *begin* is called after each subscribing, before anything is shown. An agent that goes is
    waited for, and said so; one that was not there at first ends the command with 69.
    """
    path = find_socket(socket_path, os.environ)
    is_known, is_gone = False, False
    try:
        while True:
            try:
                with Listener(path) as listener:
                    listener.call("subscribe", wanted)
                    if begin is not None:
                        begin(listener)
                    if is_gone:
                        note("the agent is back")
                    is_known, is_gone = True, False
                    for told in listener.told():
                        _show(told, show)
            except ControlError as error:
                if not is_known:
                    unreachable = isinstance(error, UnreachableError)
                    end(str(error), EXIT_UNREACHABLE if unreachable else EXIT_FAILED)
                if not is_gone:
                    note(f"{error}; waiting for it, Ctrl-C ends this")
                is_gone = True
                time.sleep(RETRY_S)
    except KeyboardInterrupt:
        sys.exit(0)


def _show(told: Row, show: Callable[[Row], None]) -> None:
    missed = told.get("missed")
    if missed is None:
        show(told)
    else:
        note(f"{missed} messages were missed, as they were not read fast enough")


def note(text: str) -> None:
    """Say something about the following itself: not to whom the output goes."""
    click.echo(text, err=True)
