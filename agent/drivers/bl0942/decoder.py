"""Packets → readings: the chip's constants, the board's coefficients, and what cannot be."""

from dataclasses import dataclass
from typing import Final

from agent.drivers.bl0942.packet import COUNTER_BITS, Packet
from agent.drivers.gate import Evidence, Gate
from agent.model import Factors, Reading, Register

VREF_V: Final = 1.218
V_RMS_PER_MV: Final = 73_989 / VREF_V
I_RMS_PER_MV: Final = 305_978 / VREF_V
WATT_PER_MV2: Final = 3_537 / VREF_V**2
"""What the registers show for 1 mV, and 1 mV² at PF 1, at the inputs (data sheet V1.06)."""

WATT_SECONDS: Final = 1638.4 * 256
"""A pulse is counted each time when the register WATT, summed over seconds, comes to this."""

FULL_SCALE_MV: Final = 70.0
FULL_SCALE_MA: Final = 35.0
"""Inputs in mV rms at which the chip is at its end: ±100 mV and ±50 mV of peak."""

CHIP: Final = 0x0942


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The board's coefficients: V, A and W for 1 mV or mV² at the chip's inputs."""

    kv: float
    ki: float
    kp: float

    def scaled(self, factors: Factors) -> "Scale":
        """Multiply by a calibration."""
        return Scale(
            kv=self.kv * factors.voltage, ki=self.ki * factors.current, kp=self.kp * factors.power
        )

    @property
    def pulse_pj(self) -> int:
        """The energy of one pulse of the counter."""
        return round(WATT_SECONDS / WATT_PER_MV2 * self.kp * 1e12)

    def gate(self) -> Gate:
        """Make the gate of what can be measured."""
        return Gate(FULL_SCALE_MV * self.kv, FULL_SCALE_MA * self.ki)


class Decoder:
    """Turns the packets of one chip into readings.

    The chip has neither update bits nor factory constants: every register is said in every
    answer, and *address* is all that tells it from another. The sign of the power is dropped,
    as the chip's own counter drops it: it says which way round the shunt was soldered.
    """

    def __init__(self, scale: Scale, address: int = 0) -> None:
        self._chip = (CHIP, address)
        self._scale = scale
        self._gate = scale.gate()

    def rescale(self, scale: Scale) -> None:
        """Decode by another scale from the next packet on; what is held moves with it."""
        before, self._scale = self._scale, scale
        ratios = Factors(
            voltage=scale.kv / before.kv, current=scale.ki / before.ki, power=scale.kp / before.kp
        )
        self._gate.rescale(FULL_SCALE_MV * scale.kv, FULL_SCALE_MA * scale.ki, ratios)

    def decode(self, packet: Packet) -> Reading:
        """Judge one good packet."""
        scale = self._scale
        return self._gate.judge(
            Evidence(
                voltage=_register(packet.v_rms, scale.kv / V_RMS_PER_MV),
                current=_register(packet.i_rms, scale.ki / I_RMS_PER_MV),
                power=_register(abs(packet.watt), scale.kp / WATT_PER_MV2),
                pulses=packet.pulses,
                modulus=1 << COUNTER_BITS,
                pulse_pj=scale.pulse_pj,
                chip=self._chip,
            )
        )


def _register(raw: int, unit: float) -> Register:
    return Register(raw=raw, value=raw * unit, is_updated=True)
