"""What a strip has: all that a socket has, and a switch for each outlet."""

from functools import partial
from typing import Final, cast

from agent.devices.socket.thing_table import ACTIONS, EVENTS, MEASURES, PROPERTIES
from agent.devices.strip.state import Outlet, StripState
from agent.devices.strip.wishes import WHOLE
from agent.settings.strip import StripSettings, switch_name
from agent.thing import Field, Kind, Property, Thing

WHOLE_ROW: Final = 1
"""The switches of the outlets stand behind the one of the whole strip."""


def thing_of(settings: StripSettings) -> Thing[StripState]:
    """Make the thing table of a strip: its outlets are called what the file calls them."""
    properties = cast("tuple[Property[StripState], ...]", PROPERTIES)
    switches = tuple(
        _switch(place, output, outlet.name)
        for place, (output, outlet) in enumerate(settings.by_output.items())
    )
    return Thing(
        kind="strip",
        properties=(*properties[:WHOLE_ROW], *switches, *properties[WHOLE_ROW:]),
        events=EVENTS,
        actions=ACTIONS,
        switch=WHOLE,
        measures=cast("tuple[Property[StripState], ...]", MEASURES),
    )


def _switch(place: int, output: str, name: str) -> Property[StripState]:
    return Property(
        field=Field(
            name=switch_name(output),
            kind=Kind.BOOL,
            title=name or f"Outlet {output}",
            title_zh=name or f"插座{output}",
        ),
        read=lambda state, _now: state.outlets[place].is_on,
        position=partial(_position, place),
        is_writable=True,
    )


def _position(place: int, state: StripState) -> bool:
    outlet: Outlet = state.outlets[place]
    return state.is_meant_on and outlet.is_wanted
