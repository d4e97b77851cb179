"""A model of the BL0942: registers that refresh each 400 ms, and a counter of large pulses."""

import math
from collections.abc import Callable
from typing import Final, Literal

from agent.drivers.bl0942.decoder import (
    FULL_SCALE_MA,
    FULL_SCALE_MV,
    I_RMS_PER_MV,
    V_RMS_PER_MV,
    WATT_PER_MV2,
    WATT_SECONDS,
    Scale,
)
from agent.drivers.bl0942.packet import COUNTER_BITS, POWER_CREEPS, POWER_REVERSED, Packet
from agent.drivers.simulated.plant import Supply
from agent.drivers.simulated.portions import Portions

STEP_S: Final = 0.02
REFRESH_S: Final = 0.4
PERIOD_50_HZ: Final = 20_000
CREEP: Final = 600
"""Below this WATT is shown as zero, and no pulse is counted."""


class Bl0942Chip:
    """The chip behind a board's resistors; time only moves by `advance`.

    *is_reversed*: the shunt was soldered the other way round, and the power is negative.
    """

    def __init__(
        self,
        supply: Callable[[float], Supply],
        scale: Scale,
        *,
        voltage_from: Literal["load", "mains"] = "load",
        now: float = 0.0,
        pulses: int = 0,
        is_reversed: bool = False,
    ) -> None:
        self._supply = supply
        self._scale = scale
        self._is_behind_contact = voltage_from == "load"
        self._sign = -1 if is_reversed else 1
        self._now = now
        self._pulses = pulses
        self._portions = Portions(WATT_SECONDS)
        self._sums = [0.0, 0.0, 0.0, 0.0]
        self._registers = (0, 0, 0)
        self._fast = 0

    def advance(self, to: float) -> None:
        """Measure until *to*."""
        while to - self._now > 1e-9:
            span_s = min(STEP_S, to - self._now)
            self._step(self._supply(self._now), span_s)
            self._now += span_s

    def _step(self, supply: Supply, span_s: float) -> None:
        scale = self._scale
        volts = supply.load_v if self._is_behind_contact else supply.mains_v
        mv = min(volts / scale.kv, FULL_SCALE_MV)
        ma = min(supply.current_a / scale.ki, FULL_SCALE_MA)
        clipped = ma * scale.ki / supply.current_a if supply.current_a else 1.0
        watt = supply.power_w * clipped / scale.kp * WATT_PER_MV2
        watt = watt if watt >= CREEP else 0.0
        self._pulses += len(self._portions.add(watt, self._now, span_s))
        self._fast = round(ma * I_RMS_PER_MV)
        for place, value in enumerate((mv * mv, ma * ma, watt, 1.0)):
            self._sums[place] += value * span_s
        if self._sums[3] >= REFRESH_S - STEP_S / 2:
            self._refresh()

    def _refresh(self) -> None:
        mv2, ma2, watt, elapsed_s = self._sums
        self._registers = (
            round(math.sqrt(ma2 / elapsed_s) * I_RMS_PER_MV),
            round(math.sqrt(mv2 / elapsed_s) * V_RMS_PER_MV),
            self._sign * round(watt / elapsed_s),
        )
        self._sums = [0.0, 0.0, 0.0, 0.0]

    def packet(self) -> Packet:
        """Make the answer that the chip gives now."""
        i_rms, v_rms, watt = self._registers
        return Packet(
            i_rms=i_rms,
            v_rms=v_rms,
            i_fast_rms=self._fast,
            watt=watt,
            pulses=self._pulses % (1 << COUNTER_BITS),
            period=PERIOD_50_HZ,
            status=(POWER_REVERSED if watt < 0 else 0) | (0 if watt else POWER_CREEPS),
        )
