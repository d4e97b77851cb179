"""The methods of the control socket about what was used and what happened."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Final, Protocol, cast

from agent.app.device import DeviceApp
from agent.app.params import LONGEST_REASON, TOPICS
from agent.app.sockets import state_of
from agent.control.methods import DEVICE, Described, Param, ParamKind, Params
from agent.devices.inputs import SetTotal
from agent.devices.socket.thing_table import MJ_PER_KWH
from agent.errors import ParamsError
from agent.model import Origin
from agent.ports import Clock
from agent.store import Row, read_boot_id

Told = Mapping[str, object]
Find = Callable[[Params], DeviceApp]
"""Find the device that a request names; it must be open."""

MOST_ROWS: Final = 1000
MOST_LEDGER_ROWS: Final = 10_000
MOST_KWH: Final = 999_999_999.0
DAY: Final = Param(
    name="day",
    kind=ParamKind.TEXT,
    summary="which day, YYYY-MM-DD",
    is_needed=True,
    maximum=40,
)
KWH: Final = Param(
    name="kwh",
    kind=ParamKind.NUMBER,
    summary="what the shown count shall be",
    is_needed=True,
    maximum=MOST_KWH,
)
REASON: Final = Param(
    name="reason",
    kind=ParamKind.TEXT,
    summary="why; it is kept in the journal",
    is_needed=True,
    maximum=LONGEST_REASON,
)
ABOUT: Final = Param(
    name="topics",
    kind=ParamKind.TEXTS,
    summary="only rows about these; all where there is none",
    maximum=len(TOPICS),
    choices=TOPICS,
)
LIMIT: Final = Param(
    name="limit",
    kind=ParamKind.WHOLE,
    summary="so many at most; 100 where it is left out",
    minimum=1,
    maximum=MOST_ROWS,
)
COLUMNS: Final = tuple(field.name for field in fields(Row))


class Records(Protocol):
    """What the store knows of the past."""

    async def records(
        self, device_id: str, *, topics: Sequence[str] = (), limit: int = 100
    ) -> Sequence[Row]:
        """Give the newest rows, oldest first."""
        ...


class Journal:
    """Answers from the device's books and the store's journal.

    Rows are made into answers in a thread: a thousand of them would hold the loop.
    """

    def __init__(self, find: Find, records: Records) -> None:
        self._find = find
        self._records = records
        self._boot_id = read_boot_id()

    @property
    def methods(self) -> tuple[Described, ...]:
        """The methods, described."""
        return (
            Described(name="energy", summary="what was used", run=self._energy, params=(DEVICE,)),
            Described(
                name="explain_energy",
                summary="a day's use, and the rows of the ledger about it",
                run=self._explain,
                params=(DEVICE, DAY),
            ),
            Described(
                name="set_energy",
                summary="set the shown count, with a reason",
                run=self._set,
                params=(DEVICE, KWH, REASON),
            ),
            Described(
                name="events",
                summary="the newest rows of the journal, oldest first",
                run=self._events,
                params=(DEVICE, ABOUT, LIMIT),
            ),
        )

    def _energy(self, origin: Origin, params: Params) -> object:
        del origin
        return _books(self._find(params))

    def _set(self, origin: Origin, params: Params) -> object:
        device, reason = self._find(params), str(params["reason"]).strip()
        energy_mj = round(cast("float", params["kwh"]) * MJ_PER_KWH)
        device.runtime.dispatch(SetTotal(energy_mj=energy_mj, reason=reason, origin=origin))
        return _books(device)

    def _events(self, origin: Origin, params: Params) -> Coroutine[None, None, object]:
        del origin
        topics = cast("Sequence[str]", params.get("topics") or ())
        limit = cast("int", params.get("limit") or 100)
        return self._found(self._find(params), topics, limit)

    async def _found(self, device: DeviceApp, topics: Sequence[str], limit: int) -> object:
        found = await self._records.records(device.name, topics=topics, limit=limit)
        boot = Boot(device.clock, self._boot_id)
        return {"device": device.name, "rows": await asyncio.to_thread(boot.told, found)}

    def _explain(self, origin: Origin, params: Params) -> Coroutine[None, None, object]:
        del origin
        day = str(params["day"])
        try:
            day = str(date.fromisoformat(day))
        except ValueError as error:
            raise ParamsError(f"a day is written YYYY-MM-DD, not {day!r:.40}", key="day") from error
        return self._explained(self._find(params), day)

    async def _explained(self, device: DeviceApp, day: str) -> object:
        rows = await self._records.records(device.name, topics=("energy",), limit=MOST_LEDGER_ROWS)
        state = state_of(device, "an energy ledger")
        today_mj = state.energy.total_mj - state.books.day_base_mj
        today = None if state.books.day is None else (state.books.day, today_mj)
        boot = Boot(device.clock, self._boot_id)
        return {
            "device": device.name,
            **await asyncio.to_thread(_explanation, rows, day, today, boot),
        }


class Boot:
    """Rows of this boot whose stamps are not put right yet are dated by what is known now."""

    def __init__(self, clock: Clock, boot_id: str) -> None:
        self._boot_id = boot_id
        self._offset = clock.wall_time_at(0.0)

    def told(self, rows: Sequence[Row]) -> list[Told]:
        """Make rows what JSON holds."""
        return [self._told(each) for each in rows]

    def _told(self, row: Row) -> Told:
        told = {name: getattr(row, name) for name in COLUMNS}
        told["trust"] = row.trust.name.lower()
        is_of_this = bool(row.boot_id) and row.boot_id == self._boot_id
        if row.wall_time is not None or self._offset is None or not is_of_this:
            return told
        return {**told, "wall_time": round(self._offset + row.at, 3), "is_estimated": True}


def _books(device: DeviceApp) -> Told:
    state_of(device, "books of energy")
    return {"device": device.name, "energy": device.runtime.describe()["energy"]}


def _explanation(
    rows: Sequence[Row], day: str, today: tuple[str, int] | None, boot: Boot
) -> dict[str, object]:
    """Tell what is known of *day*; *today* is the day that goes on, and what it has used."""
    of_day = [each for each in rows if _details(each).get("day") == day]
    used = [_used_mj(each) for each in of_day if each.name == "day"]
    is_today = today is not None and today[0] == day
    if today is not None and is_today:
        used.append(today[1])
    known = [_details(each).get("day") for each in rows if each.name == "day"]
    known += [] if today is None else [today[0]]
    days = [each for each in known if isinstance(each, str)]
    return {
        "day": day,
        "is_today": is_today,
        "used_kwh": round(sum(used) / MJ_PER_KWH, 6) if used else None,
        "known_days": [min(days), max(days)] if days else None,
        "rows": boot.told(of_day[-MOST_ROWS:]),
        "left_out": max(0, len(of_day) - MOST_ROWS),
    }


def _details(row: Row) -> Mapping[str, object]:
    """Take the details of a row; none where a damaged or foreign row has no object there."""
    details = cast("object", row.details)
    return cast("Mapping[str, object]", details) if isinstance(details, Mapping) else {}


def _used_mj(row: Row) -> int:
    used_mj = _details(row).get("used_mj", 0)
    return used_mj if isinstance(used_mj, int) else 0
