"""What a socket keeps on disk, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import Final

from agent.devices.automated.kept_plan import written_plan
from agent.devices.automated.rules_kept import written
from agent.devices.effects import Save
from agent.devices.socket.protection import Curve
from agent.devices.socket.state import Handed, State
from agent.devices.socket.switching import recent_resets
from agent.model import COUNTER_MODULUS

SAVE_EVERY_S: Final = 60.0
SAVE_EVERY_MJ: Final = 36_000_000
"""10 Wh."""

BUCKET_SHARE: Final = 0.2
"""A bucket that has filled by this share of its band's seconds is saved."""


def save(state: State, cause: str, now: float) -> tuple[State, Save]:
    """Keep everything now."""
    total_mj = state.energy.total_mj
    handed = Handed(total_mj=total_mj, buckets=state.evidence.buckets, at=now)
    write = partial(_written, state, now)
    return replace(state, handed=handed), Save(write=write, cause=cause, total_mj=total_mj)


def due(before: State, after: State, lines: Curve, now: float) -> str:
    """Tell why *after* must be kept now, or '': at once for what was decided, else by energy."""
    if _read_at_once(before) != _read_at_once(after) or after.asks_otherwise(before):
        return _first_changed(before, after)
    if _half_round(before.energy.counter) != _half_round(after.energy.counter):
        return "counter"
    # The very same book or plan, as after most frames, needs no summing up.
    if before.rules is not after.rules and before.rules.marks != after.rules.marks:
        return "rules"
    if before.plan is not after.plan and before.plan.kept != after.plan.kept:
        return "schedule"
    if _has_filled(after, lines):
        return "accumulators"
    unsaved_mj = after.energy.total_mj - after.handed.total_mj
    is_old = now - after.handed.at >= SAVE_EVERY_S
    return "energy" if unsaved_mj >= SAVE_EVERY_MJ or (unsaved_mj > 0 and is_old) else ""


_AT_ONCE: Final[Mapping[str, Sequence[str]]] = {
    "relay": ("relay_on", "closing_at"),
    "protection": ("trip", "fault"),
    "command": (
        "resets",
        "energy_base_mj",
        "countdown_at",
        "countdown_to",
        "limit_a",
        "child_lock_set",
    ),
    "books": ("books",),
    "calibration": ("calibrations",),
}
"""What of a state must be kept as soon as it changes, by the cause of the save."""

_read_at_once: Final = attrgetter(*chain.from_iterable(_AT_ONCE.values()))


def _first_changed(before: State, after: State) -> str:
    causes = (
        cause
        for cause, names in _AT_ONCE.items()
        if any(getattr(before, name) != getattr(after, name) for name in names)
    )
    return next(causes, "relay")


def _half_round(counter: int | None) -> int | None:
    """Tell in which half of its round the counter is: one that was not seen lately is ambiguous."""
    return None if counter is None else counter * 2 // COUNTER_MODULUS


def _has_filled(state: State, lines: Curve) -> bool:
    """Tell whether a bucket is so much fuller than the store knows, or cold again at last."""
    buckets, known = state.evidence.buckets, state.handed.buckets
    if buckets is known:
        return False
    if not any(buckets):
        return any(known)
    if len(known) != len(buckets):
        known = (0.0,) * len(buckets)
    return any(
        bucket_s > known_s + BUCKET_SHARE * band.trip_s
        for bucket_s, known_s, band in zip(buckets, known, lines.bands, strict=False)
    )


def _written(state: State, now: float) -> Mapping[str, object]:
    """Write down what `KeptSocket` reads."""
    energy = asdict(state.energy)
    del energy["is_resumed"], energy["is_astray"]
    opened_at = state.stopped_at if state.closing_at is None else state.changed_at
    return {
        **state.also_kept(),
        "relay_on": state.relay_on or opened_at is not None,
        "changed_at": state.changed_at,
        "opened_at": opened_at,
        "saved_at": now,
        "trip": None if state.trip is None else asdict(state.trip),
        "resets": list(recent_resets(state, now)),
        "limit_a": state.limit_a,
        "child_lock": state.child_lock_set,
        "energy": {**energy, "chip": list(state.energy.chip)},
        "energy_base_mj": state.energy_base_mj,
        "books": asdict(state.books),
        "buckets": list(state.evidence.buckets),
        "countdown_at": state.countdown_at,
        "countdown_closes": state.countdown_closes,
        "countdown_to": state.countdown_to,
        "countdown_by": None if state.countdown_by is None else asdict(state.countdown_by),
        "fault": state.fault,
        "calibrations": [asdict(row) for row in state.calibrations],
        "rules": written(state.rules),
        "plan": written_plan(state.plan),
    }
