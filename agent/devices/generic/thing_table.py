"""What a generic device has: the table that clouds, command line and documents walk."""

from collections.abc import Iterator

from agent.devices.events import HARDWARE_FAULT, NOTICE
from agent.devices.generic.sensing import is_whole
from agent.devices.generic.state import State
from agent.devices.generic.switching import is_meant_on
from agent.model import Value
from agent.settings.dimmers import DimmerSettings
from agent.settings.generic import AnySwitchSettings, GenericSettings
from agent.settings.sensors import SensorSettings
from agent.thing import Field, Kind, Property, Thing

KIND = "generic"
PERCENT = "%"


def thing_of(settings: GenericSettings) -> Thing[State]:
    """Make the table: sensors, switches and dimmers, in the order of the file."""
    drives = bool(settings.switches or settings.dimmers)
    return Thing(
        kind=KIND,
        properties=tuple(_rows(settings)),
        events=(HARDWARE_FAULT, NOTICE) if drives else (NOTICE,),
        switch=settings.main_switch,
        is_verbatim=True,
    )


def _rows(settings: GenericSettings) -> Iterator[Property[State]]:
    yield from (_sensor(name, each) for name, each in settings.sensors.items())
    yield from (_switch(name, each) for name, each in settings.switches.items())
    yield from (_dimmer(name, each) for name, each in settings.dimmers.items())


def _sensor(name: str, section: SensorSettings) -> Property[State]:
    def read(state: State, now: float) -> Value | None:
        del now
        return state.sensors[name].value

    return Property(
        field=_sensor_field(name, section),
        read=read,
        default_change=_written(section.change),
        in_history=True,
    )


def _sensor_field(name: str, section: SensorSettings) -> Field:
    title, title_zh = _titles(name, section)
    if section.is_binary:
        return Field(name=name, kind=Kind.BOOL, title=title, title_zh=title_zh)
    low, high = section.range
    return Field(
        name=name,
        kind=Kind.INT if is_whole(section) else Kind.FLOAT,
        title=title,
        title_zh=title_zh,
        unit=section.unit,
        minimum=low,
        maximum=high,
        step=section.step,
    )


def _switch(name: str, section: AnySwitchSettings) -> Property[State]:
    title, title_zh = _titles(name, section)

    def read(state: State, now: float) -> bool:
        del now
        return state.switches[name].is_on

    return Property(
        field=Field(name=name, kind=Kind.BOOL, title=title, title_zh=title_zh),
        read=read,
        position=lambda state: is_meant_on(state.switches[name]),
        is_writable=True,
        in_history=True,
    )


def _dimmer(name: str, section: DimmerSettings) -> Property[State]:
    title, title_zh = _titles(name, section)

    def read(state: State, now: float) -> int:
        del now
        return state.dimmers[name].level

    return Property(
        field=Field(
            name=name, kind=Kind.INT, title=title, title_zh=title_zh, unit=PERCENT, maximum=100
        ),
        read=read,
        version=lambda state: state.dimmers[name].level,
        position=lambda state: state.dimmers[name].level,
        is_writable=True,
        in_history=True,
    )


def _titles(
    name: str, section: SensorSettings | AnySwitchSettings | DimmerSettings
) -> tuple[str, str]:
    title = section.title or name
    return title, section.title_zh or title


def _written(change: float | str) -> str:
    """Write a reportable change as it is read: without an exponent."""
    return change if isinstance(change, str) else f"{change:.9f}"
