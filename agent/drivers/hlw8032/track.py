"""One quantity over time: a value that jumps, or that cannot be, waits until it is confirmed."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from agent.model import COUNTER_MODULUS, Register
from agent.quick import quick

_PJ_PER_J: Final = 1e12

_TELLING_PULSES: Final = 8
"""With fewer pulses the counter is too coarse to confirm a power."""


class Status(StrEnum):
    """What a frame says about a quantity: a value, nothing new, or nothing at all."""

    OK = "ok"
    HOLD = "hold"
    NONE = "none"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A quantity as it is fit to be published; on `HOLD` the value is the last good one."""

    value: float | None
    status: Status


NOTHING: Final = Quantity(value=None, status=Status.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What counts as a jump, and how long an unchanged register must stand.

    A value jumps when it moves by more than *share* of the larger of both and by more than
    *least*. In *standing_frames* the chip has certainly measured again.
    """

    share: float
    least: float
    standing_frames: int

    def jumps(self, before: float, after: float) -> bool:
        """Tell whether *after* is too far from *before* to be believed at once."""
        return abs(after - before) > max(self.share * max(before, after), self.least)


VOLTAGE: Final = Rule(share=0.2, least=0.0, standing_frames=12)
CURRENT: Final = Rule(share=0.5, least=0.5, standing_frames=12)
POWER: Final = Rule(share=0.5, least=100.0, standing_frames=5)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What can be: below *floor* is noise, above *ceiling* only what is confirmed.

    *clip* is the most that the chip can show; a confirmed value is published up to there.
    *pulses* and *pulse_pj* stand where the pulse counter measures the same quantity.
    """

    ceiling: float
    clip: float
    floor: float = 0.0
    pulses: int = 0
    pulse_pj: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A value that waits for confirmation, as it was first seen, and what came since."""

    value: float
    raw: int
    pulses: int
    frames: int = 1
    is_refreshed: bool = False
    is_confirmed: bool = False


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The last value fit to be published, and one that waits."""

    value: float | None = None
    suspect: Suspect | None = None


Judged = tuple[Track, Quantity]


def rescaled(track: Track, ratio: float) -> Track:
    """Take over what is known into another scale; what waited is judged anew."""
    return Track(value=None if track.value is None else track.value * ratio)


def follow(
    track: Track, register: Register, rule: Rule, bounds: Bounds, *, trusts_first: bool
) -> Judged:
    """Judge what one frame says; *trusts_first* believes a first value without confirmation."""
    value = register.value
    if value == 0.0:  # the chip itself says: near zero
        return _publish(0.0)
    if value is None and track.value is None:
        return track, NOTHING
    if value is None or not register.is_updated:
        return _hold(track)
    if value < bounds.floor:
        value = 0.0
    is_near = trusts_first if track.value is None else not rule.jumps(track.value, value)
    is_over = value > bounds.ceiling
    if is_near and not is_over:
        return _publish(value)
    suspect = _suspect(track.suspect, value, register.raw, rule, bounds)
    if not _is_confirmed(suspect, rule, bounds, is_over=is_over):
        return _hold(replace(track, suspect=suspect))
    confirmed = replace(suspect, is_confirmed=True)
    return _publish(min(value, bounds.clip), confirmed if is_over else None)


def _publish(value: float, suspect: Suspect | None = None) -> Judged:
    return Track(value=value, suspect=suspect), Quantity(value=value, status=Status.OK)


def _hold(track: Track) -> Judged:
    return track, Quantity(value=track.value, status=Status.HOLD)


def _suspect(before: Suspect | None, value: float, raw: int, rule: Rule, bounds: Bounds) -> Suspect:
    if before is None or rule.jumps(before.value, value):
        return Suspect(value=value, raw=raw, pulses=bounds.pulses)
    is_refreshed = before.is_refreshed or raw != before.raw
    return replace(before, frames=before.frames + 1, is_refreshed=is_refreshed)


def _is_confirmed(suspect: Suspect, rule: Rule, bounds: Bounds, *, is_over: bool) -> bool:
    if suspect.is_confirmed or not is_over:
        return suspect.is_confirmed or suspect.frames >= 2
    has_persisted = suspect.is_refreshed or suspect.frames >= rule.standing_frames
    if not bounds.pulse_pj:
        return has_persisted
    elapsed_s = (suspect.frames - 1) * FRAME_PERIOD_S
    expected = suspect.value * elapsed_s * _PJ_PER_J / bounds.pulse_pj
    counted = (bounds.pulses - suspect.pulses) % COUNTER_MODULUS
    if 2 * (counted + 1) < expected:
        return False  # far fewer pulses came than this power makes
    return has_persisted or (counted >= _TELLING_PULSES and counted < 2 * expected)
