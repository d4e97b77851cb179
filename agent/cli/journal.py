"""Rows of the journal as sentences for a person."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from agent.cli.asking import Row, row

MJ_PER_WH: Final = 3_600_000


def sentence(entry: Row) -> str:
    """Write one row: when, what about, and what happened."""
    topic, name = str(entry.get("topic", "")), str(entry.get("name", ""))
    details = row(entry.get("details"))
    write = SENTENCES.get((topic, name)) or SENTENCES.get((topic, "")) or _plain
    return f"{_when(entry)}  {topic:<10}  {write(name, details)}"


def _when(entry: Row) -> str:
    wall_time = entry.get("wall_time")
    if isinstance(wall_time, int | float):
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(wall_time))
    at = entry.get("at")
    after = f"{at:.0f} s after boot" if isinstance(at, int | float) else "time unknown"
    return f"{after:<19}"


def _relay(name: str, details: Row) -> str:
    match details.get("why"):
        case "command":
            by = f"by {details.get('by')}"
            request = details.get("request")
            stored = "" if details.get("live", True) else ", stored at the platform"
            return f"{name} {by}" + (f" (request {request}{stored})" if request else "")
        case "trip":
            return f"{name}: tripped, {details.get('text')}"
        case "start":
            trip = f"; stays open: {details['trip']}" if details.get("trip") else ""
            later = ", closes when min_off_s has passed" if details.get("closes_later") else ""
            held = ", the line was held and did not move" if details.get("held") else ""
            return (
                f"{name} at the start after {details.get('cause')} (on_start ="
                f" {details.get('policy')}){later}{held}{trip}"
            )
        case "stop":
            return f"{name} at the stop (on_stop = {details.get('policy')})"
        case "countdown":
            return f"{name}: the countdown ended"
        case "min_off_s":
            return f"{name}: min_off_s has passed"
        case other:
            return f"{name}: {other}"


def _tripped(name: str, details: Row) -> str:
    del name
    return (
        f"TRIPPED: {details.get('text')}, {details.get('rule')}; seen by the"
        f" {details.get('evidence')}, open {details.get('duration_s')} s after it began"
    )


def _reset(name: str, details: Row) -> str:
    del name
    return f"reset by {details.get('by')}: {details.get('trip')}"


def _fault(name: str, details: Row) -> str:
    return f"{name}: {details.get('text')}"


def _overload(name: str, details: Row) -> str:
    del name
    return (
        f"overload: {details.get('current_a')} A, {details.get('power_w')} W for"
        f" {details.get('accumulated_s')} s; it opens if that goes on"
    )


def _volts(name: str, details: Row) -> str:
    return f"{name.replace('_', ' ')}: {details.get('voltage_v')} V"


def _break(name: str, details: Row) -> str:
    credited = f"{details.get('credited')} pulses ({_wh(details.get('credited_mj'))})"
    gap = f"{details.get('gap_s')} s"
    match name:
        case "baseline":
            return f"counting begins at the chip's counter; total {_wh(details.get('total_mj'))}"
        case "restart":
            return f"the agent was away for {gap}; the chip counted on: {credited} added"
        case "meter_gap":
            return f"the meter was silent for {gap}; the chip counted on: {credited} added"
        case "chip_reset":
            return (
                f"the chip began at 0 again; {credited} since then added, what was between is lost"
            )
        case "meter_changed":
            return "another meter chip answers: counting goes on from its counter, nothing added"
        case "ambiguous_gap":
            return (
                f"after {gap} the counter may have gone round: {credited} added, more may be lost"
            )
        case "impossible_step":
            return (
                f"the counter jumped by {details.get('step')} pulses, which cannot be: none added"
            )
        case _:
            return f"a pulse is worth something else from here on; {credited} added"


def _set(name: str, details: Row) -> str:
    del name
    old, new = _wh(details.get("from_mj")), _wh(details.get("to_mj"))
    return f"shown count set from {old} to {new} by {details.get('by')}: {details.get('reason')}"


def _reset_energy(name: str, details: Row) -> str:
    del name
    return f"shown count reset from {_wh(details.get('shown_mj'))} by {details.get('by')}"


def _closed(name: str, details: Row) -> str:
    what = details.get(name, name)
    note = f" ({details['note']})" if details.get("note") else ""
    return f"{name} {what} ended with {_wh(details.get('used_mj'))}{note}"


def _dated(name: str, details: Row) -> str:
    del name
    return f"{_wh(details.get('used_mj'))} counted before the clock was trusted belong to this day"


def _plain(name: str, details: Row) -> str:
    shown = ", ".join(f"{key} {value}" for key, value in details.items() if value is not None)
    return f"{name.replace('_', ' ')}: {shown}" if shown else name.replace("_", " ")


def _wh(energy_mj: object) -> str:
    if not isinstance(energy_mj, int | float):
        return "unknown Wh"
    wh = energy_mj / MJ_PER_WH
    return f"{wh / 1000:.3f} kWh" if abs(wh) >= 1000 else f"{wh:.2f} Wh"


SENTENCES: Final[Mapping[tuple[str, str], Callable[[str, Row], str]]] = {
    ("relay", ""): _relay,
    ("protection", "tripped"): _tripped,
    ("protection", "reset"): _reset,
    ("protection", "contact_welded"): _fault,
    ("protection", "relay_failed"): _fault,
    ("protection", "overload_warning"): _overload,
    ("protection", "high_voltage"): _volts,
    ("protection", "low_voltage"): _volts,
    ("protection", "voltage_normal"): _volts,
    **{
        ("energy", name): _break
        for name in (
            "baseline",
            "restart",
            "meter_gap",
            "meter_changed",
            "chip_reset",
            "impossible_step",
            "rescaled",
            "ambiguous_gap",
        )
    },
    ("energy", "set"): _set,
    ("energy", "reset"): _reset_energy,
    ("energy", "day"): _closed,
    ("energy", "month"): _closed,
    ("energy", "dated"): _dated,
}
