"""Whether the contact obeys: a load that flows on after off, or no voltage after on."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from agent.devices.socket.evidence import SILENT, Evidence, Sample, Track, follow_register
from agent.devices.socket.voltage import SOME_VOLTAGE_V, is_said
from agent.model import Reading, Register
from agent.quick import quick
from agent.settings.meters import HLW8032_PACE, Pace

FaultName = Literal["contact_welded", "relay_failed"]
WELDED: Final = "contact_welded"
FAILED: Final = "relay_failed"
CODES: Final[dict[FaultName, int]] = {WELDED: 2, FAILED: 3}
"""The event's `error_code`; 1 is a relay's line that cannot be driven."""

TEXTS: Final[dict[FaultName, str]] = {
    WELDED: "UNPLUG the load: current or voltage goes on though the relay is off",
    FAILED: "no voltage behind the relay though it is on: relay, fuse or mains",
}

LEAST_CURRENT_A: Final = 0.1
"""More than the noise of an input without a load."""

LEAST_PULSES: Final = 2
LEAST_POWER_W: Final = 5.0
"""A phantom of a few watts is known of chips without any load."""

COUNTS_FOR_S: Final = 60.0
"""So long, at least, pulses are counted; a calm hour before must not make a load look weak."""

CLEARS_S: Final = 3.0
"""So long without a sign, and the contact obeys again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWatch:
    """What speaks against the contact since it moved.

    `looked_at`: since when it is watched; `first`: from where pulses are counted; `sign_at`: the
    last proof of a fault.
    """

    moved_at: float | None = None
    voltage: Track = SILENT
    current: Track = SILENT
    looked_at: float | None = None
    first: Sample | None = None
    sign_at: float | None = None


UNMOVED: Final = ContactWatch()


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where the contact should stand, since when, and from where the meter looks at it."""

    is_on: bool
    moved_at: float
    settles_s: float
    is_measured_behind: bool
    pace: Pace = HLW8032_PACE


def follow(
    watch: ContactWatch, reading: Reading, evidence: Evidence, contact: Contact, now: float
) -> tuple[ContactWatch, FaultName | None]:
    """Take a frame in; name the fault that two measurements prove by now."""
    if watch.moved_at != contact.moved_at:
        watch = ContactWatch(moved_at=contact.moved_at)
    if now - contact.moved_at < contact.settles_s or not evidence.samples:
        return watch, None
    volts = reading.voltage.value
    has_voltage = volts is not None and volts > SOME_VOLTAGE_V
    if contact.is_on:
        if not contact.is_measured_behind:
            return watch, None
        if has_voltage and watch.voltage == SILENT:
            return _looked_at(watch, evidence), None
        is_wrong = not has_voltage
    else:
        is_wrong = contact.is_measured_behind and has_voltage
        if not is_wrong and _is_quiet(watch, reading, evidence):
            return _looked_at(watch, evidence), None
    pace = contact.pace.rms
    after = replace(
        _looked_at(watch, evidence),
        voltage=follow_register(watch.voltage, _flag(reading.voltage, on=is_wrong), pace, now),
        current=follow_register(watch.current, reading.current, pace, now),
    )
    if not _is_proved(after, evidence, is_on=contact.is_on):
        return after, None
    signed = replace(after, first=evidence.samples[-1], sign_at=now)
    return signed, FAILED if contact.is_on else WELDED


def clears(watch: ContactWatch, fault: FaultName, *, is_on: bool, now: float) -> bool:
    """Tell whether *fault* is over: in its own position, and long enough without a sign."""
    if (fault == FAILED) is not is_on or watch.looked_at is None:
        return False
    since = watch.looked_at if watch.sign_at is None else watch.sign_at
    return now - since >= CLEARS_S


def _is_quiet(watch: ContactWatch, reading: Reading, evidence: Evidence) -> bool:
    """Tell at little cost that nothing speaks, or has spoken, against an open contact."""
    if watch.voltage != SILENT or watch.current != SILENT:
        return False
    first, newest = watch.first, evidence.samples[-1]
    has_pulses = first is not None and newest.pulses != first.pulses
    return not has_pulses and (reading.current.value or 0.0) <= LEAST_CURRENT_A


def _looked_at(watch: ContactWatch, evidence: Evidence) -> ContactWatch:
    """Look from the newest sample on, or count from there after long enough without a proof."""
    first, newest = watch.first, evidence.samples[-1]
    counts_for_s = max(COUNTS_FOR_S, 2 * LEAST_PULSES * evidence.pulse_j / LEAST_POWER_W)
    if first is not None and newest.at - first.at < counts_for_s:
        return watch
    looked_at = newest.at if watch.looked_at is None else watch.looked_at
    return replace(watch, first=newest, looked_at=looked_at)


def _flag(register: Register, *, on: bool) -> Register:
    """Make a register of the same refreshes that says 1 where *on*."""
    return Register(raw=register.raw, value=float(on), is_updated=is_said(register))


def _is_proved(watch: ContactWatch, evidence: Evidence, *, is_on: bool) -> bool:
    if watch.voltage.twice > 0:
        return True
    if is_on:
        return False
    return watch.current.twice > LEAST_CURRENT_A or _pulses_run(watch, evidence)


def _pulses_run(watch: ContactWatch, evidence: Evidence) -> bool:
    """Tell whether the counter goes on, faster than a phantom: n pulses prove n - 1 whole steps."""
    first, newest = watch.first, evidence.samples[-1]
    if first is None or newest.at <= first.at:
        return False
    pulses = newest.pulses - first.pulses
    power_w = (pulses - 1) * evidence.pulse_j / (newest.at - first.at)
    return pulses >= LEAST_PULSES and power_w >= LEAST_POWER_W
