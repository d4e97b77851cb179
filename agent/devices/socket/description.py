"""A socket in words and numbers that its properties do not hold: for `status`."""

from collections.abc import Mapping
from dataclasses import asdict

from agent.devices.socket.state import State
from agent.devices.socket.switching import is_meant_on


def description(state: State, now: float) -> Mapping[str, object]:
    """Describe the trip, the countdown, a closing that waits, and the meter."""
    return {
        "trip": _trip(state, now),
        "countdown": _countdown(state, now),
        "closes_in_s": None if state.closing_at is None else round(state.closing_at - now, 1),
        "meter": _meter(state),
    }


def _trip(state: State, now: float) -> Mapping[str, object] | None:
    if state.trip is None:
        return None
    row = asdict(state.trip)
    del row["at"]
    return {**row, "text": state.trip.describe(), "age_s": round(now - state.trip.at, 1)}


def _countdown(state: State, now: float) -> Mapping[str, object] | None:
    if state.countdown_at is None:
        return None
    left_s = max(0.0, state.countdown_at - now)
    return {"left_s": round(left_s, 1), "to": "off" if is_meant_on(state) else "on"}


def _meter(state: State) -> str:
    if state.metering.last_at is None:
        return "no frame yet"
    return "silent" if state.metering.is_silent else "speaks"
