"""The method of the control socket that tells the history."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, cast

from agent.app.device import DeviceApp
from agent.app.history import History
from agent.automation.local_time import zone
from agent.control.methods import DEVICE, Described, Param, ParamKind, Params
from agent.errors import ControlError
from agent.history.assembling import Frame, Period
from agent.history.periods import LAST, LEVELS
from agent.history.telling import Unit, told
from agent.model import Origin
from agent.settings.names import nearest
from agent.thing import Thing

MOST_PERIODS: Final = 10_000
MOST_NAMES: Final = 50
MOST_BYTES: Final = 1 << 18
"""An answer is written on the loop that protects: a longer one is cut, and the rest asked for."""
MOST_FITTING: Final = MOST_BYTES // 64
"""No row is shorter than that: more periods than this need not be read."""

PARAMS: Final = (
    DEVICE,
    Param(
        name="by",
        kind=ParamKind.TEXT,
        summary="how long a period is; an hour where it is left out",
        choices=tuple(LEVELS),
    ),
    Param(
        name="since",
        kind=ParamKind.NUMBER,
        summary="Unix seconds: periods that began then or later",
        maximum=LAST,
    ),
    Param(
        name="until",
        kind=ParamKind.NUMBER,
        summary="Unix seconds: periods that began then or earlier",
        maximum=LAST,
    ),
    Param(
        name="names",
        kind=ParamKind.TEXTS,
        summary="of what; of everything where it is left out",
        maximum=MOST_NAMES,
    ),
    Param(
        name="limit",
        kind=ParamKind.WHOLE,
        summary="the newest so many periods; 1,000 where it is left out",
        minimum=1,
        maximum=MOST_PERIODS,
    ),
)


class HistoryMethods:
    """Answers from what is kept, and from what goes on."""

    def __init__(self, find: Callable[[Params], DeviceApp], history: History | None) -> None:
        self._find = find
        self._history = history

    @property
    def methods(self) -> tuple[Described, ...]:
        """The methods."""
        summary = "what was and what was used, by minute, hour, day or month"
        return (Described(name="history", summary=summary, run=self._run, params=PARAMS),)

    def _run(self, origin: Origin, params: Params) -> Coroutine[None, None, object]:
        del origin
        device = self._find(params)
        if self._history is None:
            raise ControlError("no history is kept here")
        units = _units(device.thing)
        names = _names(params) or list(units)
        for name in names:
            _refuse_unknown(name, list(units))
        by = str(params.get("by") or "hour")
        limit = cast("int", params.get("limit") or 1_000)
        place = device.zone
        frame = Frame(
            level=LEVELS[by],
            zone=zone(place),
            since=_seconds(params, "since"),
            until=_seconds(params, "until"),
            limit=min(limit, MOST_FITTING) + 1,
        )
        asked = {"device": device.name, "by": by, "zone": place}
        chosen = {name: units[name] for name in names}
        return self._answer(self._history, device, frame, asked, chosen)

    async def _answer(
        self,
        history: History,
        device: DeviceApp,
        frame: Frame,
        asked: Mapping[str, object],
        units: Mapping[str, Unit],
    ) -> object:
        periods = await history.periods(device.name, frame)
        rows = await asyncio.to_thread(_rows, periods[-(frame.limit - 1) :], units)
        return {
            **asked,
            "units": {name: unit.text for name, unit in units.items()},
            "is_kept": history.is_kept,
            "is_time_known": device.clock.wall_time() is not None,
            "is_cut": len(rows) < len(periods),
            "lost_minutes": history.lost,
            "rows": rows,
        }


def _rows(periods: Sequence[Period], units: Mapping[str, Unit]) -> list[dict[str, object]]:
    """Tell the newest periods, as many as an answer holds; those of which nothing is known not."""
    rows: list[dict[str, object]] = []
    size = 0
    for period in reversed(periods):
        row = told(period, units, units)
        size += len(json.dumps(row))
        if size > MOST_BYTES:
            break
        rows.append(row)
    return rows[::-1]


def _units(thing: Thing[Any]) -> dict[str, Unit]:
    """Tell what is in the history, and its units."""
    found: dict[str, Unit] = {}
    for row in (*thing.properties, *thing.measures):
        if row.in_history and row.exact is not None:
            found[row.exact.name] = Unit(text=row.field.unit, per_unit=row.exact.per_unit)
        elif row.in_history:
            found[row.field.name] = Unit(text=row.field.unit)
    return found


def _refuse_unknown(name: str, known: Sequence[str]) -> None:
    if name not in known:
        hint, listed = nearest(name, known), ", ".join(known)
        raise ControlError(
            f"names: {name!r:.80} is not in the history; allowed: {listed}"
            + (f"; {hint}" if hint else "")
        )


def _names(params: Params) -> list[str]:
    listed = params.get("names")
    return [str(each) for each in cast("list[object]", listed)] if isinstance(listed, list) else []


def _seconds(params: Params, name: str) -> float | None:
    value = params.get(name)
    return float(value) if isinstance(value, int | float) else None
