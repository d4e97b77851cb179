"""The state of a strip: a socket's, whose one contact is several outlets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from agent.devices.effects import SetRelay
from agent.devices.socket.moment import Age
from agent.devices.socket.state import State
from agent.devices.strip.wishes import Wish, understood
from agent.messages import Refusal
from agent.model import Values

NEVER: Final = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One outlet: where its contact stands, and whether it belongs to what is on.

    `is_wanted`: it is closed while the strip is on; of a strip that is off: it comes back with
    the strip. `changed_at`: when the contact moved last. `was_on`: it was on, or about to be,
    when the service ended.
    """

    name: str
    min_off_s: float
    changed_at: float
    is_on: bool = False
    is_wanted: bool = True
    was_on: bool = False

    @property
    def may_close_at(self) -> float:
        """When `min_off_s` lets it close."""
        return self.changed_at + self.min_off_s


@dataclass(frozen=True, slots=True, kw_only=True)
class StripState(State):
    """Everything that a strip knows.

    `relay_on` tells whether any outlet is closed. At least one outlet is wanted at any time.
    `grown_at`: when an outlet closed beside others.
    """

    outlets: tuple[Outlet, ...]
    grown_at: float = NEVER

    @property
    def is_meant_on(self) -> bool:
        """Whether outlets are on, or about to be."""
        return self.relay_on or self.closing_at is not None

    @property
    def waits_until(self) -> float | None:
        """When the next closing is due that `min_off_s` delays."""
        if not self.is_meant_on:
            return None
        return min((each.may_close_at for each in self.outlets if _waits(each)), default=None)

    def may_close_at(self, min_off_s: float) -> float:
        """Tell from when on the first of the wanted outlets may close."""
        del min_off_s
        return min(each.may_close_at for each in self.outlets if each.is_wanted)

    def age(self, now: float) -> Age:
        """Tell how long outlets have been closed, and how long ago one was added."""
        return Age(
            closed_s=now - self.changed_at, grown_s=now - max(self.changed_at, self.grown_at)
        )

    def taken(self, values: Values) -> "tuple[StripState, Values] | Refusal":
        """Take the positions of outlets; what they mean for the strip is left as its switch."""
        wanted = {each.name: each.is_wanted for each in self.outlets}
        wish = understood(values, wanted, is_on=self.is_meant_on)
        if not isinstance(wish, Wish):
            return wish
        return self.with_wanted(wish.wanted), wish.values

    def with_wanted(self, wanted: Mapping[str, bool]) -> "StripState":
        """Say which outlets belong to what is on."""
        outlets = tuple(
            each
            if each.is_wanted is wanted[each.name]
            else replace(each, is_wanted=wanted[each.name])
            for each in self.outlets
        )
        return replace(self, outlets=outlets)

    def asks_otherwise(self, before: State) -> bool:
        """Tell whether outlets stand, or shall stand, otherwise than *before*."""
        assert isinstance(before, StripState), "a strip's state"
        return self.relay_on is not before.relay_on or self.outlets != before.outlets

    def settled(self, now: float) -> "StripState":
        """Open what is not wanted at once, and close what may close by now."""
        if not any(_moves_by(each, now, is_on=self.relay_on) for each in self.outlets):
            return _waiting(_off_where_none_is_closed(self, now))
        outlets = tuple(
            replace(each, is_on=not each.is_on, changed_at=now)
            if _moves_by(each, now, is_on=self.relay_on)
            else each
            for each in self.outlets
        )
        was_on = any(each.is_on for each in self.outlets)
        closes = any(new.is_on and not old.is_on for old, new in _pairs(self, outlets))
        grown_at = now if was_on and closes else self.grown_at
        moved = replace(self, outlets=outlets, grown_at=grown_at)
        return _waiting(_off_where_none_is_closed(moved, now))

    def moves(self, before: State) -> tuple[SetRelay, ...]:
        """Tell which contacts have moved, those that opened first."""
        assert isinstance(before, StripState), "a strip's state"
        if self.outlets is before.outlets:
            return ()
        moved = [new for old, new in _pairs(before, self.outlets) if new.is_on is not old.is_on]
        moved.sort(key=lambda each: each.is_on)
        return tuple(SetRelay(on=each.is_on, output=each.name) for each in moved)

    def also_kept(self) -> Mapping[str, object]:
        """Tell where each outlet stands, and what a start may restore."""
        is_left = not self.is_stopped or self.stopped_at is not None
        return {
            "outlets": [
                {
                    "name": each.name,
                    "is_on": each.is_on,
                    "is_wanted": each.is_wanted,
                    "changed_at": each.changed_at,
                    "restores": (each.was_on and is_left) or (self.is_meant_on and each.is_wanted),
                }
                for each in self.outlets
            ]
        }


def _off_where_none_is_closed(state: StripState, now: float) -> StripState:
    """Count as off where the last closed outlet has gone and the others still wait."""
    if not state.relay_on or any(each.is_on for each in state.outlets):
        return state
    return replace(state, relay_on=False, changed_at=now, closing_at=state.may_close_at(0))


def _waiting(state: StripState) -> StripState:
    """Let a closing be due when the first of the wanted outlets may close."""
    if state.closing_at is None or state.closing_at == state.may_close_at(0):
        return state
    return replace(state, closing_at=state.may_close_at(0))


def _waits(outlet: Outlet) -> bool:
    return outlet.is_wanted and not outlet.is_on


def _moves_by(outlet: Outlet, now: float, *, is_on: bool) -> bool:
    """Tell whether a contact stands otherwise than it shall."""
    if outlet.is_on:
        return not (is_on and outlet.is_wanted)
    return is_on and outlet.is_wanted and now >= outlet.may_close_at


def _pairs(before: StripState, outlets: tuple[Outlet, ...]) -> Iterator[tuple[Outlet, Outlet]]:
    return zip(before.outlets, outlets, strict=True)
