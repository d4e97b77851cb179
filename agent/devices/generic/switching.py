"""Opening and closing one contact, and setting one dimmer: opening is never delayed."""

from collections.abc import Mapping
from dataclasses import replace

from agent.devices.generic.state import DimmerState, State, SwitchState


def is_meant_on(contact: SwitchState) -> bool:
    """Tell the position that was asked for last."""
    return contact.is_on or contact.closing_at is not None


def opened(contact: SwitchState, now: float) -> SwitchState:
    """Open the contact, and forget a closing that was waiting."""
    return replace(
        contact,
        is_on=False,
        changed_at=now if contact.is_on else contact.changed_at,
        closing_at=None,
        closing_by="",
        stopped_at=None,
    )


def closed(contact: SwitchState, min_off_s: float, now: float) -> SwitchState:
    """Close the contact, or note when `min_off_s` lets it close."""
    if contact.is_on:
        return contact
    allowed_at = contact.changed_at + min_off_s
    if now < allowed_at:
        return replace(contact, closing_at=allowed_at)
    return replace(
        contact, is_on=True, changed_at=now, closing_at=None, closing_by="", stopped_at=None
    )


def with_switch(state: State, name: str, contact: SwitchState) -> State:
    """Put one contact into the state; the very same state where nothing differs."""
    if state.switches[name] == contact:
        return state
    return replace(state, switches={**state.switches, name: contact})


def with_level(state: State, name: str, level: int) -> State:
    """Put one dimmer at a level."""
    if state.dimmers[name] == DimmerState(level=level):
        return state
    return replace(state, dimmers={**state.dimmers, name: DimmerState(level=level)})


def closing_due(state: State, least_off_s: Mapping[str, float], now: float) -> State:
    """Close what was only delayed, and may close by now."""
    for name, contact in state.switches.items():
        if contact.closing_at is not None and now >= contact.closing_at:
            state = with_switch(state, name, closed(contact, least_off_s[name], now))
    return state
