"""The methods that every device has: what it is, how it stands, and commands for it."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from functools import partial
from itertools import count
from typing import Final, cast

from agent.app.device import DeviceApp
from agent.app.status import Row, brief, device_status, status
from agent.app.things import thing_of
from agent.control.methods import DEVICE, Described, Param, ParamKind, Params
from agent.devices.inputs import Toggle
from agent.errors import ControlError
from agent.messages import Command, Outcome, PropertySet, RefusalKind
from agent.model import Origin, Values

Find = Callable[[Params], DeviceApp]

IN_A_TURN: Final = 20
"""So many devices are described in 1 to 2 ms."""

VALUES: Final = Param(
    name="values",
    kind=ParamKind.VALUES,
    summary="property names and what they shall be: all of it is done, or nothing",
    is_needed=True,
    maximum=64,
)


class DeviceMethods:
    """Looks devices up by name and gives them commands."""

    def __init__(
        self,
        devices: Mapping[str, DeviceApp],
        describe: Callable[[], Mapping[str, object]],
        find: Find,
        find_open: Find,
    ) -> None:
        self._devices = devices
        self._describe = describe
        self._find = find
        self._find_open = find_open
        self._numbers = count(1)

    @property
    def methods(self) -> tuple[Described, ...]:
        """The methods, described."""
        return (
            Described(
                name="devices",
                summary="which devices there are, and which of them do not work",
                run=self._list,
            ),
            Described(
                name="status",
                summary="values, trip, countdown, clouds, and the agent itself",
                run=self._status,
                params=(DEVICE,),
            ),
            Described(
                name="things",
                summary="what each device has: properties with unit and range, events, actions",
                run=self._things,
                params=(DEVICE,),
            ),
            Described(name="set", summary="set properties", run=self._set, params=(DEVICE, VALUES)),
            Described(
                name="on",
                summary="switch on",
                run=partial(self._switch, on=True),
                params=(DEVICE,),
            ),
            Described(
                name="off",
                summary="switch off",
                run=partial(self._switch, on=False),
                params=(DEVICE,),
            ),
            Described(
                name="toggle",
                summary="switch to the other position",
                run=self._toggle,
                params=(DEVICE,),
            ),
        )

    def _chosen(self, params: Params) -> Mapping[str, DeviceApp]:
        if params.get("device") is None:
            return self._devices
        device = self._find(params)
        return {device.name: device}

    def _list(self, origin: Origin, params: Params) -> object:
        del origin, params
        return {"devices": [brief(device) for device in self._devices.values()]}

    def _status(self, origin: Origin, params: Params) -> object:
        del origin
        return _each(
            self._chosen(params), device_status, lambda rows: status(rows, self._describe())
        )

    def _things(self, origin: Origin, params: Params) -> object:
        del origin
        return _each(self._chosen(params), thing_of, lambda rows: {"devices": rows})

    def _set(self, origin: Origin, params: Params) -> object:
        return self._ask(origin, self._find_open(params), cast("Values", params["values"]))

    def _switch(self, origin: Origin, params: Params, *, on: bool) -> object:
        device = self._find_open(params)
        switch = device.thing.switch
        if switch is None:
            raise ControlError(f"{device.name} has no switch", kind=RefusalKind.NOT_ALLOWED.value)
        return self._ask(origin, device, {switch: on})

    def _ask(self, origin: Origin, device: DeviceApp, values: Values) -> object:
        request = PropertySet(request_id=f"local-{next(self._numbers)}", values=values)
        outcome = device.runtime.execute(Command(origin=origin, request=request))
        return _answer(device, outcome, values)

    def _toggle(self, origin: Origin, params: Params) -> object:
        device = self._find_open(params)
        outcome = device.runtime.dispatch(Toggle(origin=origin))
        assert outcome is not None, "a device answers every toggle"
        switch = device.thing.switch
        return _answer(device, outcome, () if switch is None else (switch,))


def _each(
    devices: Mapping[str, DeviceApp],
    describe: Callable[[DeviceApp], Row],
    put: Callable[[list[Row]], object],
) -> object:
    """Describe devices; many in turns of the loop: frames of others come in between."""

    async def in_turns() -> object:
        found: list[Row] = []
        for number, device in enumerate(tuple(devices.values()), start=1):
            found.append(describe(device))
            if number % IN_A_TURN == 0:
                await asyncio.sleep(0)
        return put(found)

    if len(devices) > IN_A_TURN:
        return in_turns()
    return put([describe(device) for device in devices.values()])


def _answer(device: DeviceApp, outcome: Outcome, asked: Collection[str]) -> object:
    refusal = outcome.refusal
    if refusal is not None:
        raise ControlError(refusal.reason, kind=refusal.kind.value)
    described = device.runtime.describe()
    return {
        "device": device.name,
        "switch": device.thing.switch,
        "properties": dict(device.runtime.snapshot()),
        "closes_in_s": _closes_in_s(described, asked),
    }


def _closes_in_s(described: Mapping[str, object], asked: Collection[str]) -> object:
    """Tell when what was asked for closes; of several outputs the first of those that wait."""
    closing = described.get("closing")
    if not isinstance(closing, Mapping):
        return described.get("closes_in_s")
    waiting = cast("Mapping[str, float]", closing)
    return min((waiting[name] for name in asked if name in waiting), default=None)
