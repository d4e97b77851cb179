"""The methods that calibrate, described; what does it is imported when somebody calibrates."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from agent.app.device import DeviceApp
from agent.control.methods import DEVICE, Described, Param, ParamKind, Params
from agent.model import Origin

if TYPE_CHECKING:
    from agent.app.calibrating import Calibrations


def _reference(name: str, what: str) -> Param:
    summary = f"what a reference meter shows{what}"
    return Param(name=name, kind=ParamKind.NUMBER, summary=summary, maximum=1e6)


REFERENCES: Final = (
    _reference("voltage_v", " (V)"),
    _reference("current_a", " (A)"),
    _reference("power_w", " (W)"),
)
FORCE: Final = Param(
    name="force", kind=ParamKind.SWITCH, summary="also where the factors are far from 1"
)
PREVIEW: Final = Param(
    name="preview", kind=ParamKind.SWITCH, summary="only show what it would change"
)
SUMMARIES: Final = {
    "calibration_begin": "begin to sample the meter",
    "calibration_read": "how far the sampling is",
    "calibration_end": "end it, and change nothing",
    "calibrate": "make the meter agree with a reference meter",
    "calibration_undo": "take the last calibration back",
    "calibration_list": "the calibrations, and what is in force",
}


class CalibrationMethods:
    """Describes the methods, and imports them on first use."""

    def __init__(self, find: Callable[[Params], DeviceApp]) -> None:
        self._find = find
        self._calibrations: Calibrations | None = None

    @property
    def methods(self) -> tuple[Described, ...]:
        """The methods, described."""
        return tuple(
            Described(
                name=name,
                summary=summary,
                run=partial(self._run, name),
                params=(DEVICE, *REFERENCES, FORCE, PREVIEW) if name == "calibrate" else (DEVICE,),
            )
            for name, summary in SUMMARIES.items()
        )

    def _run(self, name: str, origin: Origin, params: Params) -> object:
        if self._calibrations is None:
            from agent.app.calibrating import Calibrations  # noqa: PLC0415 - costs a start 10 ms

            self._calibrations = Calibrations(self._find)
        return self._calibrations.table[name](origin, params)
