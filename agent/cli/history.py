"""`polycloud history`: what was and what was used, by minute, hour, day or month."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from time import time as wall_clock
from typing import Final

import click

from agent.automation.durations import ALLOWED, parse_duration
from agent.automation.local_time import zone
from agent.cli.asking import Row, ask, end, of_device, row, rows, say, say_json, with_options
from agent.cli.helping import examples
from agent.cli.history_text import csv_text, empty_text, plots, table_text
from agent.errors import EXIT_USAGE

BY: Final = ("minute", "hour", "day", "month")
SINCE: Final[Mapping[str, str]] = {"minute": "2h", "hour": "24h", "day": "31d", "month": ""}
"""How far back, where nobody says; every month that is known."""
MOST_ROWS: Final = 20_000
PAGE: Final = 1_000
"""So many periods are asked for at once: a small board takes its time."""
NARROWEST: Final = 40
DRAWN: Final = "\u28ff\u2524"
"""What a plot needs of a terminal."""
EXAMPLES: Final = examples(
    "polycloud history --by day --since 30d",
    "polycloud history --plot",
    "polycloud history --by minute --since 2026-11-01 --until 2026-11-01 --csv",
)
WHEN: Final = f"{ALLOWED} before now, a day such as 2026-11-01, or 2026-11-01T08:00"


@click.command(epilog=EXAMPLES)
@click.option("--by", default="hour", show_default=True, type=click.Choice(BY))
@click.option("--since", metavar="WHEN", help=f"From when: {WHEN}.")
@click.option("--until", metavar="WHEN", help="Until when, likewise; a day is taken whole.")
@click.option("--names", metavar="NAME,…", help="Of what, such as active_power,energy.")
@click.option("--csv", "is_csv", is_flag=True, help="Print CSV (RFC 4180).")
@click.option("--plot", "is_plot", is_flag=True, help="Draw it in the terminal.")
@with_options
def history(  # noqa: PLR0913 - the options of a command
    device: str | None,
    by: str,
    since: str | None,
    until: str | None,
    names: str | None,
    socket_path: str | None,
    *,
    is_csv: bool,
    is_plot: bool,
    as_json: bool,
) -> None:
    """Show what was and what was used.

    Days and months are those of the device's time zone. What was not known is left out.
    """
    forms = {"json": as_json, "csv": is_csv, "plot": is_plot}
    wanted = [form for form, is_wanted in forms.items() if is_wanted]
    if len(wanted) > 1:
        end(f"{' and '.join(f'--{form}' for form in wanted)}: one of them", EXIT_USAGE)
    params = of_device(device)
    if names is not None:
        params["names"] = [each.strip() for each in names.split(",") if each.strip()]
    since = SINCE[by] if since is None else since
    found_zone = "UTC"
    if _names_a_day(since) or _names_a_day(until):
        asked = {**params, "by": by, "limit": 1}
        found_zone = str(row(ask("history", asked, socket_path)).get("zone", "UTC"))
    moments = {
        "since": _moment("--since", since, found_zone, is_end=False),
        "until": _moment("--until", until, found_zone, is_end=True),
    }
    params |= {name: moment for name, moment in moments.items() if moment is not None}
    answer = _asked({**params, "by": by}, socket_path)
    if as_json:
        say_json(answer)
    else:
        _show({**answer, "is_chosen": names is not None}, wanted)


def _show(answer: Row, wanted: Sequence[str]) -> None:
    if "csv" in wanted:
        sys.stdout.write(csv_text(answer))
    elif not rows(answer.get("rows")):
        say(empty_text(answer))
    elif "plot" in wanted:
        say(plots(answer, _width(), is_ascii=not _has(DRAWN)))
    else:
        say(table_text(answer))


def _asked(params: Mapping[str, object], socket_path: str | None) -> Row:
    """Ask for everything: an answer that is cut is followed by what comes before it."""
    answer = row(ask("history", {**params, "limit": PAGE}, socket_path))
    found, page = rows(answer.get("rows")), answer
    while page.get("is_cut") and rows(page.get("rows")) and len(found) < MOST_ROWS:
        first = rows(page["rows"])[0].get("start")
        if not isinstance(first, int) or first <= 0:
            break
        asked = {**params, "limit": PAGE, "until": first - 1}
        page = row(ask("history", asked, socket_path))
        found = [*rows(page.get("rows")), *found]
    return {**answer, "rows": found, "is_cut": bool(page.get("is_cut"))}


def _names_a_day(text: str | None) -> bool:
    return text is not None and "-" in text


def _moment(option: str, text: str | None, zone_name: str, *, is_end: bool) -> float | None:
    """Read a time as people type it; None for none."""
    if not text:
        return None
    try:
        if not _names_a_day(text):
            return max(0.0, wall_clock() - parse_duration(text))
        if len(text) <= len("2026-11-01"):
            day = date.fromisoformat(text) + timedelta(days=int(is_end))
            local = datetime.combine(day, time(), zone(zone_name))
            return max(0.0, local.timestamp() - int(is_end))
        found = datetime.fromisoformat(text)
        local = found if found.tzinfo is not None else found.replace(tzinfo=zone(zone_name))
        return max(0.0, local.astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        end(f"{option} {text!r:.40} is no time; allowed: {WHEN}", EXIT_USAGE)


def _width() -> int:
    return max(NARROWEST, shutil.get_terminal_size((80, 24)).columns)


def _has(characters: str) -> bool:
    """Tell whether the terminal can show them."""
    try:
        characters.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
