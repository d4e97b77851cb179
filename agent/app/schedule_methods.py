"""The methods of the control socket about time: schedules, and the countdown."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Final, cast

from agent.app.acting import actor_of
from agent.app.device import DeviceApp
from agent.app.keeping import Kept, when_kept
from agent.app.sockets import socket_of
from agent.automation.durations import parse_duration
from agent.automation.schedules.plan import MOST_ENTRIES, Entry
from agent.control.methods import DEVICE, Described, Param, ParamKind, Params
from agent.devices.automated.schedule_edits import fault_of
from agent.devices.automated.schedule_list import listed, preview
from agent.devices.inputs import EditSchedule
from agent.devices.socket.thing_table import COUNTDOWN_MAX_S
from agent.errors import ControlError
from agent.messages import Command, PropertySet
from agent.model import Origin

PREVIEWS: Final = 10
SCHEDULES: Final = "schedules"
ENDS: Final[Mapping[str, bool | None]] = {"on": True, "off": False, "flip": None}

NAME: Final = Param(name="name", kind=ParamKind.TEXT, summary="its name", is_needed=True)
TEXT: Final = Param(
    name="text",
    kind=ParamKind.TEXT,
    summary="what is done and when, such as: on at 07:00 mon-fri",
    is_needed=True,
    maximum=240,
)
NEW_NAME: Final = Param(
    name="name", kind=ParamKind.TEXT, summary="what to call it; s1, s2 and so on where left out"
)
COUNT: Final = Param(
    name="count", kind=ParamKind.WHOLE, summary="how many runs", minimum=1, maximum=100
)
IN: Final = Param(
    name="in",
    kind=ParamKind.TEXT,
    summary="how long, such as 10m or 1h30m; 0s cancels it, and nothing only shows it",
    maximum=20,
)
TO: Final = Param(
    name="to",
    kind=ParamKind.TEXT,
    summary="where it ends; flip, where left out, is decided when it ends",
    choices=tuple(ENDS),
)


class Schedules:
    """Asks a device for its plan, and has it changed."""

    def __init__(self, find: Callable[[Params], DeviceApp], kept: Kept) -> None:
        self._find = find
        self._kept = kept
        self._numbers = count(1)

    @property
    def methods(self) -> tuple[Described, ...]:
        """The methods, described."""
        said: tuple[tuple[str, str, Callable[[Origin, Params], object], tuple[Param, ...]], ...] = (
            ("schedule_list", "List the schedules, with next and last run.", self._list, ()),
            ("schedule_add", "Add or replace a schedule.", self._add, (TEXT, NEW_NAME)),
            ("schedule_remove", "Remove a schedule that was added.", self._remove, (NAME,)),
            ("schedule_enable", "Turn a schedule on.", self._enable, (NAME,)),
            ("schedule_disable", "Turn a schedule off.", self._disable, (NAME,)),
            ("schedule_preview", "Tell the next runs of a text.", self._preview, (TEXT, COUNT)),
            ("countdown", "Set, cancel or show the countdown.", self._countdown, (IN, TO)),
        )
        return tuple(
            Described(name=name, summary=summary, run=run, params=(DEVICE, *params))
            for name, summary, run, params in said
        )

    def _list(self, origin: Origin, params: Params) -> object:
        del origin
        return _told(self._find(params))

    def _add(self, origin: Origin, params: Params) -> object:
        device = self._find(params)
        name = str(params.get("name") or _free_name(device))
        edit = EditSchedule(name=name, origin=origin, text=str(params["text"]))
        return self._edit(device, edit)

    def _remove(self, origin: Origin, params: Params) -> object:
        edit = EditSchedule(name=str(params["name"]), origin=origin, removes=True)
        return self._edit(self._find(params), edit)

    def _enable(self, origin: Origin, params: Params) -> object:
        edit = EditSchedule(name=str(params["name"]), origin=origin, is_enabled=True)
        return self._edit(self._find(params), edit)

    def _disable(self, origin: Origin, params: Params) -> object:
        edit = EditSchedule(name=str(params["name"]), origin=origin, is_enabled=False)
        return self._edit(self._find(params), edit)

    def _edit(self, device: DeviceApp, edit: EditSchedule) -> object:
        actor_of(device, SCHEDULES)
        outcome = device.runtime.dispatch(edit)
        assert outcome is not None, "a device answers every edit"
        if outcome.refusal is not None:
            raise ControlError(outcome.refusal.reason + _where(device, edit))
        return when_kept({"name": edit.name, **_told(device)}, self._kept)

    def _preview(self, origin: Origin, params: Params) -> object:
        del origin
        device, text = self._find(params), str(params["text"])
        actor = actor_of(device, SCHEDULES)
        fault = fault_of(actor, text)
        if fault:
            raise ControlError(fault)
        entry, now = Entry(name=_free_name(device), text=text), device.clock.now()
        count = cast("int", params.get("count") or PREVIEWS)
        runs = preview(actor, device.runtime.state, entry, now, count)
        if runs is None:
            raise ControlError("the time is not known yet: nothing runs until it is")
        return {"device": device.name, "zone": device.zone, "runs": runs}

    def _countdown(self, origin: Origin, params: Params) -> object:
        device = self._find(params)
        socket_of(device, "a countdown")
        if params.get("in") is not None:
            outcome = device.runtime.execute(self._command(origin, params))
            if outcome.refusal is not None:
                raise ControlError(outcome.refusal.reason)
        elif params.get("to") is not None:
            raise ControlError("'to' goes with 'in': how long, such as 10m")
        return {"device": device.name, "countdown": device.runtime.describe().get("countdown")}

    def _command(self, origin: Origin, params: Params) -> Command:
        try:
            seconds = parse_duration(str(params["in"]))
        except ValueError as error:
            raise ControlError(str(error)) from error
        if seconds > COUNTDOWN_MAX_S:
            raise ControlError(f"a countdown of {params['in']}; allowed: up to 24h, 0s cancels it")
        request = PropertySet(
            request_id=f"countdown-{next(self._numbers)}",
            values={"count_down": seconds},
            ends_in=ENDS[str(params.get("to") or "flip")],
        )
        return Command(origin=origin, request=request)


def _told(device: DeviceApp) -> Mapping[str, object]:
    state = device.runtime.state
    return {
        "device": device.name,
        "zone": state.local.zone,
        "is_time_known": state.local.offset is not None,
        "schedules": listed(actor_of(device, SCHEDULES), state),
    }


def _free_name(device: DeviceApp) -> str:
    taken = {*actor_of(device, SCHEDULES).timetable.texts}
    taken |= {entry.name for entry in device.runtime.state.plan.entries}
    names = (f"s{number}" for number in range(1, len(taken) + MOST_ENTRIES))
    return next(name for name in names if name not in taken)


def _where(device: DeviceApp, edit: EditSchedule) -> str:
    """Say where a schedule of the file stands, which cannot be changed here."""
    if edit.name not in actor_of(device, SCHEDULES).timetable.texts:
        return ""
    return f" ({device.config.place(('device', 'schedules', edit.name))})"
