"""`polycloud why`: why the contact stands where it stands, and who moved it."""

from collections.abc import Sequence
from typing import Final, cast

import click

from agent.cli.asking import Row, ask, of_device, row, rows, say, say_json, with_options
from agent.cli.journal import say_sentence
from agent.cli.table import value_text

TOPICS: Final = ("relay",)


@click.command(epilog="Example: polycloud why socket-1 --limit 5")
@click.option(
    "--limit", default=3, show_default=True, type=click.IntRange(0, 100), help="Earlier movements."
)
@with_options
def why(device: str | None, limit: int, socket_path: str | None, *, as_json: bool) -> None:
    """Tell why the contact stands where it stands: who or what moved it, which request, when."""
    told = row(ask("status", of_device(device), socket_path))
    asked = {**of_device(device), "topics": list(TOPICS), "limit": limit + 1}
    answer = row(ask("events", asked, socket_path))
    name = str(answer.get("device"))
    now = row(next((each for each in rows(told.get("devices")) if each.get("id") == name), None))
    last, earlier = _moved(rows(answer.get("rows")), limit)
    stands = _stands(now)
    if as_json:
        say_json({"device": name, **stands, "last": last, "earlier": list(earlier)})
        return
    for output, value in stands.items():
        which = name if len(stands) == 1 else f"{name} {output}"
        say(f"{which} is {value_text(value, str(row(now.get('units')).get(output) or ''))}")
    trip = row(now.get("trip"))
    if trip:
        say(f"  it stays off until the trip is reset: {trip.get('text')}")
    if last:
        say_sentence(last, "  ")
    else:
        say("  it has not moved since the journal began")
    if earlier:
        say("before that:")
    for each in earlier:
        say_sentence(each, "  ")


def _stands(device: Row) -> dict[str, object]:
    """Tell where each output stands."""
    properties, outputs = row(device.get("properties")), device.get("outputs")
    names = cast("list[str]", outputs) if isinstance(outputs, list) else []
    return {name: properties.get(name) for name in names}


def _moved(found: Sequence[Row], limit: int) -> tuple[Row | None, Sequence[Row]]:
    """Find the last movement, and the newest before it, newest first."""
    moves = list(reversed(found))
    return (moves[0] if moves else None), moves[1 : limit + 1]
