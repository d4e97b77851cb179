"""The status of the agent as a person reads it."""

import time
from collections.abc import Iterator, Mapping
from typing import Final, cast

from agent.cli.journal import seen_by
from agent.cli.losses import losses_text
from agent.cli.pace import pace_text

Row = Mapping[str, object]

UNKNOWN: Final = "—"
MEGABYTE: Final = 1_000_000
MOST_CAUSES: Final = 3
MOST_FAULTS: Final = 10
MOST_WHOLE: Final = 3
"""So many devices are shown with all they have; more of them with a line each."""
UNITS: Final[Mapping[str, str]] = {
    "voltage": "V",
    "current": "A",
    "active_power": "W",
    "apparent_power": "VA",
    "total_energy": "kWh",
    "count_down": "s",
}
"""Units where the agent does not tell them with its answer (`units`)."""


ADVICE: Final[Mapping[str, str]] = {
    "meter_lost": "look at the meter's cable and run `polycloud doctor`",
    "overvoltage": "have the mains looked at",
    "undervoltage": "have the mains looked at",
    "overtemperature": "let it cool and look for a loose plug or terminal",
}
"""What to do about a trip; about any other: unplug the load."""


def status_text(answer: Row) -> str:
    """Lay the whole answer of `status` out."""
    devices = _rows(answer.get("devices"))
    if len(devices) > MOST_WHOLE:
        from agent.cli.fleet_table import fleet_text  # noqa: PLC0415 - it uses this module

        blocks = [fleet_text(devices)]
    else:
        blocks = ["\n".join(_device(device)) for device in devices]
    agent = _row(answer.get("agent"))
    blocks.append("\n".join(_agent(agent)))
    faults = _rows(agent.get("faults"))
    if faults:
        more = [f"and {len(faults) - MOST_FAULTS} more: polycloud check"]
        told = [_left_out(fault) for fault in faults[:MOST_FAULTS]]
        blocks.append("\n".join([*told, *(more if len(faults) > MOST_FAULTS else [])]))
    if agent.get("reload_error"):
        blocks.append(f"reload refused: {agent['reload_error']}")
    return "\n\n".join(blocks)


def _left_out(fault: Row) -> str:
    who = f"device {fault['device']}" if fault.get("device") else "a device"
    return f"{who} LEFT OUT: {fault.get('text')}; mend it, then polycloud reload"


def _agent(agent: Row) -> Iterator[str]:
    yield f"agent {agent.get('version', UNKNOWN)}"
    yield from _clock(_row(agent.get("clock")))
    store = _row(agent.get("store"))
    if store.get("is_failing"):
        yield (
            f"STATE NOT KEPT: {store.get('file')} cannot be written ({store.get('failures')} times"
            " now); look at free space (df) and its folder. The socket works on, but a power cut"
            " loses what is not kept"
        )
    if store.get("lost_records"):
        yield f"journal: {store['lost_records']} rows lost while the disk took nothing"
    written = _row(store.get("written_bytes_per_day"))
    sizes = {cause: size for cause, size in written.items() if isinstance(size, int | float)}
    if sizes:
        most = sorted(sizes, key=lambda cause: sizes[cause], reverse=True)[:MOST_CAUSES]
        yield f"writes {_size(sum(sizes.values()))} a day at this pace, most for {', '.join(most)}"


def _clock(clock: Row) -> Iterator[str]:
    """Say who is believed, where it is not the clock's keeper; and when the clock was last set."""
    step = _row(clock.get("last_step"))
    if clock.get("trust") not in (None, "synchronised"):
        yield f"time {clock['trust']}: {clock.get('why')}"
    elif step:
        yield f"time: {clock.get('why')}"
    if step:
        when = UNKNOWN if step.get("wall_time") is None else _moment(step["wall_time"])
        yield f"this machine's clock was set by {value_text(step.get('by_s'), 's')}, last at {when}"


def _size(count: float) -> str:
    return f"{count / 1e6:.1f} MB" if count >= MEGABYTE else f"{count / 1e3:.0f} kB"


def _device(device: Row) -> Iterator[str]:
    name, ident = str(device.get("name") or ""), str(device.get("id", UNKNOWN))
    shown = f"{ident} “{name}”" if name not in ("", ident) else ident
    yield f"{shown} ({device.get('kind', UNKNOWN)})"
    is_declared = device.get("kind") == "generic"
    rows = [*_error_rows(device), *_values(device, is_declared=is_declared)]
    if not is_declared:
        rows.append(("trip", _trip(device.get("trip"))))
    fault = _row(device.get("fault"))
    if fault:
        rows.append(("FAULT", f"{fault.get('name')}: {fault.get('text')}"))
    alerts = device.get("alerts")
    if isinstance(alerts, list) and alerts:
        names = cast("list[object]", alerts)
        rows.append(("alerts", ", ".join(str(name).replace("_", " ") for name in names)))
    if device.get("temperature_error"):
        rows.append(("temperature", f"cannot be read: {device['temperature_error']}"))
    elif device.get("temperature_c") is not None:
        rows.append(("temperature", value_text(device["temperature_c"], "°C")))
    rows += _disobeying(device)
    rows += _closing(device)
    if not is_declared:
        rows.append(("countdown", countdown_text(device.get("countdown"))))
    if device.get("next_schedule"):
        rows.append(("schedule", _schedule(_row(device["next_schedule"]))))
    if device.get("meter_error"):
        rows.append(("meter", str(device["meter_error"])))
    rows += [row for each in _row(device.get("clouds")).items() for row in _cloud_rows(*each)]
    width = max(len(title) for title, _ in rows)
    for title, text in rows:
        yield f"  {title:<{width}}  {text}"


def _disobeying(device: Row) -> Iterator[tuple[str, str]]:
    """Tell which outputs could not be driven: where they stand, only a look at them says."""
    for name, error in _row(device.get("output_errors")).items():
        yield name or "relay", f"DOES NOT OBEY: {error}; tried again every second"


def _closing(device: Row) -> Iterator[tuple[str, str]]:
    """Tell which contacts close later."""
    closes_in_s, each = device.get("closes_in_s"), _row(device.get("closing"))
    if each:
        yield from ((name, f"closes in {seconds} s") for name, seconds in each.items())
    elif isinstance(closes_in_s, int | float):
        yield "contact", f"closes in {closes_in_s:g} s"


def _values(device: Row, *, is_declared: bool) -> Iterator[tuple[str, str]]:
    """Write the values; the names of a device that is declared in its file stay as they are."""
    units, reasons = {**UNITS, **_row(device.get("units"))}, dict(_row(device.get("unknown")))
    errors = _row(device.get("sensor_errors"))
    reasons |= {name: f"cannot be read: {text}" for name, text in errors.items()}
    for name, value in _row(device.get("properties")).items():
        title = name if is_declared else name.replace("_", " ")
        yield title, value_text(value, str(units.get(name, ""))) + _reason(reasons.get(name))


def _reason(why: object) -> str:
    """Say why a value is not known, where the device tells."""
    return f" ({why})" if why else ""


def value_text(value: object, unit: str) -> str:
    """Write a value as a person reads it."""
    match value:
        case None:
            return UNKNOWN
        case bool():
            return "on" if value else "off"
        case float():
            text = f"{value:.3f}".rstrip("0").rstrip(".")
        case str():
            text = "; ".join(line for line in value.split("\n") if line) or "none"
        case _:
            text = str(value)
    return f"{text} {unit}".rstrip()


def _error_rows(device: Row) -> Iterator[tuple[str, str]]:
    if device.get("error"):
        left_s = device.get("retry_in_s")
        again = f", tried again in {left_s:.0f} s" if isinstance(left_s, int | float) else ""
        yield "NOT WORKING", f"{device['error']}{again}"


def _trip(trip: object) -> str:
    row = _row(trip)
    if not row:
        return "none"
    text = row.get("text") or f"{row.get('cause', 'tripped')} {value_text(row.get('value'), '')}"
    if row.get("rule"):
        text = f"{text}, {row['rule']} ({seen_by(row)})"
    advice = ADVICE.get(str(row.get("cause")), "unplug the load")
    return f"{text}; {advice}, then reset it: the button, or `polycloud on`"


def _schedule(schedule: Row) -> str:
    if schedule.get("at") is None:
        return str(schedule.get("text"))
    return f"{schedule.get('name')}: {schedule.get('text')}, next {schedule.get('local')}"


def countdown_text(countdown: object) -> str:
    """Write a countdown: where it ends, and when."""
    row = _row(countdown)
    left_s = row.get("left_s")
    if not isinstance(left_s, int | float):
        return "none"
    minutes, seconds = divmod(round(left_s), 60)
    return f"{row.get('to', 'flips')} in {minutes}:{seconds:02d}"


def _cloud_rows(name: str, cloud: object) -> Iterator[tuple[str, str]]:
    yield f"cloud {name}", _cloud(_row(cloud))
    losses = losses_text(_row(cloud))
    if losses:
        yield "  missing", losses
    pace = pace_text(_row(_row(cloud).get("pace")))
    if pace:
        yield "  pace", pace


def _cloud(cloud: Row) -> str:
    is_connected = bool(cloud.get("connected"))
    parts = ["connected" if is_connected else "not connected"]
    if cloud.get("since") is not None:
        parts.append(f"since {_moment(cloud['since'])}")
    parts.append(f"{cloud.get('pending', UNKNOWN)} pending")
    if not is_connected and cloud.get("last_error"):
        parts.append(str(cloud["last_error"]))
    retry_in_s = cloud.get("retry_in_s")
    if not is_connected and isinstance(retry_in_s, int | float) and retry_in_s > 0:
        parts.append(f"next attempt in {retry_in_s:.0f} s")
    return ", ".join(parts)


def _moment(since: object) -> str:
    """Write Unix seconds as local time; anything else as it came."""
    if isinstance(since, bool) or not isinstance(since, int | float):
        return str(since)
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(since))


def _row(value: object) -> Row:
    return cast("Row", value) if isinstance(value, dict) else {}


def _rows(value: object) -> list[Row]:
    return [_row(item) for item in cast("list[object]", value)] if isinstance(value, list) else []
