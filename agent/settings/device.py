"""The sections of a socket's file: board, meter, relay, button, light, protection, reporting."""

from typing import Annotated, Literal

from pydantic import Field

from agent.settings.section import Section

Coefficient = Annotated[float, Field(gt=0, le=1000)]
Policy = Literal["off", "on", "restore"]


class MeterSettings(Section):
    """An HLW8032 on a serial port."""

    driver: Literal["hlw8032"] = "hlw8032"
    port: Annotated[str, Field(min_length=1)] = "/dev/ttyAMA0"
    parity: Literal["E", "N"] = "E"
    kv: Coefficient = 3.069
    ki: Coefficient = 1.007
    kp: Coefficient = 3.108
    voltage_from: Literal["load", "mains"] = "load"


class SimulatedMeterSettings(Section):
    """A simulated mains, load and chip; its frames travel through the real serial driver."""

    driver: Literal["simulated"]
    load: Literal["lamp", "kettle", "phone_charger", "compressor", "overload"] = "lamp"
    mains_v: Annotated[float, Field(ge=0, le=480)] = 230.0
    load_w: Annotated[float | None, Field(ge=0, le=20_000)] = None
    kv: Coefficient = 3.069
    ki: Coefficient = 1.007
    kp: Coefficient = 3.108
    voltage_from: Literal["load", "mains"] = "load"


class StartPolicy(Section):
    """What the contact does when the service starts, by cause."""

    first: Policy = "off"
    restart: Policy = "off"
    crash: Policy = "off"
    update: Policy = "off"
    reboot: Policy = "off"
    power_loss: Policy = "off"


class RelaySettings(Section):
    """The contact and its policy."""

    driver: Literal["auto", "gpiod", "gpiozero", "simulated"] = "auto"
    pin: Annotated[str, Field(min_length=1)] = "GPIO17"
    active_high: bool = True
    min_off_s: Annotated[float, Field(ge=0, le=3600)] = 1
    on_start: Policy | StartPolicy = "off"
    on_stop: Literal["off", "keep"] = "off"
    state_file: str | None = None
    """Simulated only: where the contact's level is kept, as a GPIO line outlives a process."""


class ButtonSettings(Section):
    """The push button."""

    driver: Literal["gpiozero", "gpiod", "simulated", "none"] = "gpiozero"
    pin: Annotated[str, Field(min_length=1)] = "GPIO27"


class IndicatorSettings(Section):
    """The light."""

    driver: Literal["rpi_ws281x", "spi", "rgb", "simulated", "none"] = "rpi_ws281x"
    brightness: Annotated[float, Field(ge=0, le=1)] = 1.0
    pin: str = "GPIO10"
    """GPIO10 is SPI0 MOSI: no root, no clash with audio; GPIO18 is PWM and needs root."""


class ProtectionSettings(Section):
    """The limits of the socket; no cloud, page or command moves them past the hardware."""

    rated_current_a: Annotated[float, Field(gt=0, le=16)] = 5.0
    rated_power_w: Annotated[float, Field(gt=0, le=4000)] = 1100.0
    profile: Literal["bands", "reference"] = "bands"
    reset: Literal["any", "local"] = "any"
    accept_stored_on: bool = True
    meter_lost: Literal["open", "keep"] = "open"


class ReportingSettings(Section):
    """When a value is reported."""

    min_interval_s: Annotated[float, Field(ge=0.1, le=3600)] = 5
    max_interval_s: Annotated[float, Field(ge=1, le=86_400)] = 300
    change: dict[str, float | str] = Field(default_factory=dict[str, float | str])


class SocketSettings(Section):
    """A socket: `[device]` with its subsections."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
    kind: Literal["socket"]
    name: str = ""
    board: Literal["code504", "direct", "custom"] = "code504"
    clouds: tuple[str, ...] = ()
    meter: MeterSettings | SimulatedMeterSettings = Field(
        default_factory=MeterSettings, discriminator="driver"
    )
    relay: RelaySettings = Field(default_factory=RelaySettings)
    button: ButtonSettings = Field(default_factory=ButtonSettings)
    indicator: IndicatorSettings = Field(default_factory=IndicatorSettings)
    protection: ProtectionSettings = Field(default_factory=ProtectionSettings)
    reporting: ReportingSettings = Field(default_factory=ReportingSettings)
