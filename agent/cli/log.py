"""`polycloud log`: the newest lines of the agent's log, and those that follow."""

import json
import time
from collections.abc import Callable
from typing import Final

import click

from agent.cli.asking import JSON_OPTION, SOCKET_OPTION, Row, ask, row, rows, say, say_json
from agent.cli.following import follow
from agent.control.listening import Listener

LEVELS: Final = ("debug", "info", "warning", "error")
HEAD: Final = ("number", "time", "level", "event")
MOST: Final = 500


@click.command(epilog="Example: polycloud log -n 100 --level warning --follow")
@click.option(
    "-n",
    "--lines",
    "count",
    default=50,
    show_default=True,
    type=click.IntRange(1, MOST),
    help="So many of the newest lines.",
)
@click.option("-f", "--follow", "is_followed", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--level", type=click.Choice(LEVELS), help="Only lines as grave as this.")
@SOCKET_OPTION
@JSON_OPTION
def log(
    count: int,
    level: str | None,
    socket_path: str | None,
    *,
    is_followed: bool,
    as_json: bool,
) -> None:
    """Show what the agent has written to its log; it keeps its newest 500 lines in memory.

    With --follow and --json each line is one object; with --json alone all are in one.
    """
    wanted: Row = {"limit": count, **({} if level is None else {"level": level})}
    show: Callable[[object], None] = say_json if as_json else _say
    if is_followed:
        followed = _Followed(wanted, level or LEVELS[0], show)
        follow({"topics": ["log"]}, socket_path, followed.told, followed.begin)
    answer = row(ask("log", wanted, socket_path))
    if as_json:
        say_json(answer)
        return
    for line in rows(answer.get("lines")):
        show(line)


class _Followed:
    """Shows each line once: those of before the subscription first, then what is told."""

    def __init__(self, wanted: Row, level: str, show: Callable[[object], None]) -> None:
        self._wanted = wanted
        self._grave = frozenset(LEVELS[LEVELS.index(level) :]) | {"critical"}
        self._show = show
        self._last = 0

    def begin(self, listener: Listener) -> None:
        """Show the newest lines; an agent that was started anew counts from one again."""
        self._last = 0
        for line in rows(row(listener.call("log", self._wanted)).get("lines")):
            self._line(line)

    def told(self, told: Row) -> None:
        """Show a line that was told, unless it has been shown or is not grave enough."""
        line = row(told.get("line"))
        number = line.get("number")
        if isinstance(number, int) and number > self._last and line.get("level") in self._grave:
            self._line(line)

    def _line(self, line: Row) -> None:
        number = line.get("number")
        self._last = number if isinstance(number, int) else self._last
        self._show(line)


def _say(line: object) -> None:
    say(line_text(row(line)))


def line_text(line: Row) -> str:
    """Write a line for a person."""
    at = line.get("time")
    moment = time.localtime(at if isinstance(at, int | float) else 0)
    head = f"{time.strftime('%Y-%m-%d %H:%M:%S', moment)}  {line.get('level', '')!s:<8}"
    trace = str(line.get("exception", ""))
    pairs = " ".join(
        f"{key}={_value(value)}"
        for key, value in line.items()
        if key not in HEAD and key != "exception"
    )
    text = f"{head}{line.get('event', '')!s:<20} {pairs}".rstrip()
    return f"{text}\n{trace}" if trace else text


def _value(value: object) -> str:
    if isinstance(value, str) and value.isprintable() and value and not set(' "=') & set(value):
        return value
    return json.dumps(value, ensure_ascii=False)
