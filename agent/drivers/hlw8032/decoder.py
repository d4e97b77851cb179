"""Frames → readings: coefficients, the State and Data Update bits, and what cannot be."""

from dataclasses import dataclass
from typing import Final

from agent.drivers.hlw8032 import track
from agent.drivers.hlw8032.frame import (
    COUNTER_TOGGLED,
    CURRENT_NEAR_ZERO,
    CURRENT_UPDATED,
    POWER_NEAR_ZERO,
    POWER_UPDATED,
    VOLTAGE_NEAR_ZERO,
    VOLTAGE_UPDATED,
    Frame,
    Parameters,
)
from agent.drivers.hlw8032.track import NOTHING, Bounds, Quantity, Track, follow, rescaled
from agent.model import Factors, Reading, Register
from agent.quick import quick

NO_VOLTAGE_V: Final = 10.0
"""Below this the chip measures its own noise."""

NO_LOAD_A: Final = 0.05
"""Below this, and without any power, a current is noise."""

FULL_SCALE_MV: Final = 495.0
FULL_SCALE_MA: Final = 30.9
"""Inputs in mV rms at which the chip is at its end (manual, page 7): V per Kv, A per Ki."""

Registers = tuple[Register, Register, Register]
Quantities = tuple[Quantity, Quantity, Quantity]

UNHEARD: Final = Track()

MARGIN: Final = 1.1
POWER_MARGIN_W: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """The board's scale: V = kv·VP/VR, I = ki·IP/IR, P = kp·PP/PR."""

    kv: float
    ki: float
    kp: float

    def scaled(self, factors: Factors) -> "Coefficients":
        """Multiply by a calibration."""
        return Coefficients(
            kv=self.kv * factors.voltage,
            ki=self.ki * factors.current,
            kp=self.kp * factors.power,
        )

    @property
    def most_v(self) -> float:
        """The highest voltage that can be read."""
        return MARGIN * FULL_SCALE_MV * self.kv

    @property
    def most_a(self) -> float:
        """The highest current that can be read."""
        return MARGIN * FULL_SCALE_MA * self.ki


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What came of one frame: each quantity with its status, and the reading for the device."""

    voltage: Quantity
    current: Quantity
    power: Quantity
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """What a decoder knows between two frames."""

    parameters: Parameters | None = None
    voltage: Track = UNHEARD
    current: Track = UNHEARD
    power: Track = UNHEARD


UNDECODED: Final = Decoding()


class Decoder:
    """Turns the frames of one chip into readings and remembers what a frame may hold.

    *trusts_first* publishes the first value of a quantity at once, as a recording wants it; a
    live meter waits for a second frame. The memory ends when the chip's parameters change.
    """

    def __init__(
        self,
        coefficients: Coefficients,
        decoding: Decoding = UNDECODED,
        *,
        trusts_first: bool = False,
    ) -> None:
        self._trusts_first = trusts_first
        self._parameters = decoding.parameters
        self._voltage, self._current = decoding.voltage, decoding.current
        self._power = decoding.power
        self._take(coefficients)

    @property
    def decoding(self) -> Decoding:
        """What it knows now: a decoder that begins with it goes on where this one is."""
        return Decoding(
            parameters=self._parameters,
            voltage=self._voltage,
            current=self._current,
            power=self._power,
        )

    def rescale(self, coefficients: Coefficients) -> None:
        """Decode with other coefficients from the next frame on; what is held moves with them."""
        before = self._scale
        self._take(coefficients)
        self._voltage = rescaled(self._voltage, coefficients.kv / before.kv)
        self._current = rescaled(self._current, coefficients.ki / before.ki)
        self._power = rescaled(self._power, coefficients.kp / before.kp)

    def _take(self, coefficients: Coefficients) -> None:
        """Scale values, the worth of a pulse, and what can be."""
        self._scale = coefficients
        self._last: Decoded | None = None
        self._shown: tuple[int, ...] = ()
        self._micro_kp = round(coefficients.kp * 1e6)
        most_v, most_a = coefficients.most_v, coefficients.most_a
        self._voltage_bounds = Bounds(ceiling=most_v, clip=most_v, floor=NO_VOLTAGE_V)
        self._current_bounds = Bounds(ceiling=most_a, clip=most_a)
        self._no_load_bounds = Bounds(ceiling=most_a, clip=most_a, floor=NO_LOAD_A)

    def decode(self, frame: Frame) -> Decoded:
        """Judge one good frame."""
        shown = _shown(frame)
        if self._last is not None and shown == self._shown:
            return self._again(self._last, frame)
        self._shown = shown
        self._last = decoded = self._judge(frame)
        if any(each.suspect is not None for each in (self._voltage, self._current, self._power)):
            self._last = None
        return decoded

    def _again(self, last: Decoded, frame: Frame) -> Decoded:
        """Say the same of a frame that shows the same, and in which nothing waits: but it counts.

        A chip shows a register until it refreshes it, so that most frames are such.
        """
        known = last.reading
        reading = Reading(
            voltage_v=known.voltage_v,
            current_a=known.current_a,
            power_w=known.power_w,
            pulses=frame.pulses,
            pulse_pj=known.pulse_pj,
            voltage=known.voltage,
            current=known.current,
            power=known.power,
            chip=known.chip,
        )
        return Decoded(
            voltage=last.voltage, current=last.current, power=last.power, reading=reading
        )

    def _judge(self, frame: Frame) -> Decoded:
        registers = _registers(frame, self._scale)
        if not frame.has_usable_parameters:
            return self._decoded(frame, registers, (NOTHING, NOTHING, NOTHING))
        if frame.parameters != self._parameters:
            self._parameters = frame.parameters
            self._voltage = self._current = self._power = Track()
        is_idle = frame.is_near_zero(POWER_NEAR_ZERO)
        voltage = self._judge_voltage(registers, is_idle=is_idle)
        # A held power is not known to be zero, so only the chip's own flag counts.
        current = self._judge_current(registers[1], is_idle=is_idle)
        power = self._judge_power(registers[2], frame.pulses)
        return self._decoded(frame, registers, (voltage, current, power))

    def _judge_voltage(self, registers: Registers, *, is_idle: bool) -> Quantity:
        voltage, current, _ = registers
        # A current that flows without a voltage is not believed from one frame alone.
        is_odd = not is_idle and current.is_updated and (current.value or 0.0) >= NO_LOAD_A
        is_low = voltage.value is not None and voltage.value < NO_VOLTAGE_V
        trusts = self._trusts_first and not (is_odd and is_low)
        self._voltage, quantity = follow(
            self._voltage, voltage, track.VOLTAGE, self._voltage_bounds, trusts_first=trusts
        )
        return quantity

    def _judge_current(self, register: Register, *, is_idle: bool) -> Quantity:
        bounds = self._no_load_bounds if is_idle else self._current_bounds
        self._current, quantity = follow(
            self._current, register, track.CURRENT, bounds, trusts_first=self._trusts_first
        )
        return quantity

    def _judge_power(self, register: Register, pulses: int) -> Quantity:
        held, bound = self._power.value, register.value
        if not register.is_updated and held is not None and bound is not None:
            # The register counts the time since the last pulse: no more power than this flows.
            self._power = Track(value=min(held, bound))
        bounds, trusts = self._power_bounds(pulses), self._trusts_first
        self._power, quantity = follow(
            self._power, register, track.POWER, bounds, trusts_first=trusts
        )
        return quantity

    def _power_bounds(self, pulses: int) -> Bounds:
        most = ceiling = self._voltage_bounds.clip * self._current_bounds.clip
        voltage_v, current_a = self._voltage.value, self._current.value
        if voltage_v is not None and current_a is not None:
            ceiling = min(most, MARGIN * voltage_v * current_a + POWER_MARGIN_W)
        return Bounds(ceiling=ceiling, clip=most, pulses=pulses, pulse_pj=self._pulse_pj())

    def _pulse_pj(self) -> int:
        return 0 if self._parameters is None else self._parameters.pp * self._micro_kp

    def _decoded(self, frame: Frame, registers: Registers, quantities: Quantities) -> Decoded:
        voltage, current, power = quantities
        reading = Reading(
            voltage_v=voltage.value,
            current_a=current.value,
            power_w=power.value,
            pulses=frame.pulses,
            pulse_pj=self._pulse_pj(),
            voltage=registers[0],
            current=registers[1],
            power=registers[2],
            chip=self._parameters or (),
        )
        return Decoded(voltage=voltage, current=current, power=power, reading=reading)


def _shown(frame: Frame) -> tuple[int, ...]:
    """Take out of a frame all that it shows, but for the pulse counter."""
    update = frame.update & ~COUNTER_TOGGLED
    return (
        update,
        frame.state,
        frame.vr,
        frame.ir,
        frame.pr,
        frame.vp,
        frame.ip,
        frame.pp,
    )


def _registers(frame: Frame, scale: Coefficients) -> Registers:
    """Scale the three registers, before any judgement."""
    return (
        _register(frame, frame.vr, scale.kv * frame.vp, (VOLTAGE_NEAR_ZERO, VOLTAGE_UPDATED)),
        _register(frame, frame.ir, scale.ki * frame.ip, (CURRENT_NEAR_ZERO, CURRENT_UPDATED)),
        _register(frame, frame.pr, scale.kp * frame.pp, (POWER_NEAR_ZERO, POWER_UPDATED)),
    )


def _register(frame: Frame, raw: int, scale: float, bits: tuple[int, int]) -> Register:
    near_zero, updated = bits
    value: float | None = None
    if frame.has_usable_parameters:
        if frame.is_near_zero(near_zero):
            value = 0.0
        elif raw:
            value = scale / raw
    return Register(raw=raw, value=value, is_updated=frame.is_updated(updated))
