"""A device that is declared in its file: sensors, switches and dimmers, each by its name."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.dimmers import AnyDimmerSettings
from agent.settings.kind import DeviceSettings
from agent.settings.locate import KeyPath
from agent.settings.names import nearest
from agent.settings.relays import ModbusRelaySettings, RelaySettings, UsbRelaySettings
from agent.settings.section import Section, driver_or
from agent.settings.sensors import AnySensorSettings
from agent.settings.taken import lines_of

MOST_SENSORS: Final = 64
MOST_SWITCHES: Final = 16
MOST_DIMMERS: Final = 16
WIDEST: Final = 1e12
"""No value is larger: what a sensor's range may reach, so that its steps can be counted."""
FINEST: Final = 1e-6

PARTS: Final = "one [device.sensors.NAME], [device.switches.NAME] or [device.dimmers.NAME] at least"
NAMES: Final = "a letter, then up to 31 letters, digits or '_'"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}", re.ASCII)

OF_A_SOCKET: Final = frozenset(
    {"trip", "low_voltage", "hardware_fault", "notice", "reset_energy", "total_energy", "timers"}
    | {"count_down", "count_down_to", "count_down_list"}
)
"""Names that mean something of their own to a cloud's wire form."""
OF_RULES: Final = frozenset(
    {"when", "and", "for", "after", "between", "rest", "on", "off", "toggle", "set", "event"}
    | {"preset", "true", "false"}
)
"""Words of the language of rules and schedules."""


def _checked_name(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise PydanticCustomError("part_name", "no name", {"allowed": NAMES})
    if name in OF_A_SOCKET | OF_RULES:
        taken = "a word of the rules" if name in OF_RULES else "a name that a socket gives"
        context = {"found": taken, "allowed": "a name that means nothing else"}
        raise PydanticCustomError("part_name", "a name that is taken", context)
    return name


PartName = Annotated[str, AfterValidator(_checked_name)]


class TitledSettings(Section):
    """What the contact of a generic device has beside a socket's."""

    title: str = ""
    title_zh: str = ""


class SwitchSettings(TitledSettings, RelaySettings):
    """A contact of a generic device: on a GPIO line, or simulated."""

    @model_validator(mode="after")
    def _a_line_is_named(self) -> "SwitchSettings":
        if self.driver != "simulated" and "pin" not in self.model_fields_set:
            context = {"key": "pin", "allowed": 'the name of a GPIO line, such as "GPIO4"'}
            raise PydanticCustomError("no_pin", "no pin", context)
        return self


class ModbusSwitchSettings(TitledSettings, ModbusRelaySettings):
    """A contact of a generic device: a coil of a relay board on a Modbus line."""


class UsbSwitchSettings(TitledSettings, UsbRelaySettings):
    """A contact of a generic device: a channel of a USB relay board."""


AnySwitchSettings = Annotated[
    Annotated[SwitchSettings, Tag("auto")]
    | Annotated[SwitchSettings, Tag("gpiod")]
    | Annotated[SwitchSettings, Tag("gpiozero")]
    | Annotated[SwitchSettings, Tag("simulated")]
    | Annotated[ModbusSwitchSettings, Tag("modbus")]
    | Annotated[UsbSwitchSettings, Tag("usb_serial")],
    Discriminator(driver_or("auto")),
]


class GenericSettings(DeviceSettings):
    """A generic device: `[device]` with its subsections; a part's key is its property's name."""

    kind: Literal["generic"]  # pyright: ignore[reportIncompatibleVariableOverride] -- it is frozen
    sensors: Annotated[
        dict[PartName, AnySensorSettings],
        Field(max_length=MOST_SENSORS, description=f"up to {MOST_SENSORS} sensors"),
    ] = Field(default_factory=dict[str, AnySensorSettings])
    switches: Annotated[
        dict[PartName, AnySwitchSettings],
        Field(max_length=MOST_SWITCHES, description=f"up to {MOST_SWITCHES} switches"),
    ] = Field(default_factory=dict[str, AnySwitchSettings])
    dimmers: Annotated[
        dict[PartName, AnyDimmerSettings],
        Field(max_length=MOST_DIMMERS, description=f"up to {MOST_DIMMERS} dimmers"),
    ] = Field(default_factory=dict[str, AnyDimmerSettings])
    main: str = ""
    """The switch that a bare on, off or toggle means; '': the first one."""
    accept_stored_on: bool = True
    """Whether a command from while we were offline may switch on."""

    @property
    def main_switch(self) -> str | None:
        """Name the switch that a bare on, off or toggle means; None without any."""
        return self.main or next(iter(self.switches), None)

    @property
    def roles(self) -> Mapping[str, Mapping[str, Section]]:
        """The parts by their names, by what they are to the device."""
        return {"sensors": self.sensors, "switches": self.switches, "dimmers": self.dimmers}

    @property
    def parts(self) -> Mapping[str, Section]:
        """Every part by its name."""
        return {**self.sensors, **self.switches, **self.dimmers}

    @property
    def own_names(self) -> tuple[str, ...]:
        """The names that a cloud's section may rename."""
        return tuple(self.parts)

    @property
    def lines(self) -> Mapping[KeyPath, str]:
        """The GPIO lines that it names."""
        return {
            (role, name, key): line
            for role, parts in self.roles.items()
            for name, part in parts.items()
            for key, line in lines_of(part).items()
        }

    @model_validator(mode="after")
    def _parts_fit_together(self) -> "GenericSettings":
        if not self.parts:
            raise PydanticCustomError("no_parts", "no parts", {"key": "sensors", "allowed": PARTS})
        for role, name, before in _twice(self):
            context: dict[str, object] = {
                "key": (role, name),
                "found": f"{name}, which [device.{before}.{name}] is called too",
                "allowed": "a name of its own for each part",
            }
            raise PydanticCustomError("twice", "a name twice", context)
        return self

    @model_validator(mode="after")
    def _main_is_a_switch(self) -> "GenericSettings":
        if self.main and self.main not in self.switches:
            known = tuple(self.switches)
            allowed = " | ".join(known) or "nothing: there is no switch"
            context = {"key": "main", "allowed": allowed, "hint": nearest(self.main, known)}
            raise PydanticCustomError("main", "no switch", context)
        return self

    @model_validator(mode="after")
    def _ranges_and_steps_can_be(self) -> "GenericSettings":
        for name, each in self.sensors.items():
            low, high = each.range
            if not -WIDEST <= low < high <= WIDEST:
                allowed = f"[lowest, highest], in this order, each up to {WIDEST:g} either way"
                context = {"key": ("sensors", name, "range"), "allowed": allowed}
                raise PydanticCustomError("range_order", "no range", context)
            if each.step < FINEST:
                context = {"key": ("sensors", name, "step"), "allowed": f"{FINEST:g} to 1000"}
                raise PydanticCustomError("fine_step", "too fine", context)
            if each.scale == 0:
                context = {"key": ("sensors", name, "scale"), "allowed": "a number other than 0"}
                raise PydanticCustomError("no_scale", "says nothing", context)
        return self

    @model_validator(mode="after")
    def _changes_are_of_its_own(self) -> "GenericSettings":
        known = (*self.sensors, *self.dimmers)
        for name in self.reporting.change:
            if name not in known:
                context = {
                    "key": ("reporting", "change", name),
                    "found": "an unknown name",
                    "allowed": " | ".join(known) or "nothing: a switch is always due",
                    "hint": nearest(name, known),
                }
                raise PydanticCustomError("reported", "not a name of the thing", context)
        return self


def _twice(device: GenericSettings) -> Iterator[tuple[str, str, str]]:
    """Find parts with the name of an earlier one."""
    holders: dict[str, str] = {}
    for role, parts in device.roles.items():
        for name in parts:
            before = holders.setdefault(name, role)
            if before != role:
                yield role, name, before
