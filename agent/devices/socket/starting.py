"""The first state of a process, made from what an earlier one kept and from why it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from agent.devices.effects import Effect, Log, Record, SetRelay
from agent.devices.inputs import Found
from agent.devices.socket import calibration, keeping
from agent.devices.socket.books import Books
from agent.devices.socket.contact import CODES, FaultName
from agent.devices.socket.energy import resumed
from agent.devices.socket.evidence import Evidence
from agent.devices.socket.keeping import BUCKET_SHARE, KeptSocket
from agent.devices.socket.protection import Buckets, Curve
from agent.devices.socket.state import Handed, Metering, State, Trip
from agent.model import Condition, StartCause
from agent.settings.device import Policy, SocketSettings, StartPolicy

SAME_BOOT: Final = frozenset({StartCause.RESTART, StartCause.CRASH, StartCause.UPDATE})
"""Starts across which the monotonic clock, and so every kept time, goes on."""

CLEAN: Final = frozenset({StartCause.RESTART, StartCause.UPDATE, StartCause.REBOOT})
"""Starts before which everything was kept at the stop."""

BOOT_AT: Final = 0.0
"""The monotonic clock begins with the boot, which left the contact open."""

UNWATCHED_S: Final = 15.0
"""So long at most nobody watches after a crash."""


def first_state(
    found: Found, settings: SocketSettings, lines: Curve, now: float
) -> tuple[State, Sequence[Effect]]:
    """Apply the relay's start policy to what was kept; a kept trip overrules it."""
    kept = keeping.read(found.saved)
    is_unread = found.saved is not None and kept is None
    is_lost = is_unread or found.condition is Condition.LOST
    policy = policy_for(settings, found.cause)
    was_on = kept is not None and kept.relay_on
    on = (policy == "on" or (policy == "restore" and was_on)) and not is_unread
    state = _restored(kept or KeptSocket(), found, on=on, now=now)
    state = _placed(state, kept, found, settings, now)
    buckets = _buckets(None if is_lost else kept, found, lines, now)
    state = replace(state, evidence=replace(state.evidence, buckets=buckets))
    state, save = keeping.save(state, "start", now)
    effects: list[Effect] = [SetRelay(on=state.relay_on)]
    effects += calibration.at_start(state.calibrations, settings.meter)
    if is_unread:
        details = {"begins": "anew, contact open"}
        effects.append(Log(event="state.unreadable", details=details, is_warning=True))
    effects += _rows(state, found, policy, was_on=was_on, is_lost=is_lost)
    return state, (*effects, save)


def policy_for(settings: SocketSettings, cause: StartCause) -> Policy:
    """Tell what the contact does when the service starts for *cause*."""
    policy = settings.relay.on_start
    chosen: Policy = getattr(policy, cause.value) if isinstance(policy, StartPolicy) else policy
    return chosen


def _restored(kept: KeptSocket, found: Found, *, on: bool, now: float) -> State:
    """Take everything back but the buckets.

    Kept times mean nothing after a reboot: a trip then counts as just happened, a full hour of
    resets as used, and the chip's counter as unknown.
    """
    is_same_boot = found.cause in SAME_BOOT
    trip = None if kept.trip is None else Trip(**kept.trip.model_dump())
    if trip is not None and not is_same_boot:
        trip = replace(trip, at=now)
    on = on and trip is None
    countdown_at = _running_countdown(kept, on=on) if is_same_boot else None
    has_expired = countdown_at is not None and countdown_at <= now
    total_mj = kept.energy.total_mj
    return State(
        relay_on=on and not has_expired,
        changed_at=now,
        countdown_at=None if has_expired else countdown_at,
        countdown_closes=kept.countdown_closes,
        trip=trip,
        resets=tuple(kept.resets) if is_same_boot else tuple(now for _ in kept.resets),
        limit_a=kept.limit_a,
        energy=resumed(kept.energy.energy(), knows_counter=is_same_boot),
        energy_base_mj=kept.energy_base_mj,
        published_mj=total_mj,
        books=Books(**kept.books.model_dump()),
        evidence=Evidence(),
        fault=_fault(kept.fault),
        calibrations=tuple(row.calibration() for row in kept.calibrations),
        handed=Handed(total_mj=total_mj, at=now),
    )


def _placed(
    state: State, kept: KeptSocket | None, found: Found, settings: SocketSettings, now: float
) -> State:
    """Say when the contact moved last, and hold a closing back for `min_off_s`."""
    if kept is None or kept.changed_at is None:
        return state
    is_same_boot = found.cause in SAME_BOOT
    stayed_closed = is_same_boot and kept.relay_on and kept.opened_at is None
    if not state.relay_on:
        stood_open = is_same_boot and not kept.relay_on
        return replace(state, changed_at=kept.changed_at) if stood_open else state
    if stayed_closed:
        held = replace(state, changed_at=kept.changed_at, metering=Metering(last_at=now))
        return held if found.is_held_on else state
    opened_at = BOOT_AT
    if is_same_boot:
        opened_at = kept.changed_at if kept.opened_at is None else kept.opened_at
    closing_at = opened_at + settings.relay.min_off_s
    if closing_at <= now:
        return state
    return replace(state, relay_on=False, changed_at=opened_at, closing_at=closing_at)


def _running_countdown(kept: KeptSocket, *, on: bool) -> float | None:
    """Find the countdown that goes on: only while the contact stands where it stood.

    One that expired while nobody watched may have switched off, and never switches on.
    """
    return kept.countdown_at if kept.trip is None and on == kept.relay_on else None


def _buckets(kept: KeptSocket | None, found: Found, lines: Curve, now: float) -> Buckets:
    """Take the accumulated seconds back; what may have come since is added, unknown is hot."""
    is_new = kept is None and found.saved is None and found.condition is Condition.NEW
    if is_new:
        return ()
    hot = tuple(band.trip_s for band in lines.bands)
    if kept is None or kept.buckets is None or len(kept.buckets) not in (0, len(hot)):
        return hot
    saved = kept.buckets or [0.0] * len(hot)
    if not kept.relay_on:
        return tuple(saved)
    is_clean, is_same_boot = found.cause in CLEAN, found.cause in SAME_BOOT
    away_s = max(0.0, now - kept.saved_at) if is_same_boot and kept.saved_at is not None else 0.0
    if kept.opened_at is not None:
        away_s = 0.0
    return tuple(
        min(trip_s, bucket_s + (away_s if is_clean else _unseen_s(trip_s, away_s, is_same_boot)))
        for bucket_s, trip_s in zip(saved, hot, strict=True)
    )


def _unseen_s(trip_s: float, away_s: float, is_same_boot: bool) -> float:  # noqa: FBT001 - a plain fact
    """Tell how much a bucket may have filled between the last save and now."""
    unsaved_s = BUCKET_SHARE * trip_s
    return min(away_s, unsaved_s + UNWATCHED_S) if is_same_boot else unsaved_s


def _fault(name: str | None) -> FaultName | None:
    return next((known for known in CODES if known == name), None)


def _rows(
    state: State, found: Found, policy: Policy, *, was_on: bool, is_lost: bool
) -> Sequence[Record]:
    """Write into the journal what the contact does, and what the count begins with."""
    start: Mapping[str, object] = {
        "why": "start",
        "cause": found.cause.value,
        "policy": policy,
        "was_on": was_on,
        "held": found.is_held_on,
        "trip": None if state.trip is None else state.trip.describe(),
        "closes_later": state.closing_at is not None,
    }
    rows = [Record(topic="relay", name="on" if state.relay_on else "off", details=start)]
    total_mj = state.energy.total_mj
    if is_lost:
        details = {"total_mj": total_mj, "day": state.books.day, "condition": found.condition}
        rows.append(Record(topic="energy", name="state_lost", details=details))
    elif found.condition in (Condition.OLDER, Condition.SALVAGED):
        details = {"total_mj": total_mj, "day": state.books.day, "condition": found.condition}
        rows.append(Record(topic="energy", name="state_damaged", details=details))
    return rows
