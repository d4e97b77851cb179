"""What a socket keeps on disk, and what it takes back after a start."""

from dataclasses import asdict, replace
from functools import partial
from typing import Final

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, ValidationError

from agent.devices.effects import Save, Saved
from agent.devices.socket.calibration import KeptCalibration
from agent.devices.socket.energy import Energy
from agent.devices.socket.evidence import Evidence
from agent.devices.socket.state import Kept, State, Trip
from agent.model import StartCause

SAVE_EVERY_S: Final = 60.0
SAVE_EVERY_MJ: Final = 36_000_000
"""10 Wh."""

SAME_BOOT: Final = frozenset({StartCause.RESTART, StartCause.CRASH, StartCause.UPDATE})
"""Starts across which the monotonic clock, and so every kept time, goes on."""


class KeptEnergy(BaseModel):
    """The count, and the chip's counter that it was taken at."""

    model_config = ConfigDict(frozen=True, strict=True)

    total_mj: NonNegativeInt = 0
    rest_pj: NonNegativeInt = 0
    counter: NonNegativeInt | None = None
    counter_at: float | None = None


class KeptTrip(BaseModel):
    """A trip, latched across starts."""

    model_config = ConfigDict(frozen=True, strict=True)

    cause: str
    value: float
    limit: float
    duration_s: float
    evidence: str
    at: float


class KeptSocket(BaseModel):
    """A socket's state on disk; times are monotonic seconds of the boot that wrote them."""

    model_config = ConfigDict(frozen=True, strict=True)

    relay_on: bool = False
    trip: KeptTrip | None = None
    resets: list[float] = []
    energy: KeptEnergy = KeptEnergy()
    energy_base_mj: NonNegativeInt = 0
    bucket_s: NonNegativeFloat = 0.0
    countdown_at: float | None = None
    calibrations: list[KeptCalibration] = []


def read(saved: Saved | None) -> KeptSocket | None:
    """Understand what was kept; None where nothing was, or where it is not a socket's."""
    if saved is None:
        return None
    try:
        return KeptSocket.model_validate(dict(saved))
    except ValidationError:
        return None


def save(state: State, now: float) -> tuple[State, Save]:
    """Keep everything now."""
    kept = Kept(total_mj=state.energy.total_mj, at=now)
    return replace(state, kept=kept), Save(write=partial(_written, state))


def is_save_due(before: State, after: State, now: float) -> bool:
    """Tell whether *after* must be kept: at once for the contact and the trip, else by energy."""
    if _urgent(before) != _urgent(after):
        return True
    unsaved_mj = after.energy.total_mj - after.kept.total_mj
    is_old = now - after.kept.at >= SAVE_EVERY_S
    return unsaved_mj >= SAVE_EVERY_MJ or (unsaved_mj > 0 and is_old)


def restore(kept: KeptSocket, cause: StartCause, *, on: bool, now: float) -> State:
    """Make the first state; *on* is what the start policy says, and a kept trip overrules it.

    Kept times mean nothing after a reboot: a trip then counts as just happened, a full hour of
    resets as used, and the counter's gap as ambiguous.
    """
    is_same_boot = cause in SAME_BOOT
    resets = tuple(kept.resets)
    energy = kept.energy
    on = on and kept.trip is None
    countdown_at = _running_countdown(kept, on=on) if is_same_boot else None
    has_expired = countdown_at is not None and countdown_at <= now
    return State(
        relay_on=on and not has_expired,
        changed_at=now,
        countdown_at=None if has_expired else countdown_at,
        trip=_trip(kept.trip, None if is_same_boot else now),
        resets=resets if is_same_boot else tuple(now for _ in resets),
        energy=Energy(
            total_mj=energy.total_mj,
            rest_pj=energy.rest_pj,
            counter=energy.counter if is_same_boot else None,
            counter_at=energy.counter_at if is_same_boot else None,
        ),
        energy_base_mj=kept.energy_base_mj,
        calibrations=tuple(row.calibration() for row in kept.calibrations),
        evidence=Evidence(bucket_s=kept.bucket_s),
        kept=Kept(total_mj=energy.total_mj, at=now),
    )


def _running_countdown(kept: KeptSocket, *, on: bool) -> float | None:
    """Find the countdown that goes on: only while the contact stands where it stood.

    One that expired while nobody watched may have switched off, and never switches on.
    """
    return kept.countdown_at if kept.trip is None and on == kept.relay_on else None


def _urgent(state: State) -> tuple[object, ...]:
    return (
        state.relay_on,
        state.trip,
        state.resets,
        state.energy_base_mj,
        state.countdown_at,
        state.calibrations,
    )


def _trip(kept: KeptTrip | None, at: float | None) -> Trip | None:
    if kept is None:
        return None
    trip = Trip(**kept.model_dump())
    return trip if at is None else replace(trip, at=at)


def _written(state: State) -> Saved:
    """Write down what `KeptSocket` reads."""
    return {
        "relay_on": state.relay_on,
        "trip": None if state.trip is None else asdict(state.trip),
        "resets": list(state.resets),
        "energy": asdict(state.energy),
        "energy_base_mj": state.energy_base_mj,
        "bucket_s": state.evidence.bucket_s,
        "calibrations": [asdict(row) for row in state.calibrations],
        # While a closing waits the countdown means 'off', and the closing is not kept.
        "countdown_at": None if state.closing_at is not None else state.countdown_at,
    }
