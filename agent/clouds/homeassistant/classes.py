"""What Home Assistant calls a quantity, by its unit and where that is not enough by its name.

Figures and names: the table of device classes of Home Assistant's sensor integration.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from agent.thing import Field


class Quantity(NamedTuple):
    """A quantity's device class, empty where there is none, and its unit as it is written there."""

    device_class: str
    unit: str


_BY_UNIT: Final[Mapping[str, str]] = {
    "V": "voltage",
    "mV": "voltage",
    "A": "current",
    "mA": "current",
    "W": "power",
    "kW": "power",
    "VA": "apparent_power",
    "var": "reactive_power",
    "Wh": "energy",
    "kWh": "energy",
    "Hz": "frequency",
    "°C": "temperature",
    "°F": "temperature",
    "K": "temperature",
    "lx": "illuminance",
    "Pa": "pressure",
    "hPa": "pressure",
    "kPa": "pressure",
    "bar": "pressure",
    "ms": "duration",
    "s": "duration",
    "min": "duration",
    "h": "duration",
    "d": "duration",
    "mm": "distance",
    "cm": "distance",
    "m": "distance",
    "W/m²": "irradiance",
    "dBm": "signal_strength",
}
"""Units that leave no choice."""

_WRITTEN: Final[Mapping[str, str]] = {"lux": "lx", "℃": "°C", "C": "°C", "Lux": "lx"}
"""Units that are written otherwise there."""

_BY_NAME: Final[tuple[tuple[str, str, str], ...]] = (
    ("%", "humid", "humidity"),
    ("%", "dht11_h", "humidity"),
    ("%", "moist", "moisture"),
    ("%", "battery", "battery"),
    ("ppm", "co2", "carbon_dioxide"),
    ("µg/m³", "pm25", "pm25"),
    ("µg/m³", "pm2_5", "pm25"),
    ("µg/m³", "pm10", "pm10"),
    ("", "power_factor", "power_factor"),
)
"""Unit, a part of the name in small letters, and the class that both mean."""

_NUMBERS: Final = frozenset({"irradiance", "reactive_power", "energy"})
"""Classes that say nothing of a number that is set: it is none that was measured."""


def quantity_of(field: Field) -> Quantity:
    """Tell which quantity a field is."""
    unit = _WRITTEN.get(field.unit, field.unit)
    found = _BY_UNIT.get(unit, "")
    if not found:
        name = field.name.lower()
        fitting = (what for per, part, what in _BY_NAME if per == unit and part in name)
        found = next(fitting, "")
    return Quantity(device_class=found, unit=unit)


def settable_of(field: Field) -> Quantity:
    """Tell which quantity a field is that is set."""
    quantity = quantity_of(field)
    return quantity._replace(device_class="") if quantity.device_class in _NUMBERS else quantity
