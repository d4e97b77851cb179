"""The history as a table, as CSV and as plots."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Final

from agent.automation.local_time import zone
from agent.cli.asking import Row, row, rows
from agent.cli.plot import ASCII, BRAILLE, Bar, plot

UNKNOWN: Final = "-"
FORMATS: Final = {"day": "%Y-%m-%d", "month": "%Y-%m"}
MOMENT: Final = "%Y-%m-%d %H:%M"
DEFAULTS: Final = ("active_power", "energy", "voltage", "power_switch")
"""What a table shows, where nobody says."""

MOST_COLUMNS: Final = 4
MOST_NAMED: Final = 12

Title = tuple[str, str]
"""The two lines above a column."""
Cell = Callable[[Row], str]
"""Writes what is known of one quantity in a period."""


def empty_text(answer: Row) -> str:
    """Say why there is nothing."""
    name = str(answer.get("device", ""))
    if not answer.get("is_kept", True):
        return f"{name}: no history is kept: history_days_of_minutes = 0 in [agent]"
    if not answer.get("is_time_known", True):
        return (
            f"{name}: the time is not known yet; minutes are kept, and shown once it is"
            " (polycloud status says who is asked)"
        )
    return f"{name}: nothing is known of this time; the history begins with its first minute"


def table_text(answer: Row) -> str:
    """Lay the periods out, one a line."""
    found, place = rows(answer.get("rows")), _zone(answer)
    columns = _columns(answer)
    titles = [title for title, _, _ in columns]
    lines = [["", *(above for above, _ in titles)], [str(answer.get("by", ""))]]
    lines[1] += [below for _, below in titles]
    write = _starts(answer, found, place)
    for each in found:
        values = row(each.get("values"))
        mark = "" if each.get("is_over") else "*"
        cells = [cell(row(values.get(name))) for _, name, cell in columns]
        lines.append([write(each) + mark, *cells])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [f"{answer.get('device', '')}, {answer.get('zone', '')}"]
    text += ["  ".join(_padded(line, widths)).rstrip() for line in lines]
    if any(not each.get("is_over") for each in found):
        text.append("* goes on")
    left_out = [] if answer.get("is_chosen") else _left_out(list(row(answer.get("units"))))
    if left_out:
        text.append(f"not shown: {', '.join(left_out[:MOST_NAMED])}; ask with --names, or --csv")
    if answer.get("is_cut"):
        text.append("there is more before that: ask with --until")
    return "\n".join(text)


def csv_text(answer: Row) -> str:
    """Write CSV: ISO times, and the units in the header."""
    place, units = _zone(answer), row(answer.get("units"))
    found = rows(answer.get("rows"))
    columns: list[tuple[str, str, str]] = []
    for name, unit in units.items():
        columns += [(name, key, _heading(name, key, str(unit))) for key in _keys(found, name)]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(["start", "end", "is_over", *(heading for _, _, heading in columns)])
    for each in found:
        values = row(each.get("values"))
        cells = [_plain(row(values.get(name)).get(key)) for name, key, _ in columns]
        is_over = _plain(bool(each.get("is_over")))
        writer.writerow(
            [_iso(each.get("start"), place), _iso(each.get("end"), place), is_over, *cells]
        )
    return written.getvalue()


def _keys(found: Sequence[Row], name: str) -> list[str]:
    """Tell what there is to know of a quantity; nothing where it was never known."""
    for each in found:
        known = row(row(each.get("values")).get(name))
        if known:
            return list(known)
    return []


def plots(answer: Row, width: int, *, is_ascii: bool) -> str:
    """Draw each quantity over time."""
    named = list(row(answer.get("units")))
    chosen = named if answer.get("is_chosen") else _shown_first(named)[:1]
    return "\n\n".join(_plot(answer, name, width, is_ascii=is_ascii) for name in chosen)


def _plot(answer: Row, name: str, width: int, *, is_ascii: bool) -> str:
    found, place = rows(answer.get("rows")), _zone(answer)
    unit = str(row(answer.get("units")).get(name, ""))
    bars: list[Bar] = []
    is_switch = False
    for each in found:
        stat = row(row(each.get("values")).get(name))
        is_switch = is_switch or "on_s" in stat
        start, stop = _number(each.get("start")), _number(each.get("end"))
        bars.append(Bar(start=start or 0.0, end=stop or 0.0, value=_drawn(stat)))
    write = _starts(answer, found, place)
    ends = (write(found[0]), write(found[-1]))
    unit = "% on" if is_switch else unit
    title = f"{answer.get('device', '')}, {name}" + (f" ({unit})" if unit else "")
    drawn = plot(bars, width, ends, ASCII if is_ascii else BRAILLE)
    return "\n".join([f"{title}, {answer.get('zone', '')}", *drawn])


def _drawn(stat: Row) -> float | None:
    on_s, known_s = _number(stat.get("on_s")), _number(stat.get("known_s"))
    if on_s is not None:
        return 100 * on_s / known_s if known_s else None
    mean = _number(stat.get("mean"))
    return _number(stat.get("used")) if mean is None else mean


# ── cells ───────────────────────────────────────────────────────────────────────────────────


def _columns(answer: Row) -> list[tuple[Title, str, Cell]]:
    """Choose the columns: title, quantity, and how it is written."""
    units = row(answer.get("units"))
    names = list(units) if answer.get("is_chosen") else _shown_first(list(units))
    is_fine = answer.get("by") in ("minute", "hour")
    columns: list[tuple[Title, str, Cell]] = []
    for name in names:
        unit = str(units[name])
        keys = _keys(rows(answer.get("rows")), name)
        if unit == "kWh" and name == "energy" and "mean" not in keys:
            title = (name, "Wh" if is_fine else "kWh")
            columns.append((title, name, _wh if is_fine else _kwh))
        elif "on_s" in keys:
            title = ("", "on") if name == "power_switch" else (name, "on")
            columns.append((title, name, _on))
        else:
            columns.append((_title(name, unit), name, _mean))
            columns.append((("", "min - max"), name, _range))
    return columns


def _shown_first(names: list[str]) -> list[str]:
    """Choose what is shown where nobody says: of a device that has none of it, its first ones."""
    return [each for each in DEFAULTS if each in names] or names[:MOST_COLUMNS]


def _left_out(names: list[str]) -> list[str]:
    """List what nobody sees who does not know that it is kept: of a socket that is known."""
    shown = _shown_first(names)
    is_socket = set(DEFAULTS) <= set(names)
    return [] if is_socket else [each for each in names if each not in shown]


def _title(name: str, unit: str) -> Title:
    """Break a title in two, so that a line of hours fits 80 columns."""
    above, _, below = name.partition("_")
    return (above, f"{below} {unit}".strip())


def _mean(stat: Row) -> str:
    if "on_s" in stat:
        return _on(stat)
    return _short(stat.get("mean"))


def _range(stat: Row) -> str:
    low, high = _short(stat.get("min")), _short(stat.get("max"))
    return UNKNOWN if UNKNOWN in (low, high) else f"{low} - {high}"


def _on(stat: Row) -> str:
    on_s = _number(stat.get("on_s"))
    if on_s is None:
        return UNKNOWN
    minutes, seconds = divmod(round(on_s), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _wh(stat: Row) -> str:
    used = _number(stat.get("used"))
    return UNKNOWN if used is None else f"{used * 1_000:.2f}"


def _kwh(stat: Row) -> str:
    used = _number(stat.get("used"))
    return UNKNOWN if used is None else f"{used:.3f}"


def _short(value: object) -> str:
    number = _number(value)
    return (
        UNKNOWN if number is None else f"{number:.4g}" if abs(number) < 1_000 else f"{number:.0f}"
    )


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = [
        cell.ljust(width) if at == 0 else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return [first, *others]


# ── times and numbers ───────────────────────────────────────────────────────────────────────


def _starts(answer: Row, found: Sequence[Row], place: tzinfo) -> Callable[[Row], str]:
    """Write beginnings; with the offset where clocks have changed in between."""
    pattern = FORMATS.get(str(answer.get("by")), MOMENT)
    moments = [_local(each.get("start"), place) for each in found]
    offsets = {each.utcoffset() for each in moments if each is not None}
    if pattern == MOMENT and len(offsets) > 1:
        pattern += " %z"

    def write(each: Row) -> str:
        local = _local(each.get("start"), place)
        return UNKNOWN if local is None else local.strftime(pattern)

    return write


def _iso(value: object, place: tzinfo) -> str:
    local = _local(value, place)
    return "" if local is None else local.isoformat()


def _local(value: object, place: tzinfo) -> datetime | None:
    number = _number(value)
    return None if number is None else datetime.fromtimestamp(number, place)


def _zone(answer: Row) -> tzinfo:
    return zone(str(answer.get("zone", "UTC")))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _plain(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else repr(value)


HEADINGS: Final = {
    "mean": "mean",
    "min": "min",
    "max": "max",
    "used": "",
    "on_s": "on (s)",
    "known_s": "known (s)",
}


def _heading(name: str, key: str, unit: str) -> str:
    said = f"{name} {HEADINGS.get(key, key)}".rstrip()
    return f"{said} ({unit})" if unit and key not in ("on_s", "known_s", "last") else said
