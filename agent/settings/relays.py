"""The sections of contacts: where they are, and what becomes of them at start and stop."""

from typing import Annotated, Literal

from pydantic import Field

from agent.settings.section import Section

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
