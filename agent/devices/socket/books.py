"""The books over the count: today, yesterday, this month, by the days that were seen to begin."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

Row = tuple[str, Mapping[str, object]]
"""The name of a ledger row, and its details."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Where the total stood when the day and the month began.

    `day` is 'YYYY-MM-DD' in local time; None until the clock is trusted for the first time.
    """

    day: str | None = None
    day_base_mj: int = 0
    yesterday_mj: int = 0
    month_base_mj: int = 0
    last_month_mj: int = 0


UNDATED = Books()


def turned(books: Books, total_mj: int, day: str) -> tuple[Books, tuple[Row, ...]]:
    """Begin *day*: close the day before, and the month where it is over.

    What was counted while no day was known belongs to the first day that is.
    """
    if books.day is not None and day <= books.day <= _next(day):
        return books, ()  # the same day, or a clock that went back over midnight: it comes again
    if books.day is None:
        undated_mj = total_mj - books.day_base_mj
        rows = (("dated", {"day": day, "used_mj": undated_mj}),) if undated_mj else ()
        return replace(books, day=day), rows
    used_mj = total_mj - books.day_base_mj
    rows = (("day", _closing(books.day, used_mj, total_mj, day)),)
    follows = _next(books.day) == day
    turned_over = replace(
        books, day=day, day_base_mj=total_mj, yesterday_mj=used_mj if follows else 0
    )
    if books.day[:7] == day[:7]:
        return turned_over, rows
    month_mj = total_mj - books.month_base_mj
    month = ("month", {"month": books.day[:7], "used_mj": month_mj, "total_mj": total_mj})
    return replace(turned_over, month_base_mj=total_mj, last_month_mj=month_mj), (*rows, month)


def _closing(day: str, used_mj: int, total_mj: int, next_day: str) -> dict[str, object]:
    row: dict[str, object] = {"day": day, "used_mj": used_mj, "total_mj": total_mj}
    if next_day < day:
        row["note"] = f"the clock went back to {next_day}"
    elif _next(day) != next_day:
        row["note"] = f"no day was seen until {next_day}"
    return row


def _next(day: str) -> str:
    return str(date.fromisoformat(day) + timedelta(days=1))
