"""Inputs that are only taken note of: links, days, what is on the disk, a total that is set."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from agent.devices.effects import Effect
from agent.devices.inputs import Dated, Kept, LinkChanged, RelayObeyed, SetTotal
from agent.devices.socket.books import turned
from agent.devices.socket.state import State
from agent.devices.socket.telling import books_rows, total_set

Noted = LinkChanged | Dated | Kept | RelayObeyed | SetTotal


def noted(state: State, event: Noted, now: float) -> tuple[State, Sequence[Effect]]:
    """Take note of *event*; the contact does not move."""
    match event:
        case LinkChanged(cloud=cloud, is_up=is_up):
            others = state.links_up - {cloud}
            return replace(state, links_up=others | {cloud} if is_up else others), ()
        case Dated(day=day):
            books, rows = turned(state.books, state.energy.total_mj, day)
            if books is state.books:
                return state, ()
            return replace(state, books=books), books_rows(state, rows)
        case Kept(total_mj=total_mj):
            return replace(state, published_mj=max(state.published_mj, total_mj)), ()
        case RelayObeyed(on=on):
            return (replace(state, changed_at=now) if on is state.relay_on else state), ()
        case SetTotal(energy_mj=energy_mj):
            base_mj = state.energy.total_mj - energy_mj
            return replace(state, energy_base_mj=base_mj), (total_set(state, event),)
        case _:
            assert_never(event)
