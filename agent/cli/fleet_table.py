"""Many devices as a person reads them: one line each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from agent.cli.asking import Row, row
from agent.cli.table import UNITS, UNKNOWN, value_text

MOST_VALUES: Final = 3
TELLING: Final = ("active_power", "current", "voltage", "total_energy")
"""What a metering device is told by; another by its first values."""

HEADS: Final = ("device", "is", "values", "clouds", "note")


def fleet_text(devices: Sequence[Row]) -> str:
    """Lay devices out below each other, and count those that need a person."""
    cells = [HEADS, *(_cells(device) for device in devices)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(HEADS))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    noted = sum(bool(_note(device)) for device in devices)
    lines.append(f"{len(devices)} devices, {noted} with a note; polycloud status DEVICE says more")
    return "\n".join(lines)


def _cells(device: Row) -> tuple[str, ...]:
    properties = row(device.get("properties"))
    ident = str(device.get("id", UNKNOWN))
    return ident, _position(device, properties), _values(device), _clouds(device), _note(device)


def _position(device: Row, properties: Row) -> str:
    """Tell where its switch stands."""
    value = properties.get(str(device.get("switch")))
    return value_text(value, "") if isinstance(value, bool) else UNKNOWN


def _values(device: Row) -> str:
    units: Mapping[str, object] = {**UNITS, **row(device.get("units"))}
    properties = row(device.get("properties"))
    told = [name for name in TELLING if name in properties] or list(properties)
    known = [
        value_text(properties[name], str(units.get(name) or ""))
        for name in told
        if isinstance(properties[name], int | float) and not isinstance(properties[name], bool)
    ]
    return ", ".join(known[:MOST_VALUES]) or UNKNOWN


def _clouds(device: Row) -> str:
    clouds = row(device.get("clouds"))
    return ", ".join(_cloud(name, row(cloud)) for name, cloud in clouds.items()) or "none"


def _cloud(name: str, cloud: Row) -> str:
    if cloud.get("connected"):
        return name
    return f"{name} DOWN ({cloud.get('pending', UNKNOWN)} wait)"


def _note(device: Row) -> str:
    return "; ".join(_notes(device))


def _notes(device: Row) -> Iterator[str]:
    if device.get("error"):
        yield f"NOT WORKING: {device['error']}"
    trip = row(device.get("trip"))
    if trip:
        yield f"TRIPPED: {trip.get('text') or trip.get('cause')}"
    fault = row(device.get("fault"))
    if fault:
        yield f"FAULT: {fault.get('text') or fault.get('name')}"
    for output, error in row(device.get("output_errors")).items():
        yield f"{output or 'relay'} DOES NOT OBEY: {error}"
    if device.get("meter_error"):
        yield f"meter: {device['meter_error']}"
    for sensor, error in row(device.get("sensor_errors")).items():
        yield f"{sensor}: {error}"
    if device.get("temperature_error"):
        yield f"temperature: {device['temperature_error']}"
