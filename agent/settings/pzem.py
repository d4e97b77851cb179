"""The section of a PZEM-004T v3: a meter on a Modbus line."""

from typing import Annotated, Literal

from pydantic import Field

from agent.settings.bus import BusSettings

Share = Annotated[float, Field(ge=0.1, le=10)]


class PzemSettings(BusSettings):
    """A PZEM-004T v3 (or PZEM-016), its voltage taken in front of the relay.

    Its measuring side lives on the mains: behind the relay it would fall silent with each off.
    `kv`, `ki`, `kp` multiply what it says.
    """

    driver: Literal["pzem004t"]
    range_a: Literal[10, 100] = 100
    """10: a shunt on the board; 100: a current transformer."""
    interval_s: Annotated[float, Field(ge=1, le=10)] = 1.0
    """It measures about once a second: to ask sooner would read a measurement twice."""
    kv: Share = 1.0
    ki: Share = 1.0
    kp: Share = 1.0
    voltage_from: Literal["mains"] = "mains"

    @property
    def full_scale_a(self) -> float:
        """The most that it can measure."""
        return self.range_a * self.ki
