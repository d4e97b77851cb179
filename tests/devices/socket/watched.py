"""A bench on which every single decision is checked against what always holds."""

from collections.abc import Sequence
from dataclasses import replace

from agent.devices.effects import Effect, Save, SetRelay
from agent.devices.inputs import ButtonEdge, Input, Tick, Toggle
from agent.devices.socket.state import State
from agent.devices.socket.switching import is_meant_on
from agent.messages import Command, PropertySet
from agent.model import OriginKind, StartCause
from agent.settings.device import SocketSettings
from tests.devices.socket.bench import Bench

PERSONS = (OriginKind.LOCAL, OriginKind.BUTTON)
CLOUD_RESET_AFTER_S = 10.0
CLOUD_RESETS_PER_HOUR = 3
SAME_BOOT = (StartCause.RESTART, StartCause.CRASH, StartCause.UPDATE)
TINY_S = 1e-6


class Watched(Bench):
    """Remembers, apart from the state, when the contact opened, tripped and was reset."""

    def __init__(self, config: SocketSettings) -> None:
        self.opened_at = float("-inf")
        self.tripped_at = 0.0
        self.cloud_resets: list[float] = []
        super().__init__(config)

    def begin(self, saved: object, cause: StartCause) -> None:
        """Start, and check that a start resets nothing and closes only where it may."""
        trip = self.state.trip if hasattr(self, "state") and saved is not None else None
        was_on = self.contact or (hasattr(self, "state") and self.state.closing_at is not None)
        begun = len(self.effects) if hasattr(self, "effects") else 0
        super().begin(saved, cause)
        started_on = next(e.on for e in self.effects[begun:] if isinstance(e, SetRelay))
        self._check_effects(self.effects[-1:], is_contact_moved=False)
        assert (self.state.trip is not None) == (trip is not None), "a start changed the trip"
        assert self.contact == self.state.relay_on
        assert not (self.contact and self.state.trip), "a start closed a tripped socket"
        policy = self.device.settings.relay.on_start
        chosen = policy if isinstance(policy, str) else getattr(policy, cause.value)
        if started_on:
            assert chosen == "on" or (chosen == "restore" and was_on)
        if cause not in SAME_BOOT:
            self.tripped_at = self.now

    def give(self, event: Input) -> Sequence[Effect]:
        """Decide once; check the decision."""
        before, was_on = self.state, self.contact
        effects = super().give(event)
        after = self.state
        self._check_effects(effects, is_contact_moved=after.relay_on != before.relay_on)
        assert self.contact == after.relay_on, "the contact is not what the state says"
        assert not (self.contact and after.trip), "closed while tripped"
        if after.trip is not None:
            assert after.closing_at is None, "a closing waits behind a trip"
        if self.contact and not was_on:
            allowed_at = self.opened_at + self.device.settings.relay.min_off_s
            assert self.now >= allowed_at - TINY_S, "closed before min_off_s"
        if was_on and not self.contact:
            self.opened_at = self.now
        if after.trip is not None and before.trip is None:
            self.tripped_at = self.now
            assert _saves(effects), "a trip that is not kept"
        if before.trip is not None and after.trip is None and not _is_click(before, event):
            self._check_reset(event)
        if isinstance(event, ButtonEdge):
            self._check_edge(before, after, is_pressed=event.is_pressed)
        if isinstance(event, Tick):
            due = self.device.next_deadline(after, self.now)
            assert due is None or due > self.now, "a deadline that is due stays due"
        assert after.energy.total_mj >= before.energy.total_mj, "the total fell"
        return effects

    def _check_effects(self, effects: Sequence[Effect], *, is_contact_moved: bool) -> None:
        kinds = [isinstance(effect, SetRelay) for effect in effects]
        assert kinds == sorted(kinds, reverse=True), "the relay does not come first"
        assert sum(kinds) <= 1, "two drives of the contact in one decision"
        if is_contact_moved:
            assert any(kinds), "the state moved without the contact"
        if any(kinds):
            assert _saves(effects), "the contact moved and nothing is kept"

    def _check_edge(self, before: State, after: State, *, is_pressed: bool) -> None:
        """Check a press, which only ends a wait, and what the child lock forbids.

        What acts by itself may act in the same moment.
        """
        settings = self.device.settings
        if settings.rules or settings.schedules or after.rules.added or after.plan.entries:
            return
        closes = is_meant_on(after) and not is_meant_on(before)
        if is_pressed and not before.finger.is_owed:
            kept = {"handed": before.handed, "published_mj": before.published_mj}
            same = replace(after, finger=before.finger, **kept)
            assert same == before, "a press did something"
        if before.child_lock:
            assert not closes, "closed under the child lock"
            assert after.energy_base_mj == before.energy_base_mj, "reset under the child lock"
        if not is_pressed and before.finger.pressed_at is None:
            assert not closes, "a release without a press closed"

    def _check_reset(self, event: Input) -> None:
        assert isinstance(event, Command | Toggle), f"reset by {event}"
        if event.origin.kind in PERSONS:
            return
        assert event.origin.kind is OriginKind.CLOUD, f"reset by {event.origin}"
        if isinstance(event, Command):
            assert event.request.is_live, "reset by a stored command"
            assert isinstance(event.request, PropertySet)
        assert self.device.settings.protection.reset == "any"
        assert self.now - self.tripped_at >= CLOUD_RESET_AFTER_S - TINY_S, "reset too soon"
        recent = [at for at in self.cloud_resets if self.now - at < 3600]
        assert len(recent) < CLOUD_RESETS_PER_HOUR, "reset a fourth time within an hour"
        self.cloud_resets = [*recent, self.now]


def _is_click(before: State, event: Input) -> bool:
    """Tell whether a person at the button may be behind it: an edge, or a click that waited."""
    return isinstance(event, ButtonEdge) or (isinstance(event, Tick) and before.finger.is_owed)


def _saves(effects: Sequence[Effect]) -> list[Save]:
    return [effect for effect in effects if isinstance(effect, Save)]
