"""Recording over the control socket: lines are made here, and fetched by who asked for them."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Final, cast

from agent import __version__
from agent.app.device import DeviceApp
from agent.app.sockets import alone
from agent.control.methods import Params, Run
from agent.drivers.hlw8032.hearing import Hearing, Overheard
from agent.errors import ControlError
from agent.model import Origin
from agent.recording.forms import digest
from agent.recording.lines import End, Header
from agent.recording.text import write_end, write_header
from agent.recording.trimmed import trimmed
from agent.tap import SocketTap

END_BYTES: Final = 512
"""Room for the last line."""

MOST_WAITING: Final = 2 * 2**20
"""So many bytes wait to be fetched at most: whoever is slower than the device ends it."""

UNREAD_S: Final = 30.0
"""A recording that nobody fetches for so long ends by itself."""

BUSY_S: Final = 5.0
GATHER_S: Final = 0.5
FETCHED_S: Final = 1.0
"""How long the end of the service waits for the last lines to be fetched."""


class Recording:
    """One device's period while it is recorded.

    `over`: nothing follows the lines that wait. `fetched`: whoever fetches has asked once more
    after the last of them, so it has them.
    """

    def __init__(
        self,
        device: DeviceApp,
        owner: str,
        token: int,
        most_bytes: int,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.owner = owner
        self.token = token
        self.over = asyncio.Event()
        self.fetched = asyncio.Event()
        self.read_at = device.clock.now()
        self._device = device
        self._most_bytes = most_bytes
        self._most_waiting = most_waiting
        self._bytes = 0
        self._waiting: list[str] = []
        self._waiting_bytes = 0

    def begin(self) -> None:
        """Write how everything stands, and listen from now on."""
        device, meter = self._device, self._device.parts.meter
        line = meter if isinstance(meter, Overheard) else None
        self._add([write_header(_header(device, None if line is None else line.hearing))])
        tap = SocketTap(self._take, heard_bytes=line is not None)
        device.runtime.tap = tap
        if line is not None:
            line.overhear(tap)

    def end(self, why: str, *, is_whole: bool = True) -> None:
        """Listen no longer, and say why in the last line; *is_whole*: every turn was taken."""
        if self.over.is_set():
            return
        self.over.set()
        device, meter = self._device, self._device.parts.meter
        device.runtime.tap = None
        if isinstance(meter, Overheard):
            meter.overhear(None)
        state = digest(device.runtime.state) if is_whole else None
        self._add([write_end(End(at=device.clock.now(), why=why, state=state))])

    def fetch(self) -> Sequence[str]:
        """Hand the lines over that wait; once it is over, to ask again means to have the last."""
        self.read_at = self._device.clock.now()
        if self.over.is_set() and not self._waiting:
            self.fetched.set()
        lines, self._waiting, self._waiting_bytes = self._waiting, [], 0
        return lines

    @property
    def is_read(self) -> bool:
        """Tell whether somebody is there who will fetch what waits."""
        now = self._device.clock.now()
        return not self.fetched.is_set() and now - self.read_at < BUSY_S

    def _take(self, block: list[str]) -> None:
        """Take the lines of a turn, all or none."""
        size = sum(map(len, block)) + len(block)
        if self._bytes + size + END_BYTES > self._most_bytes:
            megabytes = self._most_bytes / 2**20
            self.end(f"full: {megabytes:g} MB had been asked for", is_whole=False)
        elif self._waiting_bytes + size > self._most_waiting:
            self.end("the lines were not fetched fast enough", is_whole=False)
        elif self._device.clock.now() - self.read_at > UNREAD_S:
            self.end("the lines were not fetched any more", is_whole=False)
        else:
            self._add(block)

    def _add(self, block: list[str]) -> None:
        size = sum(map(len, block)) + len(block)
        self._waiting += block
        self._bytes += size
        self._waiting_bytes += size


class Recordings:
    """The control methods, and at most one recording a device."""

    def __init__(self, find: Callable[[Params], DeviceApp]) -> None:
        self._find = find
        self._running: dict[str, Recording] = {}
        self._tokens = count(1)

    @property
    def table(self) -> Mapping[str, Run]:
        """The methods by name."""
        return {"record_begin": self._begin, "record_read": self._read, "record_end": self._end}

    async def leave(self) -> None:
        """End every recording as the service stops, and wait a moment until it is fetched."""
        running = [each for each in self._running.values() if each.is_read]
        for each in running:
            each.end("the agent stopped")
        with suppress(TimeoutError):
            async with asyncio.timeout(FETCHED_S):
                for each in running:
                    await each.fetched.wait()

    def _begin(self, origin: Origin, params: Params) -> object:
        device = self._find(params)
        before = self._running.get(device.name)
        if before is not None and not before.over.is_set():
            if before.is_read:
                raise ControlError(
                    f"{before.owner} is recording {device.name} already: end that first (Ctrl-C)"
                )
            before.end("another recording was begun, as nobody fetched this one")
        most_bytes = cast("int", params["max_bytes"])
        recording = Recording(device, origin.name, next(self._tokens), most_bytes)
        self._running[device.name] = recording
        recording.begin()
        return {"device": device.name, "recording": recording.token, "lines": recording.fetch()}

    async def _read(self, origin: Origin, params: Params) -> object:
        """Give what came, half a second's at once; at the end, all that is left."""
        del origin
        recording = self._recording(params)
        with suppress(TimeoutError):
            async with asyncio.timeout(GATHER_S):
                await recording.over.wait()
        return self._fetched(recording)

    def _end(self, origin: Origin, params: Params) -> object:
        del origin
        recording = self._recording(params)
        recording.end(str(params["why"]).strip())
        return self._fetched(recording)

    def _fetched(self, recording: Recording) -> object:
        is_over = recording.over.is_set()
        return {"lines": list(recording.fetch()), "is_over": is_over}

    def _recording(self, params: Params) -> Recording:
        device = self._find(params)
        recording = self._running.get(device.name)
        if recording is None or recording.token != params.get("recording"):
            raise ControlError(f"this recording of {device.name} is over: another was begun since")
        return recording


def _header(device: DeviceApp, hearing: Hearing | None) -> Header:
    runtime, settings = device.runtime, trimmed(alone(device, "recordings"))
    return Header(
        agent=__version__,
        device=device.name,
        kind=device.config.device.kind,
        made=time.time(),
        is_trusted=device.clock.wall_time() is not None,
        at=device.clock.now(),
        settings=settings,
        settings_hash=digest(settings),
        clouds=tuple(runtime.sinks),
        state=runtime.state,
        standing=runtime.standing,
        hearing=hearing,
    )
