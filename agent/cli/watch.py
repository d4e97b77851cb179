"""`polycloud watch`: what changes, as it changes."""

import sys
import time
from typing import Final

import click

from agent.cli.asking import Row, folded, of_device, row, rows, say, say_json, with_options
from agent.cli.following import follow
from agent.cli.helping import examples
from agent.cli.journal import say_sentence
from agent.cli.table import value_text
from agent.control.listening import Listener

TOPICS: Final = ("values", "journal", "links")
VALUES_BEGIN: Final = len("2026-11-27 09:59:15  ")


@click.command(epilog=examples("polycloud watch", "polycloud watch socket-1 --json"))
@click.option(
    "--interval",
    "interval_s",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="Seconds between two lines about measured values; a switch is told at once.",
)
@with_options
def watch(device: str | None, interval_s: float, socket_path: str | None, *, as_json: bool) -> None:
    """Show values, what happens, and the clouds, until Ctrl-C; an agent's restart is waited for."""
    wanted = {**of_device(device), "topics": list(TOPICS), "min_interval_s": interval_s}
    view = _View()
    follow(wanted, socket_path, say_json if as_json else view.show, view.begin)


class _View:
    """Writes what is told as lines; which device is said where there are several."""

    def __init__(self) -> None:
        self._units: dict[str, Row] = {}

    def begin(self, listener: Listener) -> None:
        """Learn the units."""
        found = rows(row(listener.call("status")).get("devices"))
        self._units = {str(each.get("id")): row(each.get("units")) for each in found}

    def show(self, told: Row) -> None:
        """Write one line."""
        device = str(told.get("device"))
        who = f"{device}  " if len(self._units) > 1 else ""
        match told.get("topic"):
            case "values":
                known = self._values(device, row(told.get("values")))
                say(folded(f"{_moment(told)}  {who}{known}", sys.stdout, VALUES_BEGIN))
            case "links":
                state = "connected" if told.get("connected") else "not connected"
                say(f"{_moment(told)}  {who}cloud {told.get('cloud')}: {state}")
            case _:
                say_sentence(row(told.get("row")), who)

    def _values(self, device: str, values: Row) -> str:
        units = self._units.get(device, {})
        return ", ".join(
            f"{name} {value_text(value, str(units.get(name) or ''))}"
            for name, value in values.items()
        )


def _moment(told: Row) -> str:
    wall_time = told.get("wall_time")
    known = wall_time if isinstance(wall_time, int | float) else time.time()
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(known))
