"""The registers of a PZEM-004T v3 → a reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.errors import DriverError
from agent.model import Factors, Reading, Register

REGISTERS: Final = 10
"""Voltage, current, power, energy, frequency, power factor, alarm: read in one go from 0."""

MARGIN: Final = 1.1
MOST_V: Final = 300.0
"""It promises 80 to 260 V; what is far above cannot be."""

POWER_MARGIN_W: Final = 5.0

PULSE_PJ: Final = 3_600 * 10**12
"""Its energy register counts whole watt-hours."""

_KIND: Final = 0x0043


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What multiplies what the chip says, and the most that its current input can carry."""

    kv: float = 1.0
    ki: float = 1.0
    kp: float = 1.0
    range_a: float = 100.0

    def scaled(self, factors: Factors) -> "Scale":
        """Multiply by a calibration's factors."""
        return Scale(
            kv=self.kv * factors.voltage,
            ki=self.ki * factors.current,
            kp=self.kp * factors.power,
            range_a=self.range_a,
        )


def decode(registers: Sequence[int], scale: Scale, address: int) -> Reading:
    """Read what one answer says; raise `DriverError` where it is not one of a PZEM-004T."""
    if len(registers) != REGISTERS:
        raise DriverError(f"found {len(registers)} registers; a PZEM-004T v3 answers {REGISTERS}")
    amperes, watts, watt_hours = (_long(registers, at) for at in (1, 3, 5))
    voltage = _register(registers[0], 0.1 * scale.kv)
    current = _register(amperes, 0.001 * scale.ki)
    power = _register(watts, 0.1 * scale.kp)
    voltage_v = _within(voltage, MARGIN * MOST_V * scale.kv)
    current_a = _within(current, MARGIN * scale.range_a * scale.ki)
    most_w = None if voltage_v is None or current_a is None else MARGIN * voltage_v * current_a
    return Reading(
        voltage_v=voltage_v,
        current_a=current_a,
        power_w=None if most_w is None else _within(power, most_w + POWER_MARGIN_W),
        pulses=watt_hours,
        pulse_pj=round(PULSE_PJ * scale.kp),
        voltage=voltage,
        current=current,
        power=power,
        chip=(_KIND, address),
        modulus=1 << 32,
    )


def _long(registers: Sequence[int], at: int) -> int:
    """Read 32 bits, the lower word first."""
    return registers[at] | registers[at + 1] << 16


def _register(raw: int, unit: float) -> Register:
    """Each answer is a measurement of its own: it is asked no more often than it measures."""
    return Register(raw=raw, value=raw * unit, is_updated=True)


def _within(register: Register, most: float) -> float | None:
    value = register.value
    return None if value is None or value > most else value
