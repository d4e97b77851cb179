"""The first state of a process, made from what an earlier one kept and from why it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.devices.automated.rules_kept import taken_back
from agent.devices.effects import Effect, Log, Record, SetRelay
from agent.devices.inputs import Found
from agent.devices.socket import calibration, keeping
from agent.devices.socket.books import Books
from agent.devices.socket.contact import CODES, FAILED, FaultName
from agent.devices.socket.energy import resumed
from agent.devices.socket.evidence import Evidence
from agent.devices.socket.keeping import BUCKET_SHARE
from agent.devices.socket.kept import KeptSocket, read
from agent.devices.socket.protection import Buckets, Curve
from agent.devices.socket.state import Asked, Handed, Metering, State, Trip
from agent.devices.starts import (
    BOOT_AT,
    CLEAN,
    SAME_BOOT,
    SHORT_OFF_S,
    UNWATCHED_S,
    policy_for,
)
from agent.model import Condition, StartCause
from agent.settings.device import SocketSettings
from agent.settings.relays import Policy


def first_state(
    found: Found, settings: SocketSettings, lines: Curve, now: float
) -> tuple[State, Sequence[Effect]]:
    """Apply the relay's start policy to what was kept; a kept trip overrules it."""
    kept, dropped = (None, ()) if found.saved is None else read(found.saved)
    policy = policy_for(settings.relay, found.cause)
    was_on = kept is not None and kept.relay_on and not found.is_held_off
    is_sure = not dropped and found.condition in (Condition.NEW, Condition.GOOD)
    on = is_sure and (policy == "on" or (policy == "restore" and was_on))
    state = _restored(kept or KeptSocket(), found, on=on, now=now)
    state = _placed(state, kept, found, settings, now)
    buckets = _buckets(kept, found, lines, now)
    evidence = replace(state.evidence, buckets=buckets)
    state = replace(state, evidence=evidence, fault=_fault(kept, settings))
    state, save = keeping.save(state, "start", now)
    effects: list[Effect] = [SetRelay(on=state.relay_on)]
    effects += calibration.at_start(state.calibrations, settings.meter)
    if not is_sure:
        details = {"condition": found.condition, "dropped": list(dropped), "contact": "open"}
        effects.append(Log(event="state.unreadable", details=details, is_warning=True))
    effects += _rows(state, found, policy, was_on=was_on, is_sure=is_sure, dropped=dropped)
    return state, (*effects, save)


def _restored(kept: KeptSocket, found: Found, *, on: bool, now: float) -> State:
    """Take back what is kept, but the buckets.

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
    opens = has_expired and kept.countdown_to is not True
    asked = kept.countdown_by
    total_mj = kept.energy.total_mj
    return State(
        relay_on=on and not opens,
        changed_at=now,
        countdown_at=None if has_expired else countdown_at,
        countdown_closes=kept.countdown_closes,
        countdown_to=kept.countdown_to,
        countdown_by=None if asked is None else Asked(by=asked.by, request=asked.request),
        trip=trip,
        resets=tuple(kept.resets) if is_same_boot else tuple(now for _ in kept.resets),
        limit_a=kept.limit_a,
        child_lock_set=kept.child_lock,
        energy=resumed(kept.energy.energy(), knows_counter=is_same_boot),
        energy_base_mj=kept.energy_base_mj,
        published_mj=total_mj,
        books=Books(**kept.books.model_dump()),
        evidence=Evidence(),
        calibrations=tuple(row.calibration() for row in kept.calibrations),
        plan=kept.plan.plan(),
        handed=Handed(total_mj=total_mj, at=now),
        rules=taken_back(kept.rules, kept.saved_at, found.cause, now),
    )


def _placed(
    state: State, kept: KeptSocket | None, found: Found, settings: SocketSettings, now: float
) -> State:
    """Say when the contact moved last, and hold a closing back for `min_off_s`."""
    if kept is None or kept.changed_at is None:
        return state
    is_same_boot = found.cause in SAME_BOOT
    if not state.relay_on:
        stood_open = is_same_boot and not kept.relay_on
        return replace(state, changed_at=kept.changed_at) if stood_open else state
    if found.is_held_on and is_same_boot:
        return replace(state, changed_at=kept.changed_at, metering=Metering(last_at=now))
    min_off_s = settings.relay.min_off_s
    opened_at = _opened_at(kept, now, is_same_boot=is_same_boot, is_short=min_off_s <= SHORT_OFF_S)
    if opened_at is None or opened_at + min_off_s <= now:
        return state
    return replace(state, relay_on=False, changed_at=opened_at, closing_at=opened_at + min_off_s)


def _opened_at(kept: KeptSocket, now: float, *, is_same_boot: bool, is_short: bool) -> float | None:
    """Tell since when the contact has been open; None: as far as is known it is closed.

    A contact that was closed when the process ended, and that nobody held, may have been opened
    until now: with a minimum that spares a compressor that is taken for certain.
    """
    if not is_same_boot:
        return BOOT_AT
    if kept.opened_at is not None:
        return kept.opened_at
    if not kept.relay_on:
        return kept.changed_at
    return None if is_short else now


def _running_countdown(kept: KeptSocket, *, on: bool) -> float | None:
    """Find the countdown that goes on: only while the contact stands where it stood.

    One that expired while nobody watched may have switched off, and never switches on.
    """
    return kept.countdown_at if kept.trip is None and on == kept.relay_on else None


def _buckets(kept: KeptSocket | None, found: Found, lines: Curve, now: float) -> Buckets:
    """Take the accumulated seconds back; what may have come since is added, unknown is hot."""
    if kept is None and found.condition is Condition.NEW:
        return ()
    hot = tuple(band.trip_s for band in lines.bands)
    if kept is None or kept.buckets is None or len(kept.buckets) not in (0, len(hot)):
        return hot
    if found.condition is not Condition.GOOD:
        return hot
    saved = kept.buckets or [0.0] * len(hot)
    if not kept.relay_on:
        return tuple(saved)
    is_same_boot = found.cause in SAME_BOOT
    away_s = max(0.0, now - kept.saved_at) if is_same_boot and kept.saved_at is not None else 0.0
    if kept.opened_at is not None:
        away_s = 0.0
    return tuple(
        min(trip_s, bucket_s + _unseen_s(trip_s, away_s, found.cause))
        for bucket_s, trip_s in zip(saved, hot, strict=True)
    )


def _unseen_s(trip_s: float, away_s: float, cause: StartCause) -> float:
    """Tell how much a bucket may have filled between the last save and now."""
    if cause in CLEAN:
        return away_s
    unsaved_s = BUCKET_SHARE * trip_s
    return min(away_s, unsaved_s + UNWATCHED_S) if cause in SAME_BOOT else unsaved_s


def _fault(kept: KeptSocket | None, settings: SocketSettings) -> FaultName | None:
    """Take a fault back where the meter still stands where it can see that it is over."""
    if kept is None or (kept.fault == FAILED and settings.meter.voltage_from != "load"):
        return None
    return next((name for name in CODES if name == kept.fault), None)


def _rows(
    state: State,
    found: Found,
    policy: Policy,
    *,
    was_on: bool,
    is_sure: bool,
    dropped: Sequence[str],
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
        "is_sure": is_sure,
    }
    rows = [Record(topic="relay", name="on" if state.relay_on else "off", details=start)]
    is_told = found.condition in (Condition.NEW, Condition.GOOD, Condition.RESTORED)
    if is_told and not dropped:  # a state that a person restored has its row from there
        return rows
    name = "state_lost" if found.condition is Condition.LOST else "state_damaged"
    details = {
        "total_mj": state.energy.total_mj,
        "day": state.books.day,
        "condition": found.condition.value,
        "dropped": list(dropped),
    }
    return (*rows, Record(topic="energy", name=name, details=details))
