"""The power strip: a socket decides on the whole, and each outlet follows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from agent.devices.automated.actor import Actor
from agent.devices.effects import Answer, Effect, Record, SetRelay
from agent.devices.inputs import Found, Input, RelayObeyed
from agent.devices.socket import keeping
from agent.devices.socket.pressing import followed
from agent.devices.socket.protection import curve
from agent.devices.socket.socket import Socket
from agent.devices.socket.state import State
from agent.devices.strip.starting import first_strip_state
from agent.devices.strip.state import StripState
from agent.devices.strip.thing_table import thing_of
from agent.devices.strip.wishes import WHOLE
from agent.messages import Command, Outcome, PropertySet, Refusal
from agent.model import Light
from agent.ports.devices import Needs
from agent.settings.strip import StripSettings, switch_name
from agent.thing import Thing

Decision = tuple[StripState, Sequence[Effect]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The pure device of a strip's settings."""

    settings: StripSettings
    thing: Thing[StripState] = field(init=False, repr=False, compare=False)
    socket: Socket = field(init=False, repr=False, compare=False)
    """Decides on the strip as a whole: measuring, protection, energy, time, the button."""

    def __post_init__(self) -> None:
        thing = thing_of(self.settings)
        object.__setattr__(self, "thing", thing)
        whole = cast("Thing[State]", thing)  # all states that it is given are a strip's
        object.__setattr__(self, "socket", Socket(settings=self.settings, thing=whole))

    @property
    def actor(self) -> Actor[State]:
        """How schedules and rules act on it."""
        return self.socket.actor

    @property
    def needs(self) -> Needs:
        """The parts of a strip: those of a socket, and a contact for each outlet."""
        return replace(self.socket.needs, relays=self.settings.by_output)

    def outputs(self, state: StripState) -> Mapping[str, bool | float]:
        """Tell where the contact of each outlet stands."""
        return {each.name: each.is_on for each in state.outlets}

    def start(self, found: Found, now: float) -> Decision:
        """Apply the outlets' start policies to what was kept."""
        protection = self.settings.protection
        lines = curve(protection, protection.rated_current_a, float("inf"))
        state, effects = first_strip_state(found, self.settings, lines, now)
        return _of_strip(followed(state, self.settings)), effects

    def handle(self, state: StripState, event: Input, now: float) -> Decision:
        """Decide: every contact first, then the answer, events, the journal, and what is kept."""
        fault = _refused(self.thing, event)
        if fault is not None:
            return state, (Answer(outcome=Outcome(refusal=fault)),)
        if not isinstance(event, RelayObeyed):
            after, effects = self.socket.handle(state, event, now)
            return _of_strip(after), effects
        state, is_whole = _obeyed(state, event, now)
        if not is_whole:
            return state, ()
        after, effects = self.socket.handle(state, RelayObeyed(on=event.on), now)
        return _of_strip(after), effects

    def next_deadline(self, state: StripState, now: float) -> float | None:
        """Tell when the next thing is due: a socket's, or the closing of an outlet."""
        return self.socket.next_deadline(state, now)

    def light(self, state: StripState, now: float) -> Light:
        """Tell the colour now."""
        return self.socket.light(state, now)

    def describe(self, state: StripState, now: float) -> Mapping[str, object]:
        """Tell what a socket tells, what each outlet is called, and which of them close later."""
        names = {switch_name(output): each.name for output, each in self.settings.by_output.items()}
        whole = self.socket.describe(state, now)
        return {**whole, "closing": dict(_closing(state, now)), "outlets": names}

    def stop(self, state: StripState, now: float, *, opens: bool = False) -> Decision:
        """Keep the last of the state; each outlet goes to its stop policy, or *opens*."""
        stays = {
            name: state.outlets[place].is_on and each.on_stop == "keep" and not opens
            for place, (name, each) in enumerate(self.settings.by_output.items())
        }
        keeps = any(stays.values())
        left = _left(state, stays, now)
        policy = self.settings.relay.model_copy(update={"on_stop": "keep" if keeps else "off"})
        whole = self.settings.model_copy(update={"relay": policy})
        stopped, effects = replace(self.socket, settings=whole).stop(left, now, opens=opens)
        kept, save = keeping.save(stopped, "stop", now)
        after = _of_strip(kept)
        return after, (*_every_contact(after), *_rows(after, effects), save)


def _of_strip(state: State) -> StripState:
    assert isinstance(state, StripState), "what decides on the whole keeps the outlets"
    return state


def _refused(thing: Thing[StripState], event: Input) -> Refusal | None:
    """Refuse with all the names of a strip what it does not have."""
    if isinstance(event, Command) and isinstance(event.request, PropertySet):
        return thing.fault(event.request.values)
    return None


def _obeyed(state: StripState, event: RelayObeyed, now: float) -> tuple[StripState, bool]:
    """Note that a contact has moved late; tell whether it was the last open or the only closed."""
    late = next((each for each in state.outlets if each.name == event.output), None)
    if late is None or late.is_on is not event.on:
        return state, False
    moved = replace(late, changed_at=now)
    outlets = tuple(moved if each is late else each for each in state.outlets)
    others = any(each.is_on for each in state.outlets if each is not late)
    grown_at = now if event.on else state.grown_at
    return replace(state, outlets=outlets, grown_at=grown_at), not others


def _left(state: StripState, stays: Mapping[str, bool], now: float) -> StripState:
    """Open what does not stay, note what was on, and let nothing wait beside what stays."""
    keeps = any(stays.values())
    outlets = tuple(
        replace(
            each,
            is_on=stays[each.name],
            changed_at=now if each.is_on is not stays[each.name] else each.changed_at,
            is_wanted=stays[each.name] if keeps else each.is_wanted,
            was_on=each.was_on or (state.is_meant_on and each.is_wanted),
        )
        for each in state.outlets
    )
    return replace(state, outlets=outlets)


def _every_contact(state: StripState) -> Iterator[Effect]:
    """Drive all contacts where they stand, those that open first."""
    for is_on in (False, True):
        for each in state.outlets:
            if each.is_on is is_on:
                yield SetRelay(on=is_on, output=each.name)


def _rows(state: StripState, effects: Sequence[Effect]) -> Iterator[Effect]:
    """Tell of the outlets what the socket's stop tells of its contact."""
    for effect in effects:
        if isinstance(effect, Record):
            outlets = {each.name: each.is_on for each in state.outlets}
            yield replace(effect, details={**effect.details, "outlets": outlets})


def _closing(state: StripState, now: float) -> Iterator[tuple[str, float]]:
    """Tell of each switch that stands otherwise than it was asked to when that is due."""
    if state.closing_at is not None:
        yield WHOLE, round(state.closing_at - now, 1)
    for each in state.outlets:
        if state.is_meant_on and each.is_wanted and not each.is_on:
            yield switch_name(each.name), round(each.may_close_at - now, 1)
