"""The methods that record, described; what does it is imported when somebody records."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from agent.app.device import DeviceApp
from agent.control.methods import DEVICE, Described, Param, ParamKind, Params
from agent.model import Origin

if TYPE_CHECKING:
    from agent.app.recordings import Recordings

MOST_BYTES: Final = 64 * 2**20
LONGEST_WHY: Final = 80

SIZE: Final = Param(
    name="max_bytes",
    kind=ParamKind.WHOLE,
    summary="the recording ends when it has so many",
    is_needed=True,
    minimum=1,
    maximum=MOST_BYTES,
)
RECORDING: Final = Param(
    name="recording",
    kind=ParamKind.WHOLE,
    summary="the number that `record_begin` has given",
    is_needed=True,
    minimum=1,
    maximum=2**53,
)
WHY: Final = Param(
    name="why",
    kind=ParamKind.TEXT,
    summary="said in the last line",
    is_needed=True,
    maximum=LONGEST_WHY,
)


class RecordingMethods:
    """Describes the methods, and imports them on first use."""

    def __init__(self, find: Callable[[Params], DeviceApp]) -> None:
        self._find = find
        self._recordings: Recordings | None = None

    @property
    def methods(self) -> tuple[Described, ...]:
        """The methods, described."""
        return (
            Described(
                name="record_begin",
                summary="keep what enters a device and what it decides, from now on",
                run=partial(self._run, "record_begin"),
                params=(DEVICE, SIZE),
            ),
            Described(
                name="record_read",
                summary="fetch the lines that wait",
                run=partial(self._run, "record_read"),
                params=(DEVICE, RECORDING),
            ),
            Described(
                name="record_end",
                summary="end it, and fetch the last lines",
                run=partial(self._run, "record_end"),
                params=(DEVICE, RECORDING, WHY),
            ),
        )

    async def leave(self) -> None:
        """Let whoever records have the last lines, as the service stops."""
        if self._recordings is not None:
            await self._recordings.leave()

    def _run(self, name: str, origin: Origin, params: Params) -> object:
        if self._recordings is None:
            from agent.app.recordings import Recordings  # noqa: PLC0415 - costs a start its time

            self._recordings = Recordings(self._find)
        return self._recordings.table[name](origin, params)
