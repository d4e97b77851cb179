"""Rows of the journal as sentences for a person."""

import sys
import time
from collections.abc import Callable, Mapping
from typing import Final, cast

from agent.cli.asking import Row, folded, row, say
from agent.cli.button_rows import BUTTON_ROWS
from agent.cli.journal_rules import SENTENCES as RULES
from agent.cli.journal_rules import moved as moved_by_rule
from agent.cli.schedule_text import SCHEDULES

MJ_PER_WH: Final = 3_600_000
TEXT_BEGINS: Final = len("2026-11-27 09:59:15  relay       ")


def sentence(entry: Row) -> str:
    """Write one row: when, what about, and what happened."""
    return f"{_when(entry)}  {entry.get('topic', '')!s:<10}  {happening(entry)}"


def say_sentence(entry: Row, before: str = "") -> None:
    """Print one row; on a terminal what takes more lines stands below its text."""
    say(folded(before + sentence(entry), sys.stdout, len(before) + TEXT_BEGINS))


def happening(entry: Row) -> str:
    """Say what happened."""
    topic, name = str(entry.get("topic", "")), str(entry.get("name", ""))
    known = ((topic, name), ("", name), (topic, ""))
    write = next((SENTENCES[key] for key in known if key in SENTENCES), _plain)
    return write(name, row(entry.get("details")))


def _when(entry: Row) -> str:
    wall_time = entry.get("wall_time")
    if isinstance(wall_time, int | float):
        about = "~" if entry.get("is_estimated") else ""
        return about + time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(wall_time))
    return f"{_since_boot(entry):<19}"


def _since_boot(entry: Row) -> str:
    at, boot_id = entry.get("at"), entry.get("boot_id")
    if not isinstance(at, int | float):
        return "time unknown"
    return f"boot {str(boot_id)[:4]}, {at:.0f} s" if boot_id else f"{at:.0f} s after boot"


def _relay(name: str, details: Row) -> str:
    why = str(details.get("why"))
    write = WHY.get(why)
    if details.get("output"):
        name = f"{details['output']} {name}"
    if "level" in details:
        name = f"{name} {details['level']} %"
    return f"{name}: {why}" if write is None else f"{name}{write(details)}"


def _command(details: Row) -> str:
    request = details.get("request")
    facts = [f"request {request}"] if request else []
    facts += [] if details.get("live", True) else ["stored at the platform"]
    facts += [] if details.get("gesture", "click") == "click" else [str(details["gesture"])]
    return f" by {details.get('by')}" + (f" ({', '.join(facts)})" if facts else "")


def _asked(details: Row) -> str:
    """Say who asked for what happened later; nothing where an older version kept no name."""
    return f", asked for{_command(details)}" if details.get("by") else ""


NOT_SURE: Final = (
    ", kept off whatever on_start says: the saved state was damaged or came from a backup;"
    " switch it on by the button or polycloud on"
)


def _start(details: Row) -> str:
    trip = f"; stays open: {details['trip']}" if details.get("trip") else ""
    later = ", closes when min_off_s has passed" if details.get("closes_later") else ""
    held = ", the line was held and did not move" if details.get("held") else ""
    policy = f"on_start = {details.get('policy')}"
    unsure = "" if details.get("is_sure", True) else NOT_SURE
    return f" at the start ({details.get('cause')}, {policy}){unsure}{later}{held}{trip}"


WHY: Final[Mapping[str, Callable[[Row], str]]] = {
    "command": _command,
    "start": _start,
    "trip": lambda details: f": tripped, {details.get('text')}",
    "stop": lambda details: f" at the stop (on_stop = {details.get('policy')})",
    "countdown": lambda details: f": the countdown ended{_asked(details)}",
    "rule": moved_by_rule,
    "schedule": lambda details: f": schedule {details.get('name')} ({details.get('text')})",
    "min_off_s": lambda details: f": min_off_s has passed{_asked(details)}",
}


def _tripped(name: str, details: Row) -> str:
    del name
    return (
        f"TRIPPED: {details.get('text')}, {details.get('rule')};"
        f" {seen_by(details)}, open {details.get('duration_s')} s after it began"
    )


def seen_by(trip: Row) -> str:
    """Say what a trip was seen by: of a meter that was lost, that nothing was."""
    evidence = str(trip.get("evidence"))
    return evidence if trip.get("cause") == "meter_lost" else f"seen by the {evidence}"


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
    facts = {
        "credited": f"{details.get('credited')} pulses ({_wh(details.get('credited_mj'))})",
        "gap": f"{details.get('gap_s')} s",
        "step": details.get("step"),
        "total": _wh(details.get("total_mj")),
    }
    return BREAKS[name].format(**facts)


BREAKS: Final[Mapping[str, str]] = {
    "baseline": "counting begins at the chip's counter; total {total}",
    "restart": "after a restart: {credited} that the chip had counted since the last keeping,"
    " {gap} before, added",
    "meter_gap": "the meter was silent for {gap}; the chip counted on: {credited} added",
    "chip_reset": "the chip began at 0 again: {credited} since then added, those between are lost",
    "counter_began": "the agent counts this meter's pulses, from 0 anew: {credited} since added",
    "meter_changed": "another chip answers: counting goes on from its counter, nothing added",
    "ambiguous_gap": "after {gap} the counter may have gone round: {credited} added, not more",
    "impossible_step": "the counter jumped by {step} pulses, which cannot be: none added",
    "rescaled": "a pulse is worth something else from here on; {credited} added",
}


def _set(name: str, details: Row) -> str:
    del name
    old, new = _wh(details.get("from_mj")), _wh(details.get("to_mj"))
    return f"shown count set from {old} to {new} by {details.get('by')}: {details.get('reason')}"


def _reset_energy(name: str, details: Row) -> str:
    del name
    return f"shown count reset from {_wh(details.get('shown_mj'))} by {details.get('by')}"


def _calibration(name: str, details: Row) -> str:
    del name
    old, new = row(details.get("old")), row(details.get("new"))
    factors = ", ".join(
        f"{each} × {_share(new.get(each))}" for each in new if old.get(each) != new[each]
    )
    what = "calibration taken back" if details.get("is_undo") else "calibrated"
    return f"{what} by {details.get('by')}: {factors or 'nothing moved'}; counted energy stays"


def _share(factor: object) -> str:
    return f"{factor:.4f}" if isinstance(factor, int | float) else "?"


def _closed(name: str, details: Row) -> str:
    what = details.get(name, name)
    note = f" ({details['note']})" if details.get("note") else ""
    return f"{name} {what} ended with {_wh(details.get('used_mj'))}{note}"


def _dated(name: str, details: Row) -> str:
    del name
    return f"{_wh(details.get('used_mj'))} counted before the clock was trusted belong to this day"


def _state(name: str, details: Row) -> str:
    del name
    condition = str(details.get("condition"))
    dropped = details.get("dropped")
    names = [str(name) for name in cast("list[object]", dropped)] if _is_list(dropped) else []
    parts = [CONDITIONS.get(condition, "" if names else f"the kept state is {condition}")]
    if names:
        parts.append(f"in what was kept {', '.join(names)} cannot be understood and begins anew")
    parts.append(f"counting goes on from {_wh(details.get('total_mj'))}")
    return "; ".join(part for part in parts if part)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


CONDITIONS: Final[Mapping[str, str]] = {
    "older": "the newest copy of the state was damaged, and the one before it is used: what was"
    " counted between the two is missing",
    "salvaged": "the state file was damaged, and what could be read out of it is used",
    "lost": "the state file was damaged, and nothing of this device could be read out of it",
    "restored": "the state came out of a backup: what was counted after it was made is missing",
}


def _restored(name: str, details: Row) -> str:
    del name
    made_at = details.get("made_at")
    when = ""
    if isinstance(made_at, int | float):
        when = time.strftime(" of %Y-%m-%d %H:%M:%S", time.localtime(made_at))
    host = f", made on {details['host']}," if details.get("host") else ""
    return f"the backup {details.get('file')}{when}{host} was put in the place of the state"


def _rows_lost(name: str, details: Row) -> str:
    del name
    return f"{details.get('rows')} rows of this journal were lost while the disk took nothing"


def _stepped(name: str, details: Row) -> str:
    del name
    by_s = details.get("by_s")
    moved = f"{by_s:+.1f}" if isinstance(by_s, int | float) else "unknown"
    return f"this machine's clock was set by {moved} s"


def _trusted(name: str, details: Row) -> str:
    del name
    return f"the time is known from here on ({details.get('trust')}): {details.get('why')}"


def _forgotten(name: str, details: Row) -> str:
    del name
    shown = _wh(details.get("shown_mj"))
    return f"shown count reset from {shown} by the button's factory reset; the total goes on"


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
    **{("energy", name): _break for name in BREAKS},
    ("energy", "set"): _set,
    ("energy", "calibration_changed"): _calibration,
    ("energy", "reset"): _reset_energy,
    ("energy", "day"): _closed,
    ("energy", "month"): _closed,
    ("energy", "dated"): _dated,
    ("energy", "state_lost"): _state,
    ("energy", "state_damaged"): _state,
    ("energy", "restored"): _restored,
    ("energy", "factory_reset"): _forgotten,
    **BUTTON_ROWS,
    ("clock", "stepped"): _stepped,
    ("clock", "trusted"): _trusted,
    **{("schedule", name): write for name, write in SCHEDULES.items()},
    ("", "journal_lost"): _rows_lost,
    **RULES,
}
