"""A state after a frame: the one copy that every frame of the meter makes, ten a second."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Final, TypedDict, Unpack

from agent.devices.socket.contact import ContactWatch, FaultName
from agent.devices.socket.energy import Energy
from agent.devices.socket.evidence import Evidence
from agent.devices.socket.state import Metering, State
from agent.devices.socket.voltage import VoltageWatch


class Seen(TypedDict):
    """What a frame changes."""

    evidence: Evidence
    voltage: VoltageWatch
    is_overloaded: bool
    contact: ContactWatch
    fault: FaultName | None
    energy: Energy
    metering: Metering


_SLOTS: Final = tuple(
    (each.name, State.__dict__[each.name].__get__, State.__dict__[each.name].__set__)
    for each in fields(State)
)


def after_frame(state: State, **seen: Unpack[Seen]) -> State:
    """Give what `replace` gives, in half its time: that grows with all fields of a state."""
    if type(state) is not State:
        return replace(state, **seen)
    changes: Mapping[str, object] = seen
    after = object.__new__(State)
    for name, read, write in _SLOTS:
        write(after, changes[name] if name in changes else read(state))
    return after
