"""A state after a frame: the one copy that every frame of the meter makes, ten a second."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypedDict, Unpack

from agent.devices.socket.contact import ContactWatch, FaultName
from agent.devices.socket.energy import Energy
from agent.devices.socket.evidence import Evidence
from agent.devices.socket.state import Metering, State
from agent.devices.socket.voltage import VoltageWatch
from agent.quick import changer


class Seen(TypedDict):
    """What a frame changes."""

    evidence: Evidence
    voltage: VoltageWatch
    is_overloaded: bool
    contact: ContactWatch
    fault: FaultName | None
    energy: Energy
    metering: Metering


_changed: Final[Callable[..., State]] = changer(State, tuple(Seen.__annotations__))


def after_frame(state: State, **seen: Unpack[Seen]) -> State:
    """Give what `replace` gives, in a sixth of its time: that grows with all fields of a state."""
    if type(state) is not State:
        return replace(state, **seen)
    return _changed(state, **seen)
