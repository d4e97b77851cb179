"""A model of the HLW8032: what it measures, when each register refreshes, and its frames.

Where a datasheet is silent the model follows captured frames: voltage and current about once a
second, power about every 0.3 s, the update bit of power falling 1.1 s after the last pulse.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from agent.drivers.hlw8032.decoder import FULL_SCALE_MA, FULL_SCALE_MV, Coefficients
from agent.drivers.hlw8032.frame import (
    CURRENT_UPDATED,
    FRAME_PERIOD_S,
    POWER_NEAR_ZERO,
    POWER_UPDATED,
    SATURATED,
    STATE_FLAGS,
    STATE_GOOD,
    VOLTAGE_NEAR_ZERO,
    VOLTAGE_UPDATED,
    Frame,
    Parameters,
    serialize,
)
from agent.drivers.simulated.plant import Supply
from agent.model import COUNTER_MODULUS

PARAMETERS: Final = Parameters(vp=187_000, ip=15_830, pp=5_115_000)
"""Those of the reference socket's chip."""

RMS_WINDOW_S: Final = 1.0
POWER_WINDOW_S: Final = 0.3
PULSE_IS_RECENT_S: Final = 1.1
STEP_S: Final = 0.02
MOST_STEPS: Final = 2000
NOISE_MA: Final = 0.034
NOISE_MV: Final = 0.4
ROLLED_OVER: Final = 128
_RESERVED_BIT: Final = 0x01


@dataclass(slots=True)
class _Rms:
    """Voltage and current over the running window, and what the last whole one gave."""

    squared_v: float = 0.0
    squared_a: float = 0.0
    elapsed_s: float = 0.0
    volts: float | None = None
    amperes: float | None = None

    def add(self, volts: float, amperes: float, span_s: float) -> None:
        self.squared_v += volts * volts * span_s
        self.squared_a += amperes * amperes * span_s
        self.elapsed_s += span_s
        if self.elapsed_s < RMS_WINDOW_S - STEP_S / 2:
            return
        self.volts = math.sqrt(self.squared_v / self.elapsed_s)
        self.amperes = math.sqrt(self.squared_a / self.elapsed_s)
        self.squared_v = self.squared_a = self.elapsed_s = 0.0


@dataclass(slots=True)
class _Pulses:
    """The pulse output: one pulse for each portion of energy, and the time between them."""

    portion_j: float
    last_at: float
    count: int = 0
    energy_j: float = 0.0
    period_us: int = 0
    timed_from: float | None = None
    timed: int = 0
    is_near_zero: bool = True
    counts_on: bool = False

    def add(self, power_w: float, start: float, span_s: float) -> None:
        if power_w <= 0:
            return
        at = start
        left_j = power_w * span_s
        while self.energy_j + left_j >= self.portion_j:
            needed_j = self.portion_j - self.energy_j
            left_j -= needed_j
            at += needed_j / power_w
            self.energy_j = 0.0
            self._emit(at)
        self.energy_j += left_j

    def _emit(self, at: float) -> None:
        self.count = (self.count + 1) % COUNTER_MODULUS
        self.last_at = at
        if self.timed_from is None:
            self.timed_from = at
            return
        self.timed += 1
        if at - self.timed_from >= POWER_WINDOW_S:
            self.period_us = max(1, round((at - self.timed_from) / self.timed * 1e6))
            self.timed_from, self.timed = at, 0
            self.is_near_zero = False

    def register(self, now: float) -> tuple[int, bool]:
        """Tell the power register, and whether it holds a finished measurement."""
        idle_s = now - self.last_at
        if idle_s * 1e6 >= SATURATED:
            self.is_near_zero, self.timed_from, self.timed = True, None, 0
        is_updated = not self.is_near_zero and idle_s <= PULSE_IS_RECENT_S
        if is_updated:
            return min(self.period_us, SATURATED), True
        idle_us = round(idle_s * 1e6)
        if idle_us < SATURATED:
            return idle_us, False
        if not self.counts_on:
            return SATURATED, False
        # As captured of a CSE7766: one frame says 128, and then it counts on.
        since_us = (idle_us - SATURATED) % SATURATED
        return ROLLED_OVER if since_us < FRAME_PERIOD_S * 1e6 else since_us, False


class Chip:
    """The chip behind a board's transformers; *supply* tells what there is at any moment.

    Time only moves by `advance`. *has_noise* gives a voltage input without voltage the noise
    that an isolated board shows, instead of the chip's 'near zero'. *is_cse*: its power register
    rolls over where an HLW8032's holds, as a CSE7766's does.
    """

    def __init__(  # noqa: PLR0913 - what a board and its chip are
        self,
        supply: Callable[[float], Supply],
        coefficients: Coefficients,
        *,
        voltage_from: Literal["load", "mains"] = "load",
        now: float = 0.0,
        parameters: Parameters = PARAMETERS,
        has_noise: bool = False,
        is_cse: bool = False,
    ) -> None:
        self._supply = supply
        self._scale = coefficients
        self._is_behind_contact = voltage_from == "load"
        self._now = now
        self._parameters = parameters
        self._floor_v = NOISE_MV * coefficients.kv if has_noise else 0.0
        self._rms = _Rms()
        portion_j = parameters.pp * coefficients.kp * 1e-6
        self._pulses = _Pulses(portion_j=portion_j, last_at=now, counts_on=is_cse)

    @property
    def portion_j(self) -> float:
        """The energy of one pulse."""
        return self._pulses.portion_j

    def advance(self, to: float) -> None:
        """Measure until *to*, in steps of a cycle of the mains (longer after a pause)."""
        step_s = max(STEP_S, (to - self._now) / MOST_STEPS)
        while to - self._now > 1e-9:
            span_s = min(step_s, to - self._now)
            self._measure(self._supply(self._now), span_s)
            self._now += span_s

    def _measure(self, supply: Supply, span_s: float) -> None:
        volts = supply.load_v if self._is_behind_contact else supply.mains_v
        volts = min(volts, FULL_SCALE_MV * self._scale.kv)
        most_a = FULL_SCALE_MA * self._scale.ki
        clipped = min(1.0, most_a / supply.current_a) if supply.current_a else 1.0
        self._rms.add(volts, supply.current_a * clipped, span_s)
        self._pulses.add(supply.power_w * clipped, self._now, span_s)

    def frame(self) -> bytes:
        """Make the frame that the chip sends now."""
        vr, voltage_bits = self._voltage_register()
        ir, current_bits = self._current_register()
        pr, is_updated = self._pulses.register(self._now)
        flags = voltage_bits[0] | (POWER_NEAR_ZERO if self._pulses.is_near_zero else 0)
        update = _RESERVED_BIT | voltage_bits[1] | current_bits
        frame = Frame(
            state=STATE_FLAGS | flags if flags else STATE_GOOD,
            update=update | (POWER_UPDATED if is_updated else 0),
            vp=self._parameters.vp,
            vr=vr,
            ip=self._parameters.ip,
            ir=ir,
            pp=self._parameters.pp,
            pr=pr,
            pulses=self._pulses.count,
            checksum=0,
        )
        return serialize(frame)

    def _voltage_register(self) -> tuple[int, tuple[int, int]]:
        """Tell the register with its bits in State and in Data Update."""
        volts = self._rms.volts
        if volts is None:
            return SATURATED, (0, 0)
        volts = max(volts, self._floor_v)
        period = _period(self._scale.kv * self._parameters.vp, volts)
        return period, ((VOLTAGE_NEAR_ZERO, 0) if period == SATURATED else (0, VOLTAGE_UPDATED))

    def _current_register(self) -> tuple[int, int]:
        """Tell the register with its bit in Data Update; a fresh chip has 0 in it."""
        if self._rms.amperes is None:
            return 0, 0
        amperes = max(self._rms.amperes, NOISE_MA * self._scale.ki)
        return _period(self._scale.ki * self._parameters.ip, amperes), CURRENT_UPDATED


def _period(scale: float, value: float) -> int:
    return SATURATED if value * SATURATED <= scale else max(1, round(scale / value))
