"""`polycloud schedule`: what is done at a time of the day."""

import click

from agent.cli.asking import (
    JSON_OPTION,
    SOCKET_OPTION,
    F,
    Row,
    ask,
    of_device,
    row,
    rows,
    say,
    say_json,
    tell_if_unkept,
)
from agent.cli.helping import examples
from agent.cli.schedule_text import schedules_text


def _options(command: F) -> F:
    device = click.option("--device", metavar="DEVICE", help="Which, where there are several.")
    return device(SOCKET_OPTION(JSON_OPTION(command)))


@click.group(epilog='Example: polycloud schedule add "on at 07:00 mon-fri" --name morning')
def schedule() -> None:
    """Switch at times of the day, by the sun, in cycles; docs/schedules.md has them all."""


@schedule.command("list", epilog="Example: polycloud schedule list --json")
@_options
def list_(device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """List the schedules with their next and their last run."""
    _show(ask("schedule_list", of_device(device), socket_path), as_json=as_json)


@schedule.command(
    epilog=examples(
        'polycloud schedule add "on at 07:00 mon-fri" --name morning',
        'polycloud schedule add "off at sunrise+30m"',
        'polycloud schedule add "cycle 10m/20m"',
    )
)
@click.argument("words", nargs=-1, required=True, metavar="TEXT")
@click.option("--name", metavar="NAME", help="What to call it; one of that name is replaced.")
@_options
def add(
    words: tuple[str, ...],
    name: str | None,
    device: str | None,
    socket_path: str | None,
    *,
    as_json: bool,
) -> None:
    """Add the schedule TEXT."""
    asked = {**of_device(device), "text": _text(words)}
    asked |= {} if name is None else {"name": name}
    _show(ask("schedule_add", asked, socket_path), as_json=as_json)


@schedule.command(epilog="Example: polycloud schedule remove morning")
@click.argument("name")
@_options
def remove(name: str, device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Remove the schedule NAME; one of the file can only be disabled."""
    _show(ask("schedule_remove", _named(name, device), socket_path), as_json=as_json)


@schedule.command(epilog="Example: polycloud schedule enable morning")
@click.argument("name")
@_options
def enable(name: str, device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Turn the schedule NAME on."""
    _show(ask("schedule_enable", _named(name, device), socket_path), as_json=as_json)


@schedule.command(epilog="Example: polycloud schedule disable morning")
@click.argument("name")
@_options
def disable(name: str, device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Turn the schedule NAME off, and keep it."""
    _show(ask("schedule_disable", _named(name, device), socket_path), as_json=as_json)


@schedule.command(epilog='Example: polycloud schedule preview "on at sunset-10m sat,sun" --count 3')
@click.argument("words", nargs=-1, required=True, metavar="TEXT")
@click.option("--count", default=10, show_default=True, type=click.IntRange(1, 100))
@_options
def preview(
    words: tuple[str, ...],
    count: int,
    device: str | None,
    socket_path: str | None,
    *,
    as_json: bool,
) -> None:
    """Tell when TEXT would run, without adding it."""
    asked = {**of_device(device), "text": _text(words), "count": count}
    answer = row(ask("schedule_preview", asked, socket_path))
    if as_json:
        say_json(answer)
        return
    found = rows(answer.get("runs"))
    say(f"{answer.get('device')} ({answer.get('zone')})")
    for each in found:
        say(f"  {each.get('local')}  {each.get('does')}")
    if not found:
        say("  it never runs")


def _text(words: tuple[str, ...]) -> str:
    """Take a schedule that was typed without quotation marks, too."""
    return " ".join(words)


def _named(name: str, device: str | None) -> Row:
    return {**of_device(device), "name": name}


def _show(answer: object, *, as_json: bool) -> None:
    if as_json:
        say_json(answer)
    else:
        say(schedules_text(row(answer)))
    tell_if_unkept(row(answer))
