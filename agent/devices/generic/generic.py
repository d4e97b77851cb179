"""A device that is declared in its file: every input, and what it decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from agent.automation.local_time import LocalTime
from agent.devices.automated import acting
from agent.devices.automated.actor import Actor
from agent.devices.automated.schedule_list import next_schedule
from agent.devices.effects import Answer, Effect, Record
from agent.devices.generic import keeping
from agent.devices.generic.automated import actor_of
from agent.devices.generic.commands import obey, toggled
from agent.devices.generic.description import description
from agent.devices.generic.sensing import sensed, silenced, silent_at
from agent.devices.generic.starting import driven, first_state
from agent.devices.generic.state import DimmerState, State
from agent.devices.generic.switching import closing_due, opened, with_switch
from agent.devices.generic.telling import attributed, moved, told_of, why_of
from agent.devices.generic.thing_table import thing_of
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
from agent.messages import Command, Outcome, RefusalKind, refused
from agent.model import BLACK, Light
from agent.ports.devices import Needs
from agent.settings.generic import GenericSettings
from agent.thing import Thing

NO_METER = refused(RefusalKind.NOT_ALLOWED, "this device has no meter to calibrate")

Decision = tuple[State, Sequence[Effect]]

Asked = Command | Toggle | EditSchedule | EditRule | Calibrate
"""What is answered."""

Noted = (
    Sensed
    | Tick
    | RelayObeyed
    | ClockTold
    | Measured
    | ButtonEdge
    | Heat
    | LinkChanged
    | Dated
    | Kept
    | SetTotal
    | Identify
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generic:
    """The pure device of a generic device's settings."""

    settings: GenericSettings
    thing: Thing[State] = field(init=False, repr=False, compare=False)
    """The thing table."""
    actor: Actor[State] = field(init=False, repr=False, compare=False)
    """How it acts by itself."""
    _least_off_s: Mapping[str, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "thing", thing_of(self.settings))
        object.__setattr__(self, "actor", actor_of(self.settings, self.thing))
        least_off_s = {name: each.min_off_s for name, each in self.settings.switches.items()}
        object.__setattr__(self, "_least_off_s", least_off_s)

    @property
    def needs(self) -> Needs:
        """Its parts, each under its own name."""
        settings = self.settings
        return Needs(relays=settings.switches, dimmers=settings.dimmers, sensors=settings.sensors)

    def outputs(self, state: State) -> Mapping[str, bool | float]:
        """Tell where each contact and dimmer stands."""
        contacts = {name: each.is_on for name, each in state.switches.items()}
        return {**contacts, **{name: each.level / 100 for name, each in state.dimmers.items()}}

    def start(self, found: Found, now: float) -> Decision:
        """Apply the policies of the outputs to what was kept."""
        return first_state(found, self.settings, now)

    def handle(self, state: State, event: Input, now: float) -> Decision:
        """Decide: the outputs first, then the answer, the journal, and what is kept."""
        outcome: Outcome | None = None
        if isinstance(event, Asked):
            after, outcome = self._asked(state, event, now)
        else:
            after = self._noted(state, event, now)
        why = why_of(event)
        after = attributed(state, after, str(why.get("by", "")))
        notes: list[Effect] = [*told_of(state, after, why)]
        if outcome is None or outcome.refusal is None or after is not state:
            after, more, _ = acting.acted(self.actor, after, event, now)
            notes += more
        effects: list[Effect] = [*moved(state, after)]
        if outcome is not None:
            effects.append(Answer(outcome=outcome))
        effects += notes
        reason = keeping.due(state, after)
        if reason:
            effects.append(keeping.save(after, reason, now))
        return after, effects

    def next_deadline(self, state: State, now: float) -> float | None:
        """Tell when the next closing, silence, schedule or rule is due."""
        sections = self.settings.sensors
        times = [silent_at(each, sections[name]) for name, each in state.sensors.items()]
        times += acting.next_times(self.actor, state, now)
        if not state.is_stopped:
            times += [each.closing_at for each in state.switches.values()]
        return min((at for at in times if at is not None), default=None)

    def light(self, state: State, now: float) -> Light:
        """Show nothing: it has no light."""
        del state, now
        return Light(color=BLACK)

    def describe(self, state: State, now: float) -> Mapping[str, object]:
        """Tell what is not known and why, what closes later, and the next schedule."""
        return {**description(state, now), **next_schedule(self.actor, state)}

    def stop(self, state: State, now: float, *, opens: bool = False) -> Decision:
        """Keep the last of the state; the outputs go to their stop policies, or all *opens*."""
        after = state
        for name in state.switches:
            after = self._switch_at_stop(after, name, now, opens=opens)
        dimmers = {
            name: self._dimmer_at_stop(name, each, opens=opens)
            for name, each in state.dimmers.items()
        }
        after = replace(after, dimmers=dimmers, is_stopped=True)
        why = {"why": "stop", "policy": "off", "fault": opens}
        rows: list[Record] = [*told_of(state, after, why)]
        return after, (*driven(after), *rows, keeping.save(after, "stop", now))

    # ── inputs ──────────────────────────────────────────────────────────────────────────────

    def _asked(self, state: State, event: Asked, now: float) -> tuple[State, Outcome]:
        match event:
            case Command():
                return obey(state, event, self.settings, self.thing, now)
            case Toggle():
                return toggled(state, self.settings, now)
            case EditSchedule() | EditRule():
                return acting.edited(self.actor, state, event, now)
            case Calibrate():
                return state, NO_METER
            case _:
                assert_never(event)

    def _noted(self, state: State, event: Noted, now: float) -> State:
        match event:
            case Sensed(sensor=name):
                section = self.settings.sensors.get(name)
                after = state if section is None else sensed(state, event, section, now)
            case Tick():
                heard = silenced(state, self.settings.sensors, now)
                after = heard if heard.is_stopped else closing_due(heard, self._least_off_s, now)
            case RelayObeyed():
                after = _obeyed(state, event, now)
            case ClockTold(offset=offset, zone=zone):
                local = LocalTime(offset=offset, zone=zone)
                after = state if local == state.local else replace(state, local=local)
            case (
                Measured()
                | ButtonEdge()
                | Heat()
                | LinkChanged()
                | Dated()
                | Kept()
                | SetTotal()
                | Identify()
            ):
                after = state  # of parts that it does not have
            case _:
                assert_never(event)
        return after

    # ── the end ─────────────────────────────────────────────────────────────────────────────

    def _switch_at_stop(self, state: State, name: str, now: float, *, opens: bool) -> State:
        contact = state.switches[name]
        if contact.closing_at is not None:
            waits = replace(opened(contact, now), stopped_at=contact.changed_at)
            return with_switch(state, name, waits)
        keeps = self.settings.switches[name].on_stop == "keep" and not opens
        if keeps or not contact.is_on:
            return state
        return with_switch(state, name, replace(opened(contact, now), stopped_at=now))

    def _dimmer_at_stop(self, name: str, dimmer: DimmerState, *, opens: bool) -> DimmerState:
        if dimmer.level == 0 or (self.settings.dimmers[name].on_stop == "keep" and not opens):
            return dimmer
        return DimmerState(level=0, kept_level=dimmer.level)


def _obeyed(state: State, event: RelayObeyed, now: float) -> State:
    """Count a contact that could not be driven before from now."""
    contact = state.switches.get(event.output)
    if contact is None or contact.is_on is not event.on:
        return state
    return with_switch(state, event.output, replace(contact, changed_at=now))
