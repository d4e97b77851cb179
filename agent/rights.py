"""What one cloud may ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from agent.messages import ActionCall, PropertySet, Refusal, RefusalKind, Request
from agent.model import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What one cloud may do: live, stored, countdown and actions alike."""

    commands: Literal["all", "off_only", "none"] = "all"
    reset_energy: bool = False
    outputs: Mapping[str, Value] = field(default_factory=lambda: {"power_switch": False})
    """The properties that stand for an output of its device, each with the value that opens it."""

    def refusal(self, request: Request) -> Refusal | None:
        """Tell why this cloud may not ask for *request*; None where it may."""
        match request:
            case _ if self.commands == "none":
                return _forbidden('this cloud only watches (commands = "none")')
            case _ if self.commands == "off_only" and not self._only_switches_off(request):
                return _forbidden('this cloud may only switch off (commands = "off_only")')
            case ActionCall(name="reset_energy") if not self.reset_energy:
                return _forbidden("this cloud may not reset the energy (reset_energy = false)")
            case _:
                return None

    def _only_switches_off(self, request: Request) -> bool:
        """Tell whether *request* opens outputs and does nothing else."""
        values = request.values
        return (
            isinstance(request, PropertySet)
            and bool(values)
            and all(opens(self.outputs, name, value) for name, value in values.items())
        )


def opens(outputs: Mapping[str, Value], name: str, value: Value) -> bool:
    """Tell whether *value* opens the output *name*: 0 is no off of a switch."""
    off = outputs.get(name)
    return type(value) is type(off) and value == off


NO_RIGHTS: Final = Rights(commands="none")
"""Of a cloud that has no section (any more)."""


def _forbidden(reason: str) -> Refusal:
    return Refusal(kind=RefusalKind.NOT_ALLOWED, reason=reason)
