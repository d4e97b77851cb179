"""What one cloud may ask for."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from agent.messages import ActionCall, PropertySet, Refusal, RefusalKind, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What one cloud may do: live, stored, countdown and actions alike."""

    commands: Literal["all", "off_only", "none"] = "all"
    reset_energy: bool = False
    outputs: Collection[str] = ("power_switch",)
    """The properties that stand for an output of its device."""

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
            and all(name in self.outputs and value == 0 for name, value in values.items())
        )


NO_RIGHTS: Final = Rights(commands="none")
"""Of a cloud that has no section (any more)."""


def _forbidden(reason: str) -> Refusal:
    return Refusal(kind=RefusalKind.NOT_ALLOWED, reason=reason)
