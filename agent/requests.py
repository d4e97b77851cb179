"""What a cloud asks for: its rights, a repetition answered from memory, then the device."""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from agent.messages import (
    ActionCall,
    Command,
    Outcome,
    PropertySet,
    Refusal,
    RefusalKind,
    Request,
)
from agent.model import Origin, OriginKind

REMEMBERED: Final = 256
REMEMBERED_S: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What one cloud may do."""

    commands: Literal["all", "off_only", "none"] = "all"
    reset_energy: bool = False

    def refusal(self, request: Request) -> Refusal | None:
        """Tell why this cloud may not ask for *request*; None where it may."""
        match request:
            case ActionCall(name="reset_energy") if not self.reset_energy:
                return _forbidden("this cloud may not reset the energy (reset_energy = false)")
            case PropertySet(values=values) if self.commands == "off_only":
                if len(values) == 1 and values.get("power_switch") is False:
                    return None
                return _forbidden('this cloud may only switch off (commands = "off_only")')
            case _ if self.commands == "none":
                return _forbidden('this cloud only watches (commands = "none")')
            case _:
                return None


NO_RIGHTS: Final = Rights(commands="none")
"""Of a cloud that has no section (any more)."""


class Requests:
    """Executes the requests of clouds on one device.

    A request with the same cloud, method, id and payload within 5 minutes gets the same
    outcome and is not executed again; 256 are remembered.
    """

    def __init__(self, execute: Callable[[Command], Outcome], now: Callable[[], float]) -> None:
        self.rights: Mapping[str, Rights] = {}
        self._execute = execute
        self._now = now
        self._answered: OrderedDict[str, tuple[float, Outcome]] = OrderedDict()

    def execute(self, cloud: str, request: Request) -> Outcome:
        """Execute *request* of *cloud*, or answer it from memory."""
        now = self._now()
        key = _key(cloud, request)
        answered = self._answered.get(key)
        if answered is not None and now - answered[0] < REMEMBERED_S:
            return replace(answered[1], is_repeat=True)
        refusal = self.rights.get(cloud, NO_RIGHTS).refusal(request)
        if refusal is not None:
            outcome = Outcome(refusal=refusal)
        else:
            origin = Origin(kind=OriginKind.CLOUD, name=cloud)
            outcome = self._execute(Command(origin=origin, request=request))
        self._answered[key] = (now, outcome)
        self._answered.move_to_end(key)
        if len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        return outcome


def _key(cloud: str, request: Request) -> str:
    name = request.name if isinstance(request, ActionCall) else ""
    parts = (cloud, type(request).__name__, request.request_id, name, dict(request.values))
    return json.dumps(parts, sort_keys=True)


def _forbidden(reason: str) -> Refusal:
    return Refusal(kind=RefusalKind.NOT_ALLOWED, reason=reason)
