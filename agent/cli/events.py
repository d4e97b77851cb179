"""`polycloud events`: what happened, when, and on which evidence."""

import click

from agent.app.params import TOPICS
from agent.cli.asking import ask, of_device, row, rows, say, say_json, with_options
from agent.cli.journal import sentence


@click.command(epilog="Example: polycloud events --topic protection --limit 20")
@click.option(
    "--topic", "topics", multiple=True, type=click.Choice(TOPICS), help="Only these; all if none."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@with_options
def events(
    device: str | None,
    topics: tuple[str, ...],
    limit: int,
    socket_path: str | None,
    *,
    as_json: bool,
) -> None:
    """Show the newest rows of the journal, oldest first: what moved, tripped, was counted."""
    params = {**of_device(device), "topics": list(topics), "limit": limit}
    answer = row(ask("events", params, socket_path))
    if as_json:
        say_json(answer)
        return
    found = rows(answer.get("rows"))
    for each in found:
        say(sentence(each))
    if not found:
        click.echo("nothing has happened yet")
