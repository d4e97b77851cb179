"""`polycloud identify`: a socket shows which one it is."""

from typing import Final

import click

from agent.cli.asking import ask, of_device, row, say, say_json, with_options

MOST_S: Final = 600


@click.command(epilog="Example: polycloud identify socket-1 --seconds 60")
@click.option(
    "--seconds",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0, MOST_S),
    help="For how long; 0 ends it.",
)
@with_options
def identify(device: str | None, seconds: float, socket_path: str | None, *, as_json: bool) -> None:
    """Let the light flash in a way that no other state has; DEVICE as in `status`."""
    answer = row(ask("identify", {**of_device(device), "seconds": seconds}, socket_path))
    if as_json:
        say_json(answer)
        return
    name, shown_s = answer.get("device", "device"), answer.get("seconds")
    say(f"{name}: flashes for {shown_s:g} s" if shown_s else f"{name}: as before")
