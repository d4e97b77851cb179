"""How much a meter can show at most."""

from typing import Final

from agent.settings.device import AnyMeterSettings
from agent.settings.pzem import PzemSettings

FULL_SCALE_MA: Final = 30.9
"""The HLW8032's current input at its end, in mA: amperes per ki."""


def full_scale_a(meter: AnyMeterSettings) -> float:
    """Tell the most amperes that *meter*, as it is configured, can show."""
    if isinstance(meter, PzemSettings):
        return meter.full_scale_a
    return FULL_SCALE_MA * meter.ki
