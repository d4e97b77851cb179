"""What people plug in: each a function of time since it got power, and of the voltage."""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

NOMINAL_V: Final = 230.0


class Draw(NamedTuple):
    """What an appliance takes at one moment (RMS over a cycle of the mains)."""

    current_a: float
    power_w: float


NO_DRAW: Final = Draw(0.0, 0.0)

Appliance = Callable[[float, float], Draw]
"""(seconds since it got power, volts) → draw."""


def resistor(power_w: float, since_s: float, volts: float) -> Draw:
    """Draw as a heater or a filament lamp does: *power_w* at 230 V, and PF 1."""
    del since_s
    current_a = power_w / NOMINAL_V**2 * volts
    return Draw(current_a, current_a * volts)


def electronics(power_w: float, power_factor: float, since_s: float, volts: float) -> Draw:
    """Draw as a switch-mode supply does: the same power at any voltage that it can work with."""
    del since_s
    if volts < 80:
        return NO_DRAW
    return Draw(power_w / (power_factor * volts), power_w)


def compressor(power_w: float, since_s: float, volts: float) -> Draw:
    """Draw as a motor of PF 0.7 does: eight times as much while it starts, for 0.4 s."""
    running = resistor(power_w, since_s, volts)
    factor = 8.0 if since_s < 0.4 else 1.0
    return Draw(running.current_a * factor / 0.7, running.power_w * factor)


def overload(power_w: float, since_s: float, volts: float) -> Draw:
    """Draw far too much for ten seconds, then nothing, as if a fuse had blown."""
    return resistor(power_w, since_s, volts) if since_s < 10 else NO_DRAW


def make(name: str, power_w: float | None = None) -> Appliance:
    """Make an appliance by its name in the configuration, of another power if one is given."""
    match name:
        case "lamp":
            return partial(resistor, 60.0 if power_w is None else power_w)
        case "kettle":
            return partial(resistor, 900.0 if power_w is None else power_w)
        case "phone_charger":
            return partial(electronics, 5.0 if power_w is None else power_w, 0.5)
        case "compressor":
            return partial(compressor, 150.0 if power_w is None else power_w)
        case "overload":
            return partial(overload, 3680.0 if power_w is None else power_w)
        case _:
            raise ValueError(f"no appliance is called {name!r}")
