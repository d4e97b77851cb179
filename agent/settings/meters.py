"""The sections of meters: `[device.meter]`, told apart by `driver`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal, cast

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.bus import BusSettings
from agent.settings.relays import LineName
from agent.settings.section import Section, driver_or
from agent.settings.taken import pin_name

Coefficient = Annotated[float, Field(gt=0, le=1000)]
Divider = Annotated[float, Field(ge=1, le=100_000)]
Shunt = Annotated[float, Field(ge=0.1, le=1000)]
Share = Annotated[float, Field(ge=0.1, le=10)]
PortName = Annotated[str, Field(min_length=1)]

MOST: Final = 1e9
"""More than any of them may be."""

SAME: Final = 1e-6
"""Two ways to say one coefficient may differ by this share, as texts are rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a chip's registers refresh, in seconds: each (no faster than, stands for).

    What 'changes' sooner than the first is not refreshed; what stands unchanged, and is said to
    be up to date, for the second has been measured again. Of power, and of voltage and current.
    """

    power: tuple[float, float] = (0.2, 0.5)
    rms: tuple[float, float] = (0.75, 1.2)


HLW8032_PACE: Final = Pace()


class ChipSettings(Section):
    """What every metering chip has: the board's scale at its two inputs.

    `kv` is volts per mV at the voltage input, `ki` amperes per mV at the current input, `kp`
    watts per mV². A resistor board may say its `divider` (how many times smaller the voltage
    becomes) and its `shunt_mohm` instead: kv = divider / 1000, ki = 1 / shunt_mohm, kp = kv · ki.
    """

    FULL_SCALE_MV: ClassVar[float] = 495.0
    FULL_SCALE_MA: ClassVar[float] = 30.9
    """The inputs at their ends, in mV rms: volts per kv, amperes per ki (HLW8032, page 7)."""
    PACE: ClassVar[Pace] = HLW8032_PACE

    kv: Coefficient = 3.069
    ki: Coefficient = 1.007
    kp: Coefficient = 3.108
    divider: Divider | None = None
    shunt_mohm: Shunt | None = None
    voltage_from: Literal["load", "mains"] = "load"

    @property
    def full_scale_v(self) -> float:
        """The highest voltage that can be measured, uncalibrated."""
        return self.FULL_SCALE_MV * self.kv

    @property
    def full_scale_a(self) -> float:
        """The highest current that can be measured, uncalibrated."""
        return self.FULL_SCALE_MA * self.ki

    @model_validator(mode="before")
    @classmethod
    def _resistors_are_coefficients(cls, section: object) -> object:
        """Fill in the coefficients that divider and shunt say."""
        if not isinstance(section, Mapping):
            return section
        written = dict(cast("Mapping[str, object]", section))
        kv = _number(written.get("divider"), 1 / 1000)
        shunt_mohm = _number(written.get("shunt_mohm"))
        ki = 1 / shunt_mohm if shunt_mohm else None
        _fill(written, "kv", kv, "divider")
        _fill(written, "ki", ki, "shunt_mohm")
        if kv is not None and ki is not None and "kp" not in written:
            written["kp"] = kv * ki
        return written


class OtherMeterSettings(Section):
    """What a plug-in's meter has to have for a socket: it may be any that gives readings.

    `kv`, `ki` and `kp` multiply what it says; what it can measure at most tells a value that
    cannot be from one that is too high.
    """

    FULL_SCALE_V: ClassVar[float] = 500.0
    FULL_SCALE_A: ClassVar[float] = 100.0
    PACE: ClassVar[Pace] = HLW8032_PACE

    kv: Coefficient = 1.0
    ki: Coefficient = 1.0
    kp: Coefficient = 1.0
    voltage_from: Literal["load", "mains"] = "load"

    @property
    def full_scale_v(self) -> float:
        """The highest voltage that can be measured, uncalibrated."""
        return self.FULL_SCALE_V * self.kv

    @property
    def full_scale_a(self) -> float:
        """The highest current that can be measured, uncalibrated."""
        return self.FULL_SCALE_A * self.ki


def _number(value: object, scale: float = 1.0) -> float | None:
    """Give what is a number, as a variable's text is too; what is none is told by its own key."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number * scale if 0 < number < MOST else None


def _fill(written: dict[str, object], key: str, value: float | None, instead: str) -> None:
    if value is None:
        return
    said = _number(written.setdefault(key, value))
    if said is not None and abs(said - value) > SAME * value:
        context = {"key": key, "allowed": f"{value:g}, which {instead} says, or {key} alone"}
        raise PydanticCustomError("two_scales", "not what the resistors say", context)


class MeterSettings(ChipSettings):
    """An HLW8032 on a serial port, or a CSE7766 or CSE7759B, whose frames are the same."""

    driver: Literal["hlw8032", "cse7766", "cse7759b"] = "hlw8032"
    port: PortName = "/dev/ttyAMA0"
    parity: Literal["E", "N"] = "E"


class Bl0942MeterSettings(ChipSettings):
    """A BL0942 on a serial port (8N1): it answers when it is asked."""

    FULL_SCALE_MV: ClassVar[float] = 70.0
    FULL_SCALE_MA: ClassVar[float] = 35.0
    PACE: ClassVar[Pace] = Pace(power=(0.3, 0.9), rms=(0.3, 0.9))
    """The chip refreshes each 400 ms, or each 800 ms where somebody has set it to (c)."""

    driver: Literal["bl0942"]
    port: PortName = "/dev/ttyAMA0"
    baud: Literal[4800, 9600] = 9600
    """9600 where the pin SCLK_BPS is high, 4800 where it is low."""
    address: Annotated[int, Field(ge=0, le=3)] = 0
    """By the pins A2 and A1 of the larger package; 0 of the smaller."""


class PulseMeterSettings(ChipSettings):
    """An HLW8012 or BL0937: pulses of power on CF, of current or voltage on CF1 as SEL says."""

    PACE: ClassVar[Pace] = Pace(power=(0.15, float("inf")), rms=(0.25, float("inf")))
    """A pulse that does not come measures nothing: only a new one is a measurement."""

    driver: Literal["hlw8012", "bl0937"]
    cf: LineName
    cf1: LineName
    sel: LineName
    sel_high: Literal["voltage", "current"] | None = None
    """What CF1 shows while the line SEL is high; unset: as the chip does."""
    pull: Literal["up", "down", "none"] = "none"
    """Of CF and CF1: an opto-coupler without a resistor of its own needs one."""
    vref: Annotated[float | None, Field(gt=0.1, le=10)] = None
    """The chip's reference in volts; unset: 2.43 of an HLW8012, 1.218 of a BL0937."""

    @property
    def full_scale_v(self) -> float:
        """The highest voltage that can be measured: a BL0937's input ends at 200 mV peak (c)."""
        return (141.0 if self.driver == "bl0937" else self.FULL_SCALE_MV) * self.kv

    @property
    def full_scale_a(self) -> float:
        """The highest current that can be measured: a BL0937's input ends at 50 mV peak (c)."""
        return (35.0 if self.driver == "bl0937" else self.FULL_SCALE_MA) * self.ki

    @property
    def is_high_voltage(self) -> bool:
        """Tell whether SEL is high for the voltage; the two chips are each other's opposite."""
        default = "current" if self.driver == "bl0937" else "voltage"
        return (self.sel_high or default) == "voltage"

    @model_validator(mode="after")
    def _lines_differ(self) -> "PulseMeterSettings":
        taken: dict[str, str] = {}
        for key in ("cf", "cf1", "sel"):
            pin: str = pin_name(getattr(self, key))
            if taken.setdefault(pin, key) != key:
                context = {"key": key, "allowed": f"another line than that of {taken[pin]}"}
                raise PydanticCustomError("same_line", "the same line twice", context)
        return self


class SimulatedMeterSettings(Section):
    """A simulated mains, load and chip; its frames travel through the real serial driver.

    `true_kv`, `true_ki`, `true_kp`: what the board really is, where that is not what `kv`, `ki`
    and `kp` say: a board that measures wrongly, to try calibration on.
    """

    FULL_SCALE_MA: ClassVar[float] = ChipSettings.FULL_SCALE_MA
    PACE: ClassVar[Pace] = ChipSettings.PACE

    driver: Literal["simulated"]
    load: Literal["lamp", "kettle", "phone_charger", "compressor", "overload"] = "lamp"
    mains_v: Annotated[float, Field(ge=0, le=480)] = 230.0
    load_w: Annotated[float | None, Field(ge=0, le=20_000)] = None
    kv: Coefficient = 3.069
    ki: Coefficient = 1.007
    kp: Coefficient = 3.108
    true_kv: Coefficient | None = None
    true_ki: Coefficient | None = None
    true_kp: Coefficient | None = None
    voltage_from: Literal["load", "mains"] = "load"

    @property
    def full_scale_v(self) -> float:
        """The highest voltage that can be measured, uncalibrated."""
        return ChipSettings.FULL_SCALE_MV * self.kv

    @property
    def full_scale_a(self) -> float:
        """The highest current that can be measured, uncalibrated."""
        return self.FULL_SCALE_MA * self.ki


class PzemSettings(BusSettings):
    """A PZEM-004T v3 (or PZEM-016), its voltage taken in front of the relay.

    Its measuring side lives on the mains: behind the relay it would fall silent with each off.
    `kv`, `ki`, `kp` multiply what it says.
    """

    FULL_SCALE_V: ClassVar[float] = 300.0
    """It promises 80 to 260 V; what is far above cannot be."""
    PACE: ClassVar[Pace] = Pace(power=(0.75, 0.9), rms=(0.75, 0.9))
    """Each answer is a measurement of its own: it is asked no more often than it measures."""

    driver: Literal["pzem004t"]
    range_a: Literal[10, 100] = 100
    """10: a shunt on the board; 100: a current transformer."""
    interval_s: Annotated[float, Field(ge=1, le=3)] = 1.0
    """It measures about once a second: to ask sooner would read a measurement twice. A trip needs
    two answers, and an answer may be lost within the longest `meter_lost_s`."""
    kv: Share = 1.0
    ki: Share = 1.0
    kp: Share = 1.0
    voltage_from: Literal["mains"] = "mains"

    @property
    def full_scale_v(self) -> float:
        """The highest voltage that can be measured, uncalibrated."""
        return self.FULL_SCALE_V * self.kv

    @property
    def full_scale_a(self) -> float:
        """The highest current that can be measured, uncalibrated."""
        return self.range_a * self.ki


AnyMeterSettings = Annotated[
    Annotated[MeterSettings, Tag("hlw8032")]
    | Annotated[MeterSettings, Tag("cse7766")]
    | Annotated[MeterSettings, Tag("cse7759b")]
    | Annotated[PulseMeterSettings, Tag("hlw8012")]
    | Annotated[PulseMeterSettings, Tag("bl0937")]
    | Annotated[Bl0942MeterSettings, Tag("bl0942")]
    | Annotated[PzemSettings, Tag("pzem004t")]
    | Annotated[SimulatedMeterSettings, Tag("simulated")],
    Discriminator(driver_or("hlw8032")),
]

SerialMeterSettings = MeterSettings | Bl0942MeterSettings | PzemSettings | SimulatedMeterSettings
"""The meters that are reached over one line; the simulated one's is of our own making."""
