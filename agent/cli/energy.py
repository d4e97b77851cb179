"""`polycloud energy`: what was used, why the count is what it is, and setting what is shown."""

from typing import Final, cast

import click

from agent.app.params import LONGEST_REASON, text
from agent.cli.asking import (
    JSON_OPTION,
    SOCKET_OPTION,
    Row,
    ask,
    decimal,
    end,
    of_device,
    row,
    rows,
    say,
    say_json,
)
from agent.cli.helping import examples
from agent.cli.journal import sentence
from agent.errors import EXIT_USAGE, ControlError

SHOWN: Final = (
    ("total", "total_kwh"),
    ("since reset", "since_reset_kwh"),
    ("today", "today_kwh"),
    ("yesterday", "yesterday_kwh"),
    ("this month", "month_kwh"),
    ("last month", "last_month_kwh"),
)
EXAMPLES: Final = examples(
    "polycloud energy",
    "polycloud energy --explain 2026-11-26",
    'polycloud energy set 1234.5 --reason "as the old meter said"',
)


@click.command(epilog=EXAMPLES)
@click.argument("words", nargs=-1, metavar="[DEVICE] | set KWH [DEVICE]")
@click.option("--explain", "day", metavar="DAY", help="Say what a day's count is made of.")
@click.option("--reason", metavar="TEXT", help="Why the count is set; it goes into the ledger.")
@SOCKET_OPTION
@JSON_OPTION
def energy(
    words: tuple[str, ...],
    day: str | None,
    reason: str | None,
    socket_path: str | None,
    *,
    as_json: bool,
) -> None:
    """Show the energy that was used.

    `set KWH` makes the count that is shown, "since reset", go on from there. The true total of
    the pulses is never changed, and the ledger keeps who set it, from what to what, and why.
    """
    is_set = words[:1] == ("set",)
    device = _only_device(words[2:] if is_set else words)
    if is_set and day is not None:
        end("--explain belongs to `polycloud energy` without set", EXIT_USAGE)
    if is_set:
        answer = row(_set(words[1:2], reason, device, socket_path))
    elif reason is not None:
        end("--reason belongs to `polycloud energy set KWH`", EXIT_USAGE)
    elif day is not None:
        answer = row(ask("explain_energy", {**of_device(device), "day": day}, socket_path))
    else:
        answer = row(ask("energy", of_device(device), socket_path))
    if as_json:
        say_json(answer)
    else:
        say(_table(answer) if day is None else _explained(answer))


def _only_device(words: tuple[str, ...]) -> str | None:
    if len(words) > 1:
        end(f"one DEVICE at most, not: {' '.join(words)}", EXIT_USAGE)
    return words[0] if words else None


def _set(
    words: tuple[str, ...], reason: str | None, device: str | None, socket_path: str | None
) -> object:
    if not words:
        end("how many kWh? polycloud energy set KWH --reason TEXT", EXIT_USAGE)
    kwh = decimal(words[0])
    if kwh is None or not 0 <= kwh < 1e9:
        end(f"KWH is a number from 0 to below 1e9, not {words[0]!r}", EXIT_USAGE)
    if not (reason or "").strip():
        end("--reason TEXT is needed: the ledger keeps why a count was set", EXIT_USAGE)
    try:
        why = text({"reason": reason}, "reason", LONGEST_REASON)
    except ControlError as error:
        end(f"--reason: {error}", EXIT_USAGE)
    return ask("set_energy", {**of_device(device), "kwh": kwh, "reason": why}, socket_path)


def _table(answer: Row) -> str:
    books = row(answer.get("energy"))
    lines = [f"{answer.get('device', '')}"]
    for title, key in SHOWN:
        value = books.get(key)
        text = f"{value:.3f} kWh" if isinstance(value, int | float) else "unknown"
        lines.append(f"  {title:<12}  {text:>16}")
    if books.get("day") is None:
        lines.append("  no day yet: the clock is not trusted; days are told apart once it is")
    return "\n".join(lines)


def _explained(answer: Row) -> str:
    found, used = rows(answer.get("rows")), answer.get("used_kwh")
    lines = [f"{answer.get('device', '')}, {answer.get('day', '')}"]
    if isinstance(used, int | float):
        still = "so far" if answer.get("is_today") else "in all"
        lines.append(f"  used {used:.3f} kWh {still}")
    else:
        lines.append(f"  the journal does not know how much was used on this day; {_known(answer)}")
    left_out = answer.get("left_out")
    if isinstance(left_out, int) and left_out:
        lines.append(f"  … {left_out} earlier rows of this day, and the newest {len(found)}:")
    lines += [f"  {sentence(each)}" for each in found]
    if isinstance(used, int | float) and not found:
        lines.append("  no gap, no reset, no change: every pulse was counted as it came")
    return "\n".join(lines)


def _known(answer: Row) -> str:
    known = answer.get("known_days")
    if not isinstance(known, list) or not known:
        return "it knows no day yet"
    days = cast("list[object]", known)
    return f"it knows days from {days[0]} to {days[-1]}"
