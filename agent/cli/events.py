"""`polycloud events`: what happened, when, and on which evidence."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NoReturn

import click

from agent.app.params import TOPICS
from agent.cli.asking import Row, ask, of_device, row, rows, say_json, with_options
from agent.cli.journal import say_sentence

if TYPE_CHECKING:
    from agent.control.listening import Listener

Key = tuple[object, ...]
REMEMBERED: Final = 2000
"""So many rows that were shown are known again after the agent's restart."""


@click.command(epilog="Example: polycloud events --topic protection --limit 20")
@click.option(
    "--topic", "topics", multiple=True, type=click.Choice(TOPICS), help="Only these; all if none."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option("-f", "--follow", "is_followed", is_flag=True, help="Go on until Ctrl-C.")
@with_options
def events(
    device: str | None,
    topics: tuple[str, ...],
    limit: int,
    socket_path: str | None,
    *,
    is_followed: bool,
    as_json: bool,
) -> None:
    """Show the newest rows of the journal, oldest first: what moved, tripped, was counted."""
    params = {**of_device(device), "topics": list(topics), "limit": limit}
    if is_followed:
        _follow(params, topics, socket_path, as_json=as_json)
    answer = row(ask("events", params, socket_path))
    if as_json:
        say_json(answer)
        return
    found = rows(answer.get("rows"))
    for each in found:
        say_sentence(each)
    if not found:
        click.echo("nothing has happened yet")


def _follow(
    params: Row, topics: tuple[str, ...], socket_path: str | None, *, as_json: bool
) -> NoReturn:
    from agent.cli.following import follow  # noqa: PLC0415 - only where it is asked for

    show: Callable[[Row], None] = say_json if as_json else say_sentence
    followed = _Followed(params, topics, show)
    wanted = {key: params[key] for key in ("device",) if key in params}
    follow({**wanted, "topics": ["journal"]}, socket_path, followed.told, followed.begin)


class _Followed:
    """Shows each row once: those of before the subscription first, then what is told."""

    def __init__(self, params: Row, topics: tuple[str, ...], show: Callable[[Row], None]) -> None:
        self._params = params
        self._topics = topics
        self._show = show
        self._shown: deque[Key] = deque(maxlen=REMEMBERED)

    def begin(self, listener: "Listener") -> None:
        """Show the newest rows; after a restart, those that have not been shown yet."""
        found = rows(row(listener.call("events", self._params)).get("rows"))
        for each in found:
            self._once(each)

    def told(self, told: Row) -> None:
        """Show a row that was told, unless it has been shown or is about something else."""
        found = row(told.get("row"))
        if not self._topics or found.get("topic") in self._topics:
            self._once(found)

    def _once(self, entry: Row) -> None:
        key = _key(entry)
        if key not in self._shown:
            self._shown.append(key)
            self._show(entry)


def _key(entry: Row) -> Key:
    return tuple(entry.get(name) for name in ("device_id", "boot_id", "at", "topic", "name"))
