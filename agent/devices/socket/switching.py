"""Opening and closing the contact: opening is never delayed, a trip is reset by a person only."""

from dataclasses import replace
from typing import Final

from agent.devices.socket import heat
from agent.devices.socket.protection import without_load
from agent.devices.socket.state import State, Trip
from agent.messages import DONE, Outcome, RefusalKind, refused
from agent.model import Origin, OriginKind
from agent.settings.device import SocketSettings
from agent.settings.protection import ProtectionSettings

HOUR_S: Final = 3600.0
HERE: Final = "reset it at the socket, by the button or polycloud on"


def opened(state: State, now: float) -> State:
    """Open the contact, and forget a closing that was waiting."""
    if not state.relay_on:
        return replace(state, closing_at=None, stopped_at=None)
    return replace(state, relay_on=False, changed_at=now, closing_at=None)


def is_local(origin: Origin) -> bool:
    """Tell whether a person stands at the socket or sits at this machine."""
    return origin.kind in {OriginKind.BUTTON, OriginKind.LOCAL}


def closed(state: State, settings: SocketSettings, now: float, *, by_person: bool = False) -> State:
    """Close the contact, or note when `min_off_s` lets it close."""
    hot = heat.refusal(state.warmth, settings.protection, has_tripped=False, is_local=by_person)
    if state.relay_on or state.trip is not None or hot:
        return state
    allowed_at = state.may_close_at(settings.relay.min_off_s)
    if now < allowed_at:
        return replace(state, closing_at=allowed_at)
    evidence = without_load(state.evidence)
    return replace(
        state,
        relay_on=True,
        changed_at=now,
        closing_at=None,
        stopped_at=None,
        is_stopped=False,
        evidence=evidence,
    )


def is_meant_on(state: State) -> bool:
    """Tell the position that was asked for last."""
    return state.relay_on or state.closing_at is not None


def countdown_end(state: State) -> bool:
    """Tell where a countdown ends: where it was told to, else at the other position."""
    return not is_meant_on(state) if state.countdown_to is None else state.countdown_to


def tripped(state: State, trip: Trip, now: float) -> State:
    """Open for protection: latched, and nothing that waits may close it."""
    return replace(
        state,
        relay_on=False,
        changed_at=now if state.relay_on else state.changed_at,
        closing_at=None,
        countdown_at=None,
        trip=trip,
    )


def without_trip(
    state: State, settings: SocketSettings, origin: Origin, *, is_live: bool, now: float
) -> tuple[State, Outcome]:
    """Reset a trip where *origin* may; the outcome says why not."""
    if state.trip is None:
        return state, DONE
    reason = _reset_refusal(state, settings, origin, is_live=is_live, now=now)
    if reason:
        text = f"tripped: {state.trip.describe()}; {reason}"
        return state, refused(RefusalKind.TRIPPED, text)
    resets = state.resets
    if origin.kind is OriginKind.CLOUD:
        resets = (*recent_resets(state, now), now)
    return replace(state, trip=None, resets=resets), DONE


def recent_resets(state: State, now: float) -> tuple[float, ...]:
    """List the resets from clouds within the last hour."""
    return tuple(at for at in state.resets if now - at < HOUR_S)


def _reset_refusal(
    state: State, settings: SocketSettings, origin: Origin, *, is_live: bool, now: float
) -> str:
    assert state.trip is not None
    protection = settings.protection
    hot = heat.refusal(
        state.warmth,
        protection,
        has_tripped=state.trip.cause == "overtemperature",
        is_local=is_local(origin),
    )
    if hot:
        return hot
    if not is_live or origin.kind is OriginKind.AGENT:
        return "a stored command does not reset a trip; send it again, or press the button"
    if origin.kind is not OriginKind.CLOUD:
        return ""
    return _cloud_reset_refusal(state, state.trip, protection, now)


def _cloud_reset_refusal(
    state: State, trip: Trip, protection: ProtectionSettings, now: float
) -> str:
    if protection.reset == "local":
        return f'protection.reset = "local": {HERE}'
    wait_s = trip.at + protection.cloud_reset_after_s - now
    if wait_s > 0:
        return f"it can be reset from a cloud in {wait_s:.0f} s"
    most = protection.cloud_resets_per_hour
    if len(recent_resets(state, now)) >= most:
        return f"it was reset from a cloud {most} times within the hour; {HERE}"
    return ""
