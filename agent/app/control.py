"""The methods of the control socket, assembled: what a person on this machine may ask."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from agent.app.agent_methods import AgentMethods, Reload
from agent.app.calibration_methods import CalibrationMethods
from agent.app.device import DeviceApp
from agent.app.device_methods import DeviceMethods
from agent.app.feed_journal import Listened
from agent.app.feeds import Feeds
from agent.app.history import History
from agent.app.history_methods import HistoryMethods
from agent.app.journal import Journal, Records
from agent.app.light_methods import Lights
from agent.app.recording_methods import RecordingMethods
from agent.app.rule_methods import Rules
from agent.app.schedule_methods import Schedules
from agent.control.methods import Method, Params, Part, Run, Stream, streams_of, table_of
from agent.errors import ControlError
from agent.log_ring import LogRing
from agent.settings.names import nearest

LISTED: Final = 20
"""So many devices an error names at most."""


class Past(Records, Listened, Protocol):
    """The journal: it can be read, and listened to; and the disk, that can be waited for."""

    async def kept(self) -> bool:
        """Tell whether all that was handed in is on the disk; wait a moment for it."""
        ...


class Methods:
    """Every method there is. A part describes its own; a heavy one imports what it does later."""

    def __init__(
        self,
        devices: Mapping[str, DeviceApp],
        describe: Callable[[], Mapping[str, object]],
        records: Past,
        *,
        history: History | None = None,
        ring: LogRing | None = None,
        reload: Reload | None = None,
    ) -> None:
        self._devices = devices
        self._recordings = RecordingMethods(self._open_device)
        log = ring or LogRing()
        self._feeds = Feeds(devices, self._device, records, log)
        self._parts: tuple[Part, ...] = (
            AgentMethods(lambda: self.described, log, reload),
            DeviceMethods(devices, describe, self._device, self._open_device),
            Schedules(self._open_device, records.kept),
            Rules(self._open_device, records.kept, None if history is None else history.samples),
            Lights(self._open_device),
            Journal(self._open_device, records),
            HistoryMethods(self._open_device, history),
            self._feeds,
            CalibrationMethods(self._open_device),
            self._recordings,
        )

    @property
    def described(self) -> tuple[Method, ...]:
        """The methods, described, in the order that people read them."""
        return tuple(method for part in self._parts for method in part.methods)

    @property
    def table(self) -> Mapping[str, Run]:
        """The methods by name."""
        return table_of(self.described)

    @property
    def streams(self) -> Mapping[str, Stream]:
        """Those that work with their connection, by name."""
        return streams_of(self.described)

    async def leave(self) -> None:
        """Let whoever records have the last lines, as the service stops."""
        await self._recordings.leave()

    def joined(self, device: DeviceApp) -> None:
        """Tell those who are told of all devices of one more."""
        self._feeds.joined(device)

    def left(self, device: DeviceApp) -> None:
        """Tell nobody of a device any more."""
        self._feeds.left(device)

    def close(self) -> None:
        """Tell nobody anything any more."""
        self._feeds.close()

    def _device(self, params: Params) -> DeviceApp:
        name, known = params.get("device"), _listed(tuple(self._devices))
        if name is None:
            if len(self._devices) == 1:
                return next(iter(self._devices.values()))
            raise ControlError(f"which device? there are: {known}", kind="no_device", key="device")
        device = self._devices.get(name) if isinstance(name, str) else None
        if device is None:
            hint = self._output_hint(str(name)) or nearest(str(name), tuple(self._devices))
            text = (
                f"no device is called {name!r:.80}; {f'{hint} ' if hint else ''}there are: {known}"
            )
            raise ControlError(text, kind="unknown_device", key="device")
        return device

    def _output_hint(self, name: str) -> str:
        """Say how to set an output by its name, which is easily taken for a device's."""
        owners = [each.name for each in self._devices.values() if name in each.thing.outputs()]
        return f"it is an output of {owners[0]}: polycloud set {name}=VALUE;" if owners else ""

    def _open_device(self, params: Params) -> DeviceApp:
        device = self._device(params)
        if not device.is_open:
            raise ControlError(_why_not(device), kind="starting")
        return device


def _listed(names: Sequence[str]) -> str:
    """Name what there is, as far as a person reads it."""
    more = len(names) - LISTED
    listed = ", ".join(names[:LISTED])
    return f"{listed} and {more} more (polycloud status)" if more > 0 else listed


def _why_not(device: DeviceApp) -> str:
    """Say why a device cannot be asked."""
    if device.trouble is None:
        return f"{device.name} is still starting: try again in a moment"
    return f"{device.name} does not work, and is tried again: {device.trouble.error}"
