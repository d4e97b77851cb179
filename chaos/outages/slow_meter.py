"""The meter of a day in virtual time: few readings, and all of the energy."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from agent.drivers.simulated.appliances import make
from agent.drivers.simulated.plant import Plant
from agent.model import COUNTER_MODULUS, Factors, Reading, Register
from chaos.world import PULSE_PJ

READING_S: Final = 1.9
"""The chip sends twenty times as often; what is decided from its frames is not what is tried."""


class SlowMeter:
    """What the chip would measure without noise, now and then; the plant outlives the agent."""

    def __init__(self) -> None:
        self._at = asyncio.get_running_loop().time()
        self._energy_j = 0.0
        self.plant = Plant(make("lamp"), now=self._at)

    def set_contact(self, *, on: bool) -> None:
        """Follow the relay."""
        self.plant.set_contact(on=on, now=asyncio.get_running_loop().time())

    def plug(self, load: str, power_w: float) -> None:
        """Plug another load in."""
        self.plant.plug(make(load, power_w), now=asyncio.get_running_loop().time())

    def set_mains(self, volts: float) -> None:
        """Change the voltage of the mains."""
        self.plant.set_mains(volts, now=asyncio.get_running_loop().time())

    def rescale(self, factors: Factors) -> None:
        """Stay as it is: nobody calibrates."""

    async def readings(self) -> AsyncGenerator[Reading, None]:
        """Yield what there is to measure."""
        while True:
            await asyncio.sleep(READING_S)
            yield self._measure(asyncio.get_running_loop().time())

    def _measure(self, now: float) -> Reading:
        supply = self.plant.at(now)
        self._energy_j += supply.power_w * (now - self._at)
        self._at = now
        return Reading(
            voltage_v=supply.load_v,
            current_a=supply.current_a,
            power_w=supply.power_w,
            pulses=int(self._energy_j * 1e12 / PULSE_PJ) % COUNTER_MODULUS,
            pulse_pj=PULSE_PJ,
            voltage=_register(supply.load_v),
            current=_register(supply.current_a),
            power=_register(supply.power_w),
        )


def _register(value: float) -> Register:
    return Register(raw=round(value * 1e4), value=value, is_updated=True)
