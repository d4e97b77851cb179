"""The methods of the control socket about what was used and what happened."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Final, Protocol, cast

from agent.app.device import DeviceApp
from agent.devices.inputs import SetTotal
from agent.devices.socket.thing_table import MJ_PER_KWH
from agent.errors import ControlError
from agent.model import Origin
from agent.store import Row

Params = Mapping[str, object]
Find = Callable[[Params], DeviceApp]
"""Find the device that a request names; it must be open."""

MOST_ROWS: Final = 1000
MOST_LEDGER_ROWS: Final = 10_000
LONGEST_REASON: Final = 200
MOST_KWH: Final = 1e9


class Records(Protocol):
    """What the store knows of the past."""

    async def records(
        self, device_id: str, *, topics: Sequence[str] = (), limit: int = 100
    ) -> Sequence[Row]:
        """Give the newest rows, oldest first."""
        ...


class Journal:
    """Answers from the device's books and the store's journal."""

    def __init__(self, find: Find, records: Records) -> None:
        self._find = find
        self._records = records

    @property
    def table(self) -> Mapping[str, Callable[[Origin, Params], object]]:
        """The methods by name."""
        return {
            "energy": self._energy,
            "explain_energy": self._explain,
            "set_energy": self._set,
            "events": self._events,
        }

    def _energy(self, origin: Origin, params: Params) -> object:
        del origin
        device = self._find(params)
        return {"device": device.name, "energy": device.runtime.describe()["energy"]}

    def _set(self, origin: Origin, params: Params) -> object:
        device = self._find(params)
        kwh, reason = params.get("kwh"), params.get("reason")
        if isinstance(kwh, bool) or not isinstance(kwh, int | float) or not 0 <= kwh < MOST_KWH:
            raise ControlError("'kwh' is a number from 0 to 1e9")
        if not isinstance(reason, str) or not reason.strip():
            raise ControlError("'reason' is a text that says why the count is set")
        energy_mj = round(kwh * MJ_PER_KWH)
        text = reason.strip()[:LONGEST_REASON]
        device.runtime.dispatch(SetTotal(energy_mj=energy_mj, reason=text, origin=origin))
        return self._energy(origin, params)

    def _events(self, origin: Origin, params: Params) -> Coroutine[None, None, object]:
        del origin
        topics, limit = _texts(params.get("topics")), params.get("limit", 100)
        if topics is None:
            raise ControlError("'topics' is a list of relay, protection, energy")
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST_ROWS:
            raise ControlError(f"'limit' is a whole number from 1 to {MOST_ROWS}")
        return self._found(self._find(params), topics, limit)

    async def _found(self, device: DeviceApp, topics: Sequence[str], limit: int) -> object:
        rows = await self._records.records(device.name, topics=topics, limit=limit)
        return {"device": device.name, "rows": [asdict(each) for each in rows]}

    def _explain(self, origin: Origin, params: Params) -> Coroutine[None, None, object]:
        del origin
        day = params.get("day")
        try:
            day = str(date.fromisoformat(str(day)))
        except ValueError as error:
            raise ControlError(f"a day is written YYYY-MM-DD, not {day!r:.40}") from error
        return self._explained(self._find(params), day)

    async def _explained(self, device: DeviceApp, day: str) -> object:
        rows = await self._records.records(device.name, topics=("energy",), limit=MOST_LEDGER_ROWS)
        of_day = [each for each in rows if each.details.get("day") == day]
        books = device.runtime.state.books
        is_today = books.day == day
        closed = [each for each in of_day if each.name == "day"]
        used_mj = sum(_used_mj(each) for each in closed)
        if is_today:
            used_mj += device.runtime.state.energy.total_mj - books.day_base_mj
        is_known = bool(closed) or is_today
        return {
            "device": device.name,
            "day": day,
            "is_today": is_today,
            "used_kwh": round(used_mj / MJ_PER_KWH, 6) if is_known else None,
            "rows": [asdict(each) for each in of_day],
        }


def _texts(value: object) -> tuple[str, ...] | None:
    """Take a list of texts, or nothing, from JSON; None for anything else."""
    if value is None:
        return ()
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    texts = tuple(item for item in items if isinstance(item, str))
    return texts if len(texts) == len(items) else None


def _used_mj(row: Row) -> int:
    used_mj = row.details.get("used_mj", 0)
    return used_mj if isinstance(used_mj, int) else 0
