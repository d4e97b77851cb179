"""Inputs that are only taken note of: links, days, what is on the disk, a total that is set."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, assert_never

from agent.automation.local_time import LocalTime
from agent.devices.effects import Effect
from agent.devices.inputs import (
    ClockTold,
    Dated,
    Identify,
    Kept,
    LinkChanged,
    RelayObeyed,
    SetTotal,
)
from agent.devices.socket.books import turned
from agent.devices.socket.state import State
from agent.devices.socket.telling import books_rows, total_set

FIND_MOST_S: Final = 600.0

Noted = LinkChanged | Dated | Kept | RelayObeyed | SetTotal | ClockTold | Identify


def noted(state: State, event: Noted, now: float) -> tuple[State, Sequence[Effect]]:
    """Take note of *event*; the contact does not move."""
    notes: Sequence[Effect] = ()
    match event:
        case LinkChanged(cloud=cloud, is_up=is_up):
            after = _linked(state, cloud, is_up=is_up)
        case Dated(day=day):
            books, rows = turned(state.books, state.energy.total_mj, day)
            after = state if books is state.books else replace(state, books=books)
            notes = books_rows(state, rows)
        case ClockTold(offset=offset, zone=zone):
            after = replace(state, local=LocalTime(offset=offset, zone=zone))
        case Identify(seconds=seconds):
            find_until = now + min(seconds, FIND_MOST_S) if seconds > 0 else None
            after = replace(state, find_until=find_until)
        case Kept(total_mj=total_mj):
            after = replace(state, published_mj=max(state.published_mj, total_mj))
        case RelayObeyed(on=on):
            after = replace(state, changed_at=now) if on is state.relay_on else state
        case SetTotal(energy_mj=energy_mj):
            base_mj = state.energy.total_mj - energy_mj
            after = replace(state, energy_base_mj=base_mj)
            notes = (total_set(state, event),)
        case _:
            assert_never(event)
    return after, notes


def _linked(state: State, cloud: str, *, is_up: bool) -> State:
    """Note a link; one that comes up anew ends provisioning."""
    if not is_up:
        return replace(state, links_up=state.links_up - {cloud})
    is_new = cloud not in state.links_up
    provisioning_until = None if is_new else state.provisioning_until
    return replace(state, links_up=state.links_up | {cloud}, provisioning_until=provisioning_until)
