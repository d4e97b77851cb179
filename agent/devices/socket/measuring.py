"""A frame of the meter: protection first, then the contact, the energy, what is shown."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from agent.devices.effects import Effect, Log, Raise, Record
from agent.devices.inputs import Heat
from agent.devices.socket import contact, heat, protection, voltage
from agent.devices.socket.contact import CODES, TEXTS, Contact, ContactWatch, FaultName
from agent.devices.socket.energy import Discontinuity, Flow, Reason, advance
from agent.devices.socket.evidence import Evidence
from agent.devices.socket.framed import after_frame
from agent.devices.socket.protection import Curve, Verdict
from agent.devices.socket.state import Metering, State, Trip
from agent.devices.socket.switching import tripped
from agent.devices.socket.voltage import CALM, Notice, VoltageWatch
from agent.model import Reading
from agent.settings.device import SocketSettings
from agent.settings.protection import ProtectionSettings

FIRST_READINGS: Final = 2
"""A value is published from the second frame on: the chip's first may be off."""

MOST_LOAD: Final = 4.0
"""No socket carries so many times its rating for long: bounds what a counter's step may hold."""

WARNED_AGAIN: Final = 0.5
"""An overload is told again once its bucket has cooled to this share of the warning's seconds."""

VOLTAGE_LOG: Final[dict[Notice, str]] = {
    "high_voltage": "voltage.high",
    "low_voltage": "voltage.low",
    "voltage_normal": "voltage.normal",
}
WARM_ROWS: Final = {
    ("temperature", True): ("high_temperature", "temperature.high"),
    ("temperature", False): ("temperature_normal", "temperature.normal"),
    ("cpu_temperature", True): ("high_cpu_temperature", "cpu.hot"),
    ("cpu_temperature", False): ("cpu_temperature_normal", "cpu.normal"),
}
"""(what, whether it is warm) → the journal's row and the log's event."""

Measured = tuple[State, Sequence[Effect]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a frame is judged by."""

    settings: SocketSettings
    lines: Curve
    flow: Flow


def rules(settings: SocketSettings, lines: Curve) -> Rules:
    """Make the rules of a socket's settings."""
    rated_w = settings.protection.rated_power_w
    flow = Flow(likely_w=rated_w, most_w=MOST_LOAD * rated_w)
    return Rules(settings=settings, lines=lines, flow=flow)


def measured(state: State, reading: Reading, rules: Rules, now: float) -> Measured:
    """Take a frame in: what it opens, what it says of the contact, and what was used."""
    notes: list[Effect] = []
    watch, over = _watched(state, reading, rules.settings, notes, now)
    evidence, verdict = _judged(state, reading, rules, now)
    verdict = verdict or over
    is_overloaded = state.relay_on and _is_overloaded(state, evidence, rules.settings.protection)
    if is_overloaded and not state.is_overloaded:
        notes.extend(_overload_notes(reading, evidence.buckets[0]))
    obeys, fault = state.contact, state.fault
    if verdict is None:
        obeys, fault = _checked(state, reading, evidence, rules.settings, notes, now)
    energy, gap = advance(state.energy, reading, rules.flow, now)
    metering = _metered(state.metering, reading, now)
    if gap is not None:
        notes.extend(_gap_notes(gap, state.books.day))
    if state.metering.is_silent and not metering.is_silent:
        notes.append(Log(event="meter.speaks", details={}))
    after = after_frame(
        state,
        evidence=evidence,
        voltage=watch,
        is_overloaded=is_overloaded,
        contact=obeys,
        fault=fault,
        energy=energy,
        metering=metering,
    )
    return after if verdict is None else tripped(after, trip_of(verdict, now), now), notes


def felt(state: State, event: Heat, settings: ProtectionSettings, now: float) -> Measured:
    """Take a temperature in: the socket's may open it, the processor's only warns."""
    celsius = event.celsius
    if event.is_cpu:
        warmth = heat.felt_by_cpu(state.warmth, celsius, settings)
        change = (state.warmth.is_cpu_warm, warmth.is_cpu_warm)
        return replace(state, warmth=warmth), _warm_notes("cpu_temperature", celsius, change)
    warmth, verdict = heat.felt(state.warmth, celsius, settings)
    change = (state.warmth.is_warm, warmth.is_warm)
    notes = _warm_notes("temperature", celsius, change)
    after = replace(state, warmth=warmth)
    if verdict is None or not state.relay_on:
        return after, notes
    return tripped(after, trip_of(verdict, now), now), notes


def trip_of(verdict: Verdict, now: float) -> Trip:
    """Make the trip of a verdict."""
    return Trip(
        cause=verdict.cause,
        value=verdict.value,
        limit=verdict.limit,
        duration_s=verdict.duration_s,
        evidence=verdict.evidence,
        rule=verdict.rule,
        at=now,
    )


# ── protection ──────────────────────────────────────────────────────────────────────────────


def _watched(
    state: State, reading: Reading, settings: SocketSettings, notes: list[Effect], now: float
) -> tuple[VoltageWatch, Verdict | None]:
    """Watch the voltage where there should be one; what is too high opens a closed contact."""
    watch, over, notice = CALM, None, None
    if state.relay_on or settings.meter.voltage_from == "mains":
        rules = settings.protection
        watch, over, notice = voltage.watch(
            state.voltage, reading.voltage, rules, now, settings.meter.PACE
        )
    if notice is not None:
        notes.extend(_voltage_notes(notice, reading.voltage.value or 0.0))
    return watch, over if state.relay_on else None


def _judged(
    state: State, reading: Reading, rules: Rules, now: float
) -> tuple[Evidence, Verdict | None]:
    """Judge the load while the contact is closed."""
    if not state.relay_on:
        return protection.watch(state.evidence, reading, now, rules.lines.pace), None
    return protection.judge(
        state.evidence,
        reading,
        rules.settings.protection,
        rules.lines,
        age=state.age(now),
        now=now,
    )


def _is_overloaded(state: State, evidence: Evidence, settings: ProtectionSettings) -> bool:
    """Tell whether the slowest band has been exceeded long enough to warn."""
    bucket_s = evidence.buckets[0] if evidence.buckets else 0.0
    share = WARNED_AGAIN if state.is_overloaded else 1.0
    return bucket_s > 0 and bucket_s >= share * settings.overload_warn_s


def _checked(
    state: State,
    reading: Reading,
    evidence: Evidence,
    settings: SocketSettings,
    notes: list[Effect],
    now: float,
) -> tuple[ContactWatch, FaultName | None]:
    """See whether the contact obeys; tell once when it does not, and once when it does again."""
    place = Contact(
        is_on=state.relay_on,
        moved_at=state.changed_at,
        settles_s=settings.protection.welded_after_s,
        is_measured_behind=settings.meter.voltage_from == "load",
        pace=settings.meter.PACE,
    )
    watch, fault = contact.follow(state.contact, reading, evidence, place, now)
    if fault is not None and fault != state.fault:
        notes.extend(_fault_notes(fault, reading))
        return watch, fault
    known = state.fault
    if known is not None and contact.clears(watch, known, is_on=state.relay_on, now=now):
        details = {"fault": known}
        notes.append(Log(event="contact.obeys", details=details, is_warning=True))
        notes.append(Record(topic="protection", name="fault_cleared", details=details))
        return watch, None
    return watch, known


# ── what is told ────────────────────────────────────────────────────────────────────────────


def _voltage_notes(notice: Notice, volts: float) -> Sequence[Effect]:
    details = {"voltage_v": round(volts, 1)}
    told: list[Effect] = [
        Log(event=VOLTAGE_LOG[notice], details=details, is_warning=notice != "voltage_normal"),
        Record(topic="protection", name=notice, details=details),
    ]
    if notice == "low_voltage":
        told.insert(0, Raise(event="low_voltage", values={"voltage": round(volts, 1)}))
    return told


def _overload_notes(reading: Reading, bucket_s: float) -> Sequence[Effect]:
    details = {
        "current_a": reading.current_a,
        "power_w": reading.power_w,
        "accumulated_s": round(bucket_s, 1),
    }
    return (
        Log(event="load.high", details=details, is_warning=True),
        Record(topic="protection", name="overload_warning", details=details),
    )


def _fault_notes(fault: FaultName, reading: Reading) -> Sequence[Effect]:
    details = {
        "fault": fault,
        "text": TEXTS[fault],
        "voltage_v": reading.voltage_v,
        "current_a": reading.current_a,
        "power_w": reading.power_w,
    }
    return (
        Raise(event="hardware_fault", values={"name": fault, "error_code": CODES[fault]}),
        Log(event="contact.fault", details=details, is_warning=True),
        Record(topic="protection", name=fault, details=details),
    )


def _warm_notes(name: str, celsius: float | None, change: tuple[bool, bool]) -> Sequence[Effect]:
    was, now_is = change
    if was == now_is or celsius is None:
        return ()
    details = {"celsius": celsius}
    row, event = WARM_ROWS[name, now_is]
    return (
        Log(event=event, details=details, is_warning=now_is),
        Record(topic="protection", name=row, details=details),
    )


def _gap_notes(gap: Discontinuity, day: str | None) -> Sequence[Effect]:
    details = {**asdict(gap), "day": day}
    row = Record(topic="energy", name=gap.reason.value, details=details)
    if gap.reason in (Reason.BASELINE, Reason.RESTART):
        return (row,)
    return (row, Log(event="energy.gap", details=details, is_warning=True))


# ── what is shown ───────────────────────────────────────────────────────────────────────────


def _metered(metering: Metering, reading: Reading, now: float) -> Metering:
    """Take what was measured; a frame in which the chip can measure nothing is none."""
    is_blank = reading.voltage.value is None and reading.current.value is None
    if is_blank and reading.power.value is None:
        return metering
    readings = min(metering.readings + 1, FIRST_READINGS)
    if readings < FIRST_READINGS:
        return Metering(readings=readings, last_at=now)
    return Metering(
        readings=readings,
        last_at=now,
        voltage_v=reading.voltage_v,
        current_a=reading.current_a,
        power_w=reading.power_w,
    )
