"""Schedules as a person reads them: the table, and rows of the journal."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from agent.cli.asking import Row, row, rows

NEVER: Final = "—"


def schedules_text(answer: Row) -> str:
    """Lay the answer of `schedule_list` out."""
    return "\n".join(_lines(answer))


def _lines(answer: Row) -> Iterator[str]:
    found = rows(answer.get("schedules"))
    yield f"{answer.get('device', '')} ({answer.get('zone', '')})"
    if not answer.get("is_time_known"):
        yield "  the time is not known yet: nothing runs until it is"
    if not found:
        yield '  no schedule; add one: polycloud schedule add "on at 07:00 mon-fri"'
        return
    cells = [_cells(each) for each in found]
    widths = [max(len(line[column]) for line in cells) for column in range(3)]
    for line in cells:
        padded = [f"{text:<{width}}" for text, width in zip(line[:3], widths, strict=True)]
        yield "  " + "  ".join([*padded, line[3]]).rstrip()


def _cells(each: Row) -> tuple[str, str, str, str]:
    last = row(each.get("last"))
    notes = [] if each.get("from") == "added" else ["from the file"]
    notes += [f"last {last.get('local')}: {last.get('result')}"] if last else []
    return (str(each.get("name")), str(each.get("text")), _next(each), "; ".join(notes))


def _next(each: Row) -> str:
    if not each.get("enabled"):
        return "disabled"
    if each.get("is_over"):
        return "over"
    return f"next {row(each.get('next')).get('local', NEVER)}"


def _run(name: str, details: Row) -> str:
    missed = "missed, " if details.get("missed") else ""
    reason = f": {details['reason']}" if details.get("reason") else ""
    return f"{_named(details)}, due {_moment(details.get('at'))}: {missed}{RUNS[name]}{reason}"


RUNS: Final = {"ran": "done", "skipped": "left out", "refused": "REFUSED"}


def _edit(name: str, details: Row) -> str:
    return f"{_named(details)} {name} by {details.get('by')}"


def _over(name: str, details: Row) -> str:
    del name
    return f"{_named(details)}: its time went by before it could run; removed"


def _anew(name: str, details: Row) -> str:
    del name
    return (
        f"the clock was ahead ({_moment(details.get('looked_at'))}) and was set back:"
        " the plan begins anew from here"
    )


def _timers(name: str, details: Row) -> str:
    del name
    lines = [line for line in str(details.get("text", "")).split("\n") if line]
    return f"timers set by {details.get('by')}: {'; '.join(lines) or 'none'}"


def _named(details: Row) -> str:
    text = f" ({details['text']})" if details.get("text") else ""
    return f"schedule {details.get('schedule')}{text}"


def _moment(at: object) -> str:
    if not isinstance(at, int | float):
        return "at an unknown time"
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


SCHEDULES: Final[Mapping[str, Callable[[str, Row], str]]] = {
    **dict.fromkeys(RUNS, _run),
    **dict.fromkeys(("written", "removed", "enabled", "disabled"), _edit),
    "over": _over,
    "anew": _anew,
    "timers": _timers,
}
