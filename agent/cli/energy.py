"""`polycloud energy`: what was used, why the count is what it is, and setting what is shown."""

import json
import math
from typing import Final

import click

from agent.cli.asking import JSON_OPTION, SOCKET_OPTION, Row, ask, end, of_device, row, rows
from agent.cli.journal import sentence
from agent.errors import EXIT_USAGE

SHOWN: Final = (
    ("total", "total_kwh"),
    ("since reset", "since_reset_kwh"),
    ("today", "today_kwh"),
    ("yesterday", "yesterday_kwh"),
    ("this month", "month_kwh"),
    ("last month", "last_month_kwh"),
)
EXAMPLES: Final = (
    "Examples: polycloud energy   polycloud energy --explain 2026-11-26"
    '   polycloud energy set 1234.5 --reason "as the old meter said"'
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
    if is_set:
        answer = row(_set(words[1:2], reason, device, socket_path))
    elif reason is not None:
        end("--reason belongs to `polycloud energy set KWH`", EXIT_USAGE)
    elif day is not None:
        answer = row(ask("explain_energy", {**of_device(device), "day": day}, socket_path))
    else:
        answer = row(ask("energy", of_device(device), socket_path))
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    elif day is not None and not is_set:
        click.echo(_explained(answer))
    else:
        click.echo(_table(answer))


def _only_device(words: tuple[str, ...]) -> str | None:
    if len(words) > 1:
        end(f"one DEVICE at most, not: {' '.join(words)}", EXIT_USAGE)
    return words[0] if words else None


def _set(
    words: tuple[str, ...], reason: str | None, device: str | None, socket_path: str | None
) -> object:
    if not words:
        end("how many kWh? polycloud energy set KWH --reason TEXT", EXIT_USAGE)
    try:
        kwh = float(words[0])
    except ValueError:
        kwh = math.nan
    if not 0 <= kwh < 1e9:
        end(f"KWH is a number from 0 to 1e9, not {words[0]!r}", EXIT_USAGE)
    if not (reason or "").strip():
        end("--reason TEXT is needed: the ledger keeps why a count was set", EXIT_USAGE)
    params = {**of_device(device), "kwh": kwh, "reason": reason}
    return ask("set_energy", params, socket_path)


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
    used = answer.get("used_kwh")
    lines = [f"{answer.get('device', '')}, {answer.get('day', '')}"]
    if isinstance(used, int | float):
        still = "so far" if answer.get("is_today") else "in all"
        lines.append(f"  used {used:.3f} kWh {still}")
    else:
        lines.append("  the journal does not know this day")
    found = rows(answer.get("rows"))
    lines += [f"  {sentence(each)}" for each in found]
    if not found:
        lines.append("  no gap, no reset, no change: every pulse was counted as it came")
    return "\n".join(lines)
