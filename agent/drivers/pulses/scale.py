"""What a pulse a second means: the chips' formulas, and the board's coefficients."""

from dataclasses import dataclass
from typing import Final

from agent.model import Factors

OSCILLATOR_HZ: Final = 3_579_000
"""An HLW8012's own, typically; each chip has another (3.04 to 4.12 MHz): calibrate (c)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A kind of chip: mV, mV² for one pulse a second at a reference of 1 V, and its ends."""

    vref_v: float
    voltage_mv: float
    current_mv: float
    power_mv2: float
    most_mv: float
    most_ma: float


HLW8012: Final = Chip(
    vref_v=2.43,
    voltage_mv=1e3 * 256 / OSCILLATOR_HZ,
    current_mv=1e3 * 512 / 24 / OSCILLATOR_HZ,
    power_mv2=1e6 * 64 / 24 / OSCILLATOR_HZ,
    most_mv=495.0,
    most_ma=30.9,
)
BL0937: Final = Chip(
    vref_v=1.218,
    voltage_mv=1e3 / 15_397,
    current_mv=1e3 / 94_638,
    power_mv2=1e6 / 1_721_506,
    most_mv=141.0,
    most_ma=35.0,
)
CHIPS: Final = {"hlw8012": HLW8012, "bl0937": BL0937}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A chip of reference *vref_v* on a board of *kv*, *ki*, *kp*."""

    chip: Chip
    kv: float
    ki: float
    kp: float
    vref_v: float

    def scaled(self, factors: Factors) -> "Scale":
        """Multiply by a calibration."""
        return Scale(
            chip=self.chip,
            kv=self.kv * factors.voltage,
            ki=self.ki * factors.current,
            kp=self.kp * factors.power,
            vref_v=self.vref_v,
        )

    @property
    def volts(self) -> float:
        """Volts for one pulse a second."""
        return self.kv * self.vref_v * self.chip.voltage_mv

    @property
    def amperes(self) -> float:
        """Amperes for one pulse a second."""
        return self.ki * self.vref_v * self.chip.current_mv

    @property
    def pulse_j(self) -> float:
        """Watts for one pulse a second: joules a pulse."""
        return self.kp * self.vref_v**2 * self.chip.power_mv2

    @property
    def most_v(self) -> float:
        """The highest voltage that can be measured."""
        return self.chip.most_mv * self.kv

    @property
    def most_a(self) -> float:
        """The highest current that can be measured."""
        return self.chip.most_ma * self.ki
