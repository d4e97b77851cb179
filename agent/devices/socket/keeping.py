"""What a socket keeps on disk, and when."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Final

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, ValidationError

from agent.devices.effects import Save, Saved
from agent.devices.socket.calibration import KeptCalibration
from agent.devices.socket.energy import Energy
from agent.devices.socket.protection import Curve
from agent.devices.socket.state import Handed, State
from agent.model import COUNTER_MODULUS

SAVE_EVERY_S: Final = 60.0
SAVE_EVERY_MJ: Final = 36_000_000
"""10 Wh."""

BUCKET_SHARE: Final = 0.2
"""A bucket that has filled by this share of its band's seconds is saved."""


class Kept(BaseModel):
    """A part of what is kept; unknown keys, of a later version, are passed over."""

    model_config = ConfigDict(frozen=True, strict=True)


class KeptEnergy(Kept):
    """The count, and the chip's counter that it was taken at."""

    total_mj: NonNegativeInt = 0
    rest_pj: NonNegativeInt = 0
    counter: NonNegativeInt | None = None
    counter_at: float | None = None
    chip: list[int] = []
    pulse_pj: NonNegativeInt = 0
    power_w: NonNegativeFloat = 0.0

    def energy(self) -> Energy:
        """Make the count that was kept."""
        return Energy(
            total_mj=self.total_mj,
            rest_pj=self.rest_pj,
            counter=self.counter,
            counter_at=self.counter_at,
            chip=tuple(self.chip),
            pulse_pj=self.pulse_pj,
            power_w=self.power_w,
        )


class KeptTrip(Kept):
    """A trip, latched across starts."""

    cause: str
    value: float
    limit: float
    duration_s: float
    evidence: str
    at: float
    rule: str = ""


class KeptBooks(Kept):
    """Where the day and the month began."""

    day: str | None = None
    day_base_mj: int = 0
    yesterday_mj: int = 0
    month_base_mj: int = 0
    last_month_mj: int = 0


class KeptSocket(Kept):
    """A socket's state on disk; times are monotonic seconds of the boot that wrote them.

    `opened_at`: the contact was opened at the stop, though `relay_on` says what to restore.
    `buckets` is None where an earlier version wrote none.
    """

    relay_on: bool = False
    changed_at: float | None = None
    opened_at: float | None = None
    saved_at: float | None = None
    trip: KeptTrip | None = None
    resets: list[float] = []
    limit_a: float | None = None
    energy: KeptEnergy = KeptEnergy()
    energy_base_mj: int = 0
    books: KeptBooks = KeptBooks()
    buckets: list[NonNegativeFloat] | None = None
    countdown_at: float | None = None
    countdown_closes: bool = True
    fault: str | None = None
    calibrations: list[KeptCalibration] = []


def read(saved: Saved | None) -> KeptSocket | None:
    """Understand what was kept; None where nothing was, or where it is not a socket's."""
    if saved is None:
        return None
    try:
        return KeptSocket.model_validate(dict(saved))
    except ValidationError:
        return None


def save(state: State, cause: str, now: float) -> tuple[State, Save]:
    """Keep everything now."""
    total_mj = state.energy.total_mj
    handed = Handed(total_mj=total_mj, buckets=state.evidence.buckets, at=now)
    write = partial(_written, state, now)
    return replace(state, handed=handed), Save(write=write, cause=cause, total_mj=total_mj)


def due(before: State, after: State, lines: Curve, now: float) -> str:
    """Tell why *after* must be kept now, or '': at once for what was decided, else by energy."""
    for cause, read in _AT_ONCE:
        if read(before) != read(after):
            return cause
    if _has_filled(after, lines):
        return "accumulators"
    unsaved_mj = after.energy.total_mj - after.handed.total_mj
    is_old = now - after.handed.at >= SAVE_EVERY_S
    return "energy" if unsaved_mj >= SAVE_EVERY_MJ or (unsaved_mj > 0 and is_old) else ""


_AT_ONCE: Final[tuple[tuple[str, Callable[[State], object]], ...]] = (
    ("relay", lambda state: state.relay_on),
    ("protection", lambda state: (state.trip, state.fault)),
    (
        "command",
        lambda state: (state.resets, state.energy_base_mj, state.countdown_at, state.limit_a),
    ),
    ("counter", lambda state: _half_round(state.energy.counter)),
    ("books", lambda state: state.books),
    ("calibration", lambda state: state.calibrations),
)


def _half_round(counter: int | None) -> int | None:
    """Tell in which half of its round the counter is: one that was not seen lately is ambiguous."""
    return None if counter is None else counter * 2 // COUNTER_MODULUS


def _has_filled(state: State, lines: Curve) -> bool:
    """Tell whether a bucket is so much fuller than the store knows that it must be told."""
    buckets, known = state.evidence.buckets, state.handed.buckets
    if buckets is known or not any(buckets):
        return False
    if len(known) != len(buckets):
        known = (0.0,) * len(buckets)
    return any(
        bucket_s > known_s + BUCKET_SHARE * band.trip_s
        for bucket_s, known_s, band in zip(buckets, known, lines.bands, strict=False)
    )


def _written(state: State, now: float) -> Mapping[str, object]:
    """Write down what `KeptSocket` reads."""
    energy = asdict(state.energy)
    del energy["is_resumed"]
    return {
        "relay_on": state.relay_on or state.stopped_at is not None,
        "changed_at": state.changed_at,
        "opened_at": state.stopped_at,
        "saved_at": now,
        "trip": None if state.trip is None else asdict(state.trip),
        "resets": list(state.resets),
        "limit_a": state.limit_a,
        "energy": {**energy, "chip": list(state.energy.chip)},
        "energy_base_mj": state.energy_base_mj,
        "books": asdict(state.books),
        "buckets": list(state.evidence.buckets),
        # While a closing waits the countdown means 'off', and the closing is not kept.
        "countdown_at": None if state.closing_at is not None else state.countdown_at,
        "countdown_closes": state.countdown_closes,
        "fault": state.fault,
        "calibrations": [asdict(row) for row in state.calibrations],
    }
