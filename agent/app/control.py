"""The methods of the control socket: what a person on this machine may ask."""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Final

from agent.app.device import DeviceApp
from agent.app.history import History
from agent.app.history_methods import HistoryMethods
from agent.app.journal import Journal, Records
from agent.app.light_methods import Lights
from agent.app.params import only as _only
from agent.app.rule_methods import Rules
from agent.app.schedule_methods import Schedules
from agent.app.status import status
from agent.control.methods import table_of
from agent.devices.inputs import Toggle
from agent.errors import ControlError
from agent.messages import Command, Outcome, PropertySet
from agent.model import Origin, Value

if TYPE_CHECKING:
    from agent.app.recordings import Recordings

Method = Callable[[Origin, Mapping[str, object]], object]
CALIBRATION: Final = (
    "calibration_begin",
    "calibration_read",
    "calibration_end",
    "calibrate",
    "calibration_undo",
    "calibration_list",
)
RECORDING: Final = ("record_begin", "record_read", "record_end")
_VALUE_TYPES: Final = (bool, int, float, str)


class Methods:
    """Looks devices up by name and gives them commands."""

    def __init__(
        self,
        devices: Mapping[str, DeviceApp],
        describe: Callable[[], Mapping[str, object]],
        records: Records,
        history: History | None = None,
    ) -> None:
        self._devices = devices
        self._describe = describe
        self._journal = Journal(self._open_device, records)
        self._history = history
        self._calibrations: Mapping[str, Method] | None = None
        self._recordings: Recordings | None = None
        self._numbers = count(1)

    @property
    def table(self) -> Mapping[str, Method]:
        """The methods by name."""
        own = {"status": self._status, "set": self._set, "toggle": self._toggle}
        calibration = {name: partial(self._calibrate, name) for name in CALIBRATION}
        recording = {name: partial(self._record, name) for name in RECORDING}
        kinds = (Schedules, Rules, Lights)
        rows = [row for kind in kinds for row in kind(self._open_device).methods]
        if self._history is not None:
            rows += HistoryMethods(self._open_device, self._history).methods
        described = table_of(rows)
        return {**own, **self._journal.table, **calibration, **recording, **described}

    async def leave(self) -> None:
        """Let whoever records have the last lines, as the service stops."""
        if self._recordings is not None:
            await self._recordings.leave()

    def _record(self, name: str, origin: Origin, params: Mapping[str, object]) -> object:
        """Import what records when somebody does."""
        if self._recordings is None:
            from agent.app.recordings import Recordings  # noqa: PLC0415 - costs a start its time

            self._recordings = Recordings(self._open_device)
        return self._recordings.table[name](origin, params)

    def _calibrate(self, name: str, origin: Origin, params: Mapping[str, object]) -> object:
        """Import what calibrates when somebody does."""
        if self._calibrations is None:
            from agent.app.calibrating import Calibrations  # noqa: PLC0415 - costs a start 10 ms

            self._calibrations = Calibrations(self._open_device).table
        return self._calibrations[name](origin, params)

    def _status(self, origin: Origin, params: Mapping[str, object]) -> object:
        del origin
        _only(params, {"device"})
        chosen = self._devices
        if params.get("device") is not None:
            device = self._device(params)
            chosen = {device.name: device}
        return status(chosen, self._describe())

    def _set(self, origin: Origin, params: Mapping[str, object]) -> object:
        _only(params, {"device", "values"})
        device = self._open_device(params)
        request = PropertySet(request_id=f"local-{next(self._numbers)}", values=_values(params))
        outcome = device.runtime.execute(Command(origin=origin, request=request))
        return _answer(device, outcome)

    def _toggle(self, origin: Origin, params: Mapping[str, object]) -> object:
        _only(params, {"device"})
        device = self._open_device(params)
        outcome = device.runtime.dispatch(Toggle(origin=origin))
        assert outcome is not None, "a device answers every toggle"
        return _answer(device, outcome)

    def _device(self, params: Mapping[str, object]) -> DeviceApp:
        name, known = params.get("device"), ", ".join(self._devices)
        if name is None:
            if len(self._devices) == 1:
                return next(iter(self._devices.values()))
            raise ControlError(f"which device? there are: {known}")
        device = self._devices.get(name) if isinstance(name, str) else None
        if device is None:
            raise ControlError(f"no device is called {name!r:.80}; there are: {known}")
        return device

    def _open_device(self, params: Mapping[str, object]) -> DeviceApp:
        device = self._device(params)
        if not device.is_open:
            raise ControlError(f"{device.name} is still starting: try again in a moment")
        return device


def _values(params: Mapping[str, object]) -> dict[str, Value]:
    given = params.get("values")
    if not isinstance(given, Mapping):
        raise ControlError("'values' must be an object of names and values")
    values: dict[str, Value] = {}
    for name, value in given.items():  # pyright: ignore[reportUnknownVariableType] - from JSON
        if not isinstance(name, str) or not isinstance(value, _VALUE_TYPES):
            raise ControlError(f"{name!r:.80}: a value is true, false, a number or a text")
        values[name] = value
    return values


def _answer(device: DeviceApp, outcome: Outcome) -> object:
    if outcome.refusal is not None:
        raise ControlError(outcome.refusal.reason)
    described = device.runtime.describe()
    return {
        "device": device.name,
        "properties": dict(device.runtime.snapshot()),
        "closes_in_s": described.get("closes_in_s"),
    }
