"""What `polycloud calibrate` says: pure text of the agent's answers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, cast

from agent.cli.asking import Row, row, rows

UNITS: Final[Mapping[str, str]] = {"voltage": "V", "current": "A", "power": "W"}
DIGITS: Final[Mapping[str, int]] = {"voltage": 1, "current": 3, "power": 1}
COEFFICIENT_OF: Final[Mapping[str, str]] = {"voltage": "kv", "current": "ki", "power": "kp"}

INTRODUCTION: Final = """\
This makes the socket measure what a reference meter measures.

Plug in a load that only makes heat, of 40 W or more: a kettle, a heater, a filament lamp.
No motor, no charger, no LED lamp, nothing with electronics or a thermostat that switches.
The reference is a good plug-in meter between socket and load, or a multimeter. Bigger loads
calibrate better; fill a kettle to the top, so that it does not boil too soon."""


def texts_of(value: object) -> list[str]:
    """Read a list of sentences of an answer."""
    return [str(each) for each in cast("list[object]", value)] if isinstance(value, list) else []


def quantity_text(name: str, value: object) -> str:
    """Write a quantity with its unit: '229.9 V'."""
    if not isinstance(value, int | float):
        return "–"
    return f"{value:.{DIGITS[name]}f} {UNITS[name]}"


def progress_text(progress: Row) -> str:
    """Write one line: how many measurements of each, and their means."""
    registers = row(progress.get("registers"))
    return "   ".join(_register_text(name, row(registers.get(name))) for name in UNITS)


def _register_text(name: str, register: Row) -> str:
    count, needed = register.get("measurements", 0), register.get("needed", 0)
    spread = register.get("spread_percent")
    varies = f" ±{spread:.1f}%" if isinstance(spread, int | float) else ""
    return f"{name} {count}/{needed} {quantity_text(name, register.get('mean'))}{varies}"


def change_text(answer: Row) -> str:
    """Write measured, reference and change of each quantity, then the coefficients."""
    lines = [f"{'':10}{'measured':>12}{'reference':>12}{'change':>10}"]
    for name, value in row(answer.get("registers")).items():
        compared = row(value)
        measured = quantity_text(name, compared.get("measured"))
        reference = quantity_text(name, compared.get("reference"))
        lines.append(f"{name:10}{measured:>12}{reference:>12}{_percent(compared):>10}")
    return "\n".join([*lines, "", coefficients_text(answer)])


def coefficients_text(answer: Row) -> str:
    """Write the coefficients as they were and as they are to be."""
    old, new = row(answer.get("old")), row(answer.get("new"))
    return "\n".join(
        f"{coefficient} ({name}): {_number(old.get(coefficient))} → {_number(new.get(coefficient))}"
        for name, coefficient in COEFFICIENT_OF.items()
    )


def list_text(answer: Row) -> str:
    """Write the coefficients in force, and every change that is kept."""
    configured, in_force = row(answer.get("configured")), row(answer.get("in_force"))
    lines = [f"{answer.get('device')}: coefficients as configured, and in force"]
    lines += [
        f"  {coefficient} ({name}): {_number(configured.get(coefficient))}"
        f" → {_number(in_force.get(coefficient))}"
        for name, coefficient in COEFFICIENT_OF.items()
    ]
    changes = rows(answer.get("calibrations"))
    if not changes:
        return "\n".join([*lines, "Never calibrated."])
    return "\n".join([*lines, "Changes, the last one in force:", *map(_history_text, changes)])


def _history_text(change: Row) -> str:
    at = change.get("at")
    when = "time not known"
    if isinstance(at, int | float):
        when = datetime.fromtimestamp(at, tz=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    what = "taken back to" if change.get("is_undo") else "calibrated to"
    factors = ", ".join(
        f"{name} × {_number(factor)}" for name, factor in row(change.get("factors")).items()
    )
    made_from = row(change.get("made_from"))
    against = ", ".join(
        f"{quantity_text(name, made_from.get(f'measured_{name}'))} against"
        f" {quantity_text(name, made_from.get(f'reference_{name}'))}"
        for name in UNITS
        if f"reference_{name}" in made_from
    )
    return f"  {when} by {change.get('by')}: {what} {factors}" + (
        f" ({against})" if against else ""
    )


def _percent(compared: Row) -> str:
    change = compared.get("change_percent")
    return f"{change:+.2f} %" if isinstance(change, int | float) else "–"


def _number(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) else "–"
