"""The sections of contacts: where they are, and what becomes of them at start and stop."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from agent.settings.bus import BusSettings, SerialPath, Timeout
from agent.settings.section import Section, driver_or

Policy = Literal["off", "on", "restore"]

LineName = Annotated[str, Field(min_length=1, description="the name of a GPIO line")]


class StartPolicy(Section):
    """What the contact does when the service starts, by cause."""

    first: Policy = "off"
    restart: Policy = "off"
    crash: Policy = "off"
    update: Policy = "off"
    reboot: Policy = "off"
    power_loss: Policy = "off"


class ContactSettings(Section):
    """What every contact has, however it is driven: its policy."""

    min_off_s: Annotated[float, Field(ge=0, le=3600)] = 1
    on_start: Policy | StartPolicy = "off"
    on_stop: Literal["off", "keep"] = "off"

    @property
    def policy(self) -> "ContactSettings":
        """What becomes of the contact at start and stop: this very section."""
        return self


class RelaySettings(ContactSettings):
    """A contact on a GPIO line, or a simulated one."""

    driver: Literal["auto", "gpiod", "gpiozero", "simulated"] = "auto"
    pin: LineName = "GPIO17"
    active_high: bool = True
    state_file: str | None = None
    """Simulated only: where the contact's level is kept, as a GPIO line outlives a process."""


CheckInterval = Annotated[float, Field(ge=1, le=3600)]


class ModbusRelaySettings(ContactSettings, BusSettings):
    """A coil of a relay board on a Modbus line."""

    driver: Literal["modbus"]
    coil: Annotated[int, Field(ge=0, le=65535)] = 0
    inverted: bool = False
    """The contact is closed while the coil is off: the normally closed side."""
    check_s: CheckInterval = 5
    """So often the board is asked where the coil stands."""

    @property
    def active_high(self) -> bool:
        """Tell whether the coil is on while the contact is closed."""
        return not self.inverted


class UsbRelaySettings(ContactSettings):
    """A contact of a USB relay board that shows up as a serial port (LCUS-1, -2, -4, -8)."""

    driver: Literal["usb_serial"]
    port: SerialPath
    protocol: Literal["lcus", "lcus_status"] = "lcus"
    """lcus_status: the board answers a query, so that each command can be confirmed."""
    channel: Annotated[int, Field(ge=1, le=32)] = 1
    inverted: bool = False
    timeout_s: Timeout = 0.3
    check_s: CheckInterval = 5
    """So often the board is asked, or told again where it cannot answer."""

    @property
    def active_high(self) -> bool:
        """Tell whether the board's relay is on while the contact is closed."""
        return not self.inverted

    @property
    def line(self) -> str:
        """How the port is used, in words: contacts that share it say the same."""
        return f"a board of protocol {self.protocol}"


AnyRelaySettings = Annotated[
    Annotated[RelaySettings, Tag("auto")]
    | Annotated[RelaySettings, Tag("gpiod")]
    | Annotated[RelaySettings, Tag("gpiozero")]
    | Annotated[RelaySettings, Tag("simulated")]
    | Annotated[ModbusRelaySettings, Tag("modbus")]
    | Annotated[UsbRelaySettings, Tag("usb_serial")],
    Discriminator(driver_or("auto")),
]
