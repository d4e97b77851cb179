"""The control method of the light."""

from collections.abc import Callable
from typing import Final, cast

from agent.app.device import DeviceApp
from agent.control.methods import DEVICE, Described, Param, ParamKind, Params
from agent.devices.inputs import Identify
from agent.devices.socket.noting import FIND_MOST_S
from agent.errors import ControlError
from agent.model import Origin

DEFAULT_S: Final = 30.0

SECONDS: Final = Param(
    name="seconds",
    kind=ParamKind.NUMBER,
    summary=f"for how long, {DEFAULT_S:g} where it is left out; 0 ends it",
    maximum=FIND_MOST_S,
)


class Lights:
    """Lets a device show itself to a person."""

    def __init__(self, find: Callable[[Params], DeviceApp]) -> None:
        self._find = find

    @property
    def methods(self) -> tuple[Described, ...]:
        """The methods, described."""
        return (
            Described(
                name="identify",
                summary="Let the light show which device this is.",
                run=self._identify,
                params=(DEVICE, SECONDS),
            ),
        )

    def _identify(self, origin: Origin, params: Params) -> object:
        device = self._find(params)
        if device.parts.indicator is None:
            raise ControlError(
                f'{device.name} has no light to show itself by (device.indicator.driver = "none")'
            )
        seconds = cast("float | None", params.get("seconds"))
        shown_s = DEFAULT_S if seconds is None else float(seconds)
        device.runtime.dispatch(Identify(seconds=shown_s, origin=origin))
        return {"device": device.name, "seconds": shown_s}
