"""`polycloud countdown`: switch once a time has passed."""

from typing import Final

import click

from agent.automation.durations import ALLOWED, parse_duration
from agent.cli.asking import (
    JSON_OPTION,
    SOCKET_OPTION,
    ask,
    end,
    of_device,
    row,
    say,
    say_json,
)
from agent.cli.helping import examples
from agent.errors import EXIT_USAGE

CANCEL: Final = "cancel"
EXAMPLES: Final = examples(
    "polycloud countdown 10m --to off", "polycloud countdown", "polycloud countdown cancel"
)


@click.command(epilog=EXAMPLES)
@click.argument("length", metavar="[10m | cancel]", required=False)
@click.option(
    "--to",
    "ends_in",
    type=click.Choice(("on", "off", "flip")),
    help="Where it ends; else it flips.",
)
@click.option("--device", metavar="DEVICE", help="Which, where there are several.")
@SOCKET_OPTION
@JSON_OPTION
def countdown(
    length: str | None,
    ends_in: str | None,
    device: str | None,
    socket_path: str | None,
    *,
    as_json: bool,
) -> None:
    """Set the countdown, cancel it, or show it.

    Where it shall flip, the other position is found when it ends. One that nobody watched to its
    end may have switched off, and never switches on.
    """
    if ends_in is not None and length in (None, CANCEL):
        end("--to needs how long: polycloud countdown 10m --to off", EXIT_USAGE)
    asked = {**of_device(device), **({} if length is None else {"in": _length(length)})}
    asked |= {} if ends_in is None else {"to": ends_in}
    answer = row(ask("countdown", asked, socket_path))
    if as_json:
        say_json(answer)
        return
    from agent.cli.table import countdown_text  # noqa: PLC0415 - not for --json

    left = countdown_text(answer.get("countdown"))
    say(f"{answer.get('device')}: {'no countdown' if left == 'none' else left}")


def _length(text: str) -> str:
    """Check a length before the agent is asked."""
    if text == CANCEL:
        return "0s"
    try:
        parse_duration(text)
    except ValueError:
        end(f"{text!r} is no length; allowed: {ALLOWED}, or {CANCEL}", EXIT_USAGE)
    return text
