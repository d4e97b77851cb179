"""The sections of a power strip's file: a socket's, with several outlets for its one relay."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.device import SocketSettings
from agent.settings.locate import KeyPath
from agent.settings.meters import AnyMeterSettings, MeterSettings
from agent.settings.names import THING_NAMES
from agent.settings.relays import (
    AnyRelaySettings,
    ModbusRelaySettings,
    RelaySettings,
    UsbRelaySettings,
)
from agent.settings.section import Section, driver_or

FEWEST: Final = 2
MOST: Final = 8


def switch_name(output: str) -> str:
    """Name the property of an outlet."""
    return f"power_switch_{output}"


class NamedSettings(Section):
    """What an outlet has beside a contact: what people call it."""

    name: Annotated[str, Field(max_length=32)] = ""


class OutletSettings(NamedSettings, RelaySettings):
    """An outlet on a GPIO line, or a simulated one."""

    @model_validator(mode="after")
    def _a_line_is_named(self) -> "OutletSettings":
        if self.driver != "simulated" and "pin" not in self.model_fields_set:
            context = {"key": "pin", "allowed": 'the name of a GPIO line, such as "GPIO17"'}
            raise PydanticCustomError("no_pin", "no pin", context)
        return self


class ModbusOutletSettings(NamedSettings, ModbusRelaySettings):
    """An outlet on a coil of a relay board on a Modbus line."""


class UsbOutletSettings(NamedSettings, UsbRelaySettings):
    """An outlet on a channel of a USB relay board."""


AnyOutletSettings = Annotated[
    Annotated[OutletSettings, Tag("auto")]
    | Annotated[OutletSettings, Tag("gpiod")]
    | Annotated[OutletSettings, Tag("gpiozero")]
    | Annotated[OutletSettings, Tag("simulated")]
    | Annotated[ModbusOutletSettings, Tag("modbus")]
    | Annotated[UsbOutletSettings, Tag("usb_serial")],
    Discriminator(driver_or("auto")),
]


class WholeSettings(RelaySettings):
    """What stands for the relay of a socket: a strip drives its outlets, and nothing else."""

    driver: Literal["simulated"] = "simulated"  # pyright: ignore[reportIncompatibleVariableOverride] -- it is frozen
    pin: Literal["outlets"] = "outlets"  # pyright: ignore[reportIncompatibleVariableOverride] -- it is frozen
    min_off_s: Annotated[float, Field(ge=0, le=0)] = 0


class StripSettings(SocketSettings):
    """A strip: `[device]` with its subsections, and `[[device.outlets]]` in their order.

    One meter stands before all contacts: it measures the sum, and the mains whatever is closed.
    """

    kind: Literal["strip"]  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride] -- it is frozen
    meter: AnyMeterSettings = Field(default_factory=MeterSettings)
    relay: WholeSettings = Field(default_factory=WholeSettings)  # pyright: ignore[reportIncompatibleVariableOverride] -- it is frozen
    outlets: Annotated[
        tuple[AnyOutletSettings, ...],
        Field(
            min_length=FEWEST,
            max_length=MOST,
            description=f"{FEWEST} to {MOST} tables [[device.outlets]]",
        ),
    ]

    @property
    def by_output(self) -> Mapping[str, AnyOutletSettings]:
        """The outlets by the names of their outputs, which are their numbers from 1 on."""
        return {str(number): each for number, each in enumerate(self.outlets, start=1)}

    @property
    def own_names(self) -> tuple[str, ...]:
        """The names that a cloud's section may rename."""
        return (*THING_NAMES, *(switch_name(output) for output in self.by_output))

    @property
    def contacts(self) -> Mapping[KeyPath, AnyRelaySettings]:
        """The sections of its contacts."""
        return {("outlets", place): each for place, each in enumerate(self.outlets)}

    @model_validator(mode="before")
    @classmethod
    def _has_outlets_for_a_relay(cls, data: object) -> object:
        if isinstance(data, Mapping) and "relay" in data:
            context = {"key": "relay", "allowed": "[[device.outlets]], one for each contact"}
            raise PydanticCustomError("strip_relay", "a strip has no [device.relay]", context)
        return data  # pyright: ignore[reportUnknownVariableType] -- isinstance cannot tell a mapping's types

    @field_validator("meter")
    @classmethod
    def _measures_before_the_contacts(cls, meter: AnyMeterSettings) -> AnyMeterSettings:
        if "voltage_from" in meter.model_fields_set and meter.voltage_from == "load":
            context = {"key": "voltage_from", "allowed": '"mains": one meter before all contacts'}
            raise PydanticCustomError("strip_meter", "'load'", context)
        return meter.model_copy(update={"voltage_from": "mains"})
