"""`polycloud rule`: list, explain, write, turn on and off, and try rules."""

import time
from collections.abc import Sequence
from typing import Final

import click

from agent.automation.durations import parse_duration, write_duration
from agent.cli.asking import (
    JSON_OPTION,
    Row,
    ask,
    end,
    of_device,
    row,
    rows,
    say,
    say_json,
    tell_if_unkept,
    with_options,
)
from agent.errors import EXIT_USAGE

GUIDE: Final = "The language of rules: docs/rules.md"
PATIENCE_S: Final = 120.0
"""So long a small board may take to try a rule on a month."""


@click.group(
    epilog="Example: polycloud rule add charge --preset charge_cutoff --set below=8"
    f"   polycloud rule why charge   {GUIDE}"
)
def rule() -> None:
    """Let a device act by itself: when values have held for so long, something is done."""


@rule.command("list", epilog="Example: polycloud rule list socket-1")
@with_options
def list_rules(device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """List the rules, and what each waits for."""
    answer = row(ask("rule_list", of_device(device), socket_path))
    if as_json:
        say_json(answer)
        return
    found = rows(answer.get("rules"))
    for each in found:
        say(rule_text(each))
    if not found:
        say("there is no rule; add one with `polycloud rule add`, see `polycloud rule presets`")


@rule.command(epilog="Example: polycloud rule why charge")
@click.argument("name")
@with_options
def why(name: str, device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Tell what keeps one rule from firing."""
    _one("rule_why", {"name": name}, device, socket_path, as_json=as_json)


@rule.command(
    epilog='Examples: polycloud rule add fan "when temperature > 50 for 1m: event hot"'
    "   polycloud rule add charge --preset charge_cutoff --set below=8"
)
@click.argument("name")
@click.argument("text", required=False)
@click.option("--preset", metavar="PRESET", help="Write this preset's rule in place of a TEXT.")
@click.option("--set", "values", multiple=True, metavar="KEY=VALUE", help="A number of the preset.")
@with_options
def add(  # noqa: PLR0913 - what is typed
    name: str,
    text: str | None,
    preset: str | None,
    values: tuple[str, ...],
    device: str | None,
    socket_path: str | None,
    *,
    as_json: bool,
) -> None:
    """Write a rule, or give an added one another text."""
    if preset is not None and text is not None and device is None:
        text, device = None, text
    if preset is None and values:
        end("--set belongs to --preset", EXIT_USAGE)
    if (preset is None) is (text is None):
        end("give a TEXT or --preset, and not both; see `polycloud rule presets`", EXIT_USAGE)
    written = text if preset is None else " ".join(("preset", preset, *values))
    _one("rule_add", {"name": name, "text": written}, device, socket_path, as_json=as_json)


@rule.command(epilog="Example: polycloud rule remove charge")
@click.argument("name")
@with_options
def remove(name: str, device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Remove an added rule; one of the file is disabled instead."""
    answer = row(ask("rule_remove", {**of_device(device), "name": name}, socket_path))
    if as_json:
        say_json(answer)
    else:
        say(f"{answer.get('device')}: {answer.get('removed')} is removed")
    tell_if_unkept(answer)


@rule.command(epilog="Example: polycloud rule enable charge")
@click.argument("name")
@with_options
def enable(name: str, device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Turn a rule on."""
    _one("rule_enable", {"name": name}, device, socket_path, as_json=as_json)


@rule.command(epilog="Example: polycloud rule disable charge")
@click.argument("name")
@with_options
def disable(name: str, device: str | None, socket_path: str | None, *, as_json: bool) -> None:
    """Turn a rule off; it stays in the list, over restarts too."""
    _one("rule_disable", {"name": name}, device, socket_path, as_json=as_json)


@rule.command(epilog="Example: polycloud rule test charge --last 7d")
@click.argument("what", metavar="NAME|TEXT")
@click.option("--last", default="1d", show_default=True, help="How far back it is tried.")
@with_options
def test(
    what: str, last: str, device: str | None, socket_path: str | None, *, as_json: bool
) -> None:
    """Tell when a rule would have fired, by the history; nothing is done.

    What the rule would have switched did not happen, so what was measured after a firing is what
    was measured without it.
    """
    try:
        last_s = parse_duration(last)
    except ValueError as error:
        end(f"--last: {error}", EXIT_USAGE)
    params = {**of_device(device), "rule": what, "last_s": last_s}
    answer = row(ask("rule_test", params, socket_path, PATIENCE_S))
    if as_json:
        say_json(answer)
    else:
        say("\n".join(_tried(answer)))


@rule.command(epilog="Example: polycloud rule presets")
@JSON_OPTION
def presets(*, as_json: bool) -> None:
    """List the rules that only need numbers; no agent need run."""
    from agent.automation.rules.presets import PRESETS  # noqa: PLC0415 - for this one alone

    if as_json:
        listed = [
            {"name": p.name, "summary": p.summary, "text": p.filled({}), "values": {**p.defaults}}
            for p in PRESETS
        ]
        say_json({"presets": listed})
        return
    for each in PRESETS:
        values = " ".join(f"{key}={value}" for key, value in each.defaults.items())
        say(f"{each.name} [{values}]\n  {each.summary}\n  {each.filled({})}")


def rule_text(each: Row) -> str:
    """Lay one rule out: name, text, and what it waits for."""
    kind = "" if each.get("enabled") else ", disabled"
    lines = [f"{each.get('name')} ({each.get('from')}{kind})", f"  {each.get('text')}"]
    meaning = each.get("meaning")
    if meaning is not None and meaning != each.get("text"):
        lines.append(f"  = {meaning}")
    if each.get("enabled"):
        lines += [f"  - {reason}" for reason in _texts(each.get("state"))]
    fired_at = each.get("fired_at")
    if isinstance(fired_at, int | float):
        lines.append(f"  fired last at {_moment(fired_at)}")
    return "\n".join(lines)


def _one(
    method: str, params: Row, device: str | None, socket_path: str | None, *, as_json: bool
) -> None:
    answer = row(ask(method, {**of_device(device), **params}, socket_path))
    if as_json:
        say_json(answer)
    else:
        say(rule_text(row(answer.get("rule"))))
    tell_if_unkept(answer)


def _tried(answer: Row) -> Sequence[str]:
    lines = [str(answer.get("rule")), *(f"  {each}" for each in _texts(answer.get("words")))]
    for each in rows(answer.get("fired")):
        held_s = each.get("held_s")
        held = f", held for {write_duration(int(held_s))}" if isinstance(held_s, float) else ""
        lines.append(f"  {_moment(each.get('wall_time'))}{held}")
    more = _count(answer.get("count")) - len(rows(answer.get("fired")))
    if more > 0:
        lines.append(f"  and {more} more")
    if "samples" in answer:
        minutes = _count(answer["samples"])
        lines.append(f"  tried on what the history knows of that time: {minutes} minutes")
    return lines


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _texts(value: object) -> Sequence[str]:
    return [str(each) for each in value] if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - from JSON


def _moment(value: object) -> str:
    if not isinstance(value, int | float):
        return "at an unknown time"
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(value))
