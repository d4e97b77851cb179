"""The metering socket: every input, and what it decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, assert_never

from agent.devices.automated.acting import edited
from agent.devices.automated.actor import Actor
from agent.devices.automated.causes import Cause
from agent.devices.automated.schedule_list import next_schedule
from agent.devices.button import without_click
from agent.devices.effects import MAIN, Answer, Effect, Log, Record, SetRelay
from agent.devices.inputs import (
    ButtonEdge,
    Calibrate,
    ClockTold,
    Dated,
    EditRule,
    EditSchedule,
    Found,
    Heat,
    Identify,
    Input,
    Kept,
    LinkChanged,
    Measured,
    RelayObeyed,
    Sensed,
    SetTotal,
    Tick,
    Toggle,
)
from agent.devices.socket import calibration, indication, keeping, measuring
from agent.devices.socket.automated import actor_of, automated, next_times
from agent.devices.socket.commands import obey, switch
from agent.devices.socket.description import description
from agent.devices.socket.measuring import Rules, rules
from agent.devices.socket.noting import noted
from agent.devices.socket.pressing import followed
from agent.devices.socket.protection import curve
from agent.devices.socket.starting import first_state
from agent.devices.socket.state import Metering, State, Trip
from agent.devices.socket.switching import closed, countdown_end, is_meant_on, opened, tripped
from agent.devices.socket.telling import attributed, energy_facts, told_of
from agent.devices.socket.thing_table import SOCKET
from agent.messages import Command, Outcome
from agent.model import Light, Origin
from agent.ports.devices import Needs
from agent.settings.device import SocketSettings
from agent.thing import Thing
from agent.timeline import earliest

SILENT_AFTER_S: Final = 3.0
"""No good frame for so long: what the meter said last is not known any more."""

Decision = tuple[State, Sequence[Effect]]
Made = list[tuple[float | None, Sequence[calibration.Calibration], Rules]]


class Decided(NamedTuple):
    """What came of an input beside the state."""

    event: Input
    outcome: Outcome | None
    notes: Sequence[Effect]
    cause: Cause | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """The pure device of a socket's settings."""

    settings: SocketSettings
    thing: Thing[State] = SOCKET
    """The thing table."""
    actor: Actor[State] = field(init=False, repr=False, compare=False)
    """How schedules and rules act on it."""
    _made: Made = field(init=False, repr=False, compare=False, default_factory=Made)

    def __post_init__(self) -> None:
        object.__setattr__(self, "actor", actor_of(self.settings, self.thing))

    @property
    def needs(self) -> Needs:
        """The parts of a socket."""
        parts = self.settings
        return Needs(
            relays={MAIN: parts.relay},
            meter=parts.meter,
            button=parts.button,
            indicator=parts.indicator,
            temperature=parts.temperature,
        )

    def outputs(self, state: State) -> Mapping[str, bool | float]:
        """Tell where the contact stands."""
        return {MAIN: state.relay_on}

    def start(self, found: Found, now: float) -> Decision:
        """Apply the relay's start policy to what was kept."""
        protection = self.settings.protection
        lines = curve(protection, protection.rated_current_a, float("inf"))
        state, effects = first_state(found, self.settings, lines, now)
        return followed(state, self.settings), effects

    def handle(self, state: State, event: Input, now: float) -> Decision:
        """Decide: the relay first, then the answer, events, the journal, and what is kept."""
        state = followed(state, self.settings)
        after, outcome, notes = self._understood(state, event, now)
        after = after.settled(now)
        cause: Cause | None = None
        if outcome is None or outcome.refusal is None:
            after, more, cause = automated(after, event, self.settings, self.actor, now)
            notes = (*notes, *more) if more else notes
        return self._decided(state, after, Decided(event, outcome, notes, cause), now)

    def next_deadline(self, state: State, now: float) -> float | None:
        """Tell when the next of countdown, closing, silence, click, schedule, rule is due."""
        rests = state.is_stopped
        return earliest(
            _silent_at(state),
            *next_times(state, self.settings, self.actor, now),
            None if rests else state.countdown_at,
            None if rests else state.waits_until,
            self._lost_at(state) if state.relay_on else None,
        )

    def light(self, state: State, now: float) -> Light:
        """Tell the colour now."""
        return indication.light(state, self.settings, now)

    def describe(self, state: State, now: float) -> Mapping[str, object]:
        """Tell the trip, the countdown, the next schedule, and whether the meter speaks."""
        return {**description(state, now), **next_schedule(self.actor, state)}

    def stop(self, state: State, now: float, *, opens: bool = False) -> Decision:
        """Keep the last of the state; the contact goes to its stop policy, or *opens*."""
        policy = "off" if opens else self.settings.relay.on_stop
        after = state
        if state.closing_at is not None:
            after = replace(state, closing_at=None, stopped_at=state.changed_at)
        elif policy != "keep" and state.relay_on:
            after = replace(opened(state, now), stopped_at=now)
        finger = without_click(after.finger)
        after = replace(after, finger=finger, is_stopped=not after.relay_on)
        after, save = keeping.save(after, "stop", now)
        details = {"why": "stop", "policy": policy, "was_on": state.relay_on, "fault": opens}
        row = Record(topic="relay", name="on" if after.relay_on else "off", details=details)
        return after, (SetRelay(on=after.relay_on), row, save)

    # ── inputs ──────────────────────────────────────────────────────────────────────────────

    def _understood(
        self, state: State, event: Input, now: float
    ) -> tuple[State, Outcome | None, Sequence[Effect]]:
        outcome: Outcome | None = None
        notes: Sequence[Effect] = ()
        match event:
            case Measured(reading=reading):
                rules = self._rules_for(state)
                after, notes = measuring.measured(state, reading, rules, now)
            case Command():
                after, outcome = obey(state, event, self.settings, now)
            case Toggle(origin=origin):
                after, outcome = self._toggled(state, origin, now)
            case Tick():
                after, notes = self._ticked(state, now)
            case ButtonEdge() | Sensed():
                after = state  # what the button says is done by `automated`; sensors it has none
            case Heat():
                after, notes = measuring.felt(state, event, self.settings.protection, now)
            case EditSchedule() | EditRule():
                after, outcome = edited(self.actor, state, event, now)
            case (
                LinkChanged()
                | Dated()
                | Kept()
                | RelayObeyed()
                | SetTotal()
                | ClockTold()
                | Identify()
            ):
                after, notes = noted(state, event, now)
            case Calibrate():
                rows, outcome, notes = calibration.calibrated(
                    state.calibrations, event, self.settings.meter, energy_facts(state)
                )
                after = replace(state, calibrations=rows)
            case _:
                assert_never(event)
        return after, outcome, notes

    def _ticked(self, state: State, now: float) -> Decision:
        notes: Sequence[Effect] = ()
        silent_at = _silent_at(state)
        if silent_at is not None and now >= silent_at:
            known = state.metering
            metering = Metering(readings=known.readings, last_at=known.last_at, is_silent=True)
            state = replace(state, metering=metering)
            details = {"after_s": SILENT_AFTER_S}
            notes = (Log(event="meter.silent", details=details, is_warning=True),)
        if state.is_stopped:
            return state, notes
        lost_at = self._lost_at(state)
        if state.relay_on and lost_at is not None and now >= lost_at:
            return tripped(state, self._lost(lost_at, now), now), notes
        if state.countdown_at is not None and now >= state.countdown_at:
            state = self._ended(replace(state, countdown_at=None), now)
        if state.closing_at is not None and now >= state.closing_at:
            state = closed(replace(state, closing_at=None), self.settings, now)
        return state, notes

    def _ended(self, state: State, now: float) -> State:
        """End a countdown."""
        if not countdown_end(state):
            return opened(state, now)
        if is_meant_on(state) or not state.countdown_closes:
            return state
        return closed(state, self.settings, now)

    def _toggled(self, state: State, origin: Origin, now: float) -> tuple[State, Outcome]:
        on = not is_meant_on(state)
        return switch(state, origin, self.settings, on=on, is_live=True, now=now)

    # ── rules ───────────────────────────────────────────────────────────────────────────────

    def _rules_for(self, state: State) -> Rules:
        """Make the rules for a person's own limit and calibration, once."""
        limit_a, calibrations = state.limit_a, state.calibrations
        for known_a, known, made in self._made:
            if known_a == limit_a and known is calibrations:
                return made
        meter = self.settings.meter
        full_scale_a = meter.full_scale_a * calibration.in_force(calibrations, meter).current
        limit = float("inf") if limit_a is None else limit_a
        lines = curve(self.settings.protection, limit, full_scale_a, meter.PACE)
        made = rules(self.settings, lines)
        self._made[:] = [(limit_a, calibrations, made)]
        return made

    def _lost_at(self, state: State) -> float | None:
        """Tell when a silent meter opens the contact: counted from the frame or the closing."""
        protection = self.settings.protection
        if protection.meter_lost == "keep":
            return None
        heard_at = max(state.metering.last_at or state.changed_at, state.changed_at)
        return heard_at + protection.meter_lost_s

    def _lost(self, lost_at: float, now: float) -> Trip:
        limit_s = self.settings.protection.meter_lost_s
        silent_s = round(now - lost_at + limit_s, 3)
        return Trip(
            cause="meter_lost",
            value=silent_s,
            limit=limit_s,
            duration_s=silent_s,
            evidence="no good frame",
            rule=f"no good frame for {limit_s:g} s",
            at=now,
        )

    def _decided(
        self,
        before: State,
        after: State,
        decided: "Decided",
        now: float,
    ) -> Decision:
        event, outcome, notes, cause = decided
        after = after.settled(now)
        if after is before and outcome is None and not notes:
            return after, ()
        after = attributed(before, _unmoved(before, after, event), event, cause)
        effects: list[Effect] = [*after.moves(before)]
        if outcome is not None:
            effects.append(Answer(outcome=outcome))
        effects.extend(told_of(before, after, event, cause))
        effects.extend(notes)
        if outcome is not None and outcome.refusal is not None and after == before:
            return after, effects
        reason = keeping.due(before, after, self._rules_for(after).lines, now)
        if reason:
            after, save = keeping.save(after, reason, now)
            effects.append(save)
        return after, effects


def _unmoved(before: State, after: State, event: Input) -> State:
    """Let a contact that ends where it stood not count as moved: no inrush is to be expected."""
    is_moved = after.relay_on is not before.relay_on or isinstance(event, RelayObeyed)
    if is_moved or after.changed_at == before.changed_at:
        return after
    return replace(after, changed_at=before.changed_at)


def _silent_at(state: State) -> float | None:
    last_at = state.metering.last_at
    return None if last_at is None or state.metering.is_silent else last_at + SILENT_AFTER_S
