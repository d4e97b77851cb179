"""The metering socket: every input, and what it decides."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, assert_never

from agent.devices.effects import Answer, Effect, Log, Raise, Saved, SetRelay
from agent.devices.inputs import (
    ButtonEdge,
    Calibrate,
    Input,
    LinkChanged,
    Measured,
    Tick,
    Toggle,
)
from agent.devices.socket import calibration, indication, keeping, protection
from agent.devices.socket.commands import obey, switch
from agent.devices.socket.description import description
from agent.devices.socket.energy import advance
from agent.devices.socket.keeping import KeptSocket
from agent.devices.socket.protection import Verdict
from agent.devices.socket.state import Metering, State, Trip
from agent.devices.socket.switching import closed, is_meant_on, opened, tripped
from agent.devices.socket.thing_table import SOCKET
from agent.messages import Command, Outcome
from agent.model import Light, Origin, OriginKind, Reading, StartCause, Value
from agent.settings.device import Policy, SocketSettings, StartPolicy
from agent.thing import Thing

SILENT_AFTER_S: Final = 3.0
"""No good frame for so long: what the meter said last is not known any more."""

METER_LOST_S: Final = 5.0
CLICK_S: Final = 1.0
FIRST_READINGS: Final = 2
"""A value is published from the second frame on: the chip's first may be off."""

MOST_LOAD: Final = 4.0
"""No socket carries so many times its rating for long: bounds what a counter's gap may hold."""

BUTTON: Final = Origin(kind=OriginKind.BUTTON, name="button")
Decision = tuple[State, Sequence[Effect]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """The pure device of a socket's settings."""

    settings: SocketSettings

    @property
    def thing(self) -> Thing[State]:
        """The thing table."""
        return SOCKET

    def start(self, saved: Saved | None, cause: StartCause, now: float) -> Decision:
        """Apply the relay's start policy to what was kept."""
        kept = keeping.read(saved)
        is_unread = saved is not None and kept is None
        on = self._starts_on(kept, cause) and not is_unread
        state = keeping.restore(kept or KeptSocket(), cause, on=on, now=now)
        state, save = keeping.save(state, now)
        if not is_unread:
            factors = calibration.at_start(state.calibrations, self.settings.meter)
            return state, (SetRelay(on=state.relay_on), *factors, save)
        unread = _told("state.unreadable", {"begins": "anew, contact open"})
        return state, (SetRelay(on=False), unread, save)

    def handle(self, state: State, event: Input, now: float) -> Decision:
        """Decide: the relay first, then the answer, events, and what is kept."""
        outcome: Outcome | None = None
        trip_before = state.trip
        match event:
            case Measured(reading=reading):
                after, notes = self._measured(state, reading, now)
            case Command():
                after, outcome = obey(state, event, self.settings, now)
                notes = ()
            case Tick():
                after, notes = self._ticked(state, now)
            case Toggle(origin=origin):
                after, outcome = self._toggled(state, origin, now)
                notes = ()
            case ButtonEdge(is_pressed=is_pressed):
                after, notes = self._pressed(state, now, is_pressed=is_pressed), ()
            case LinkChanged():
                after, notes = _linked(state, event), ()
            case Calibrate():
                rows, outcome, notes = calibration.calibrated(
                    state.calibrations, event, self.settings.meter
                )
                after = replace(state, calibrations=rows)
            case _:
                assert_never(event)
        raised = _trip_events(trip_before, after)
        return self._decided(state, after, outcome, (*raised, *notes), now)

    def next_deadline(self, state: State, now: float) -> float | None:
        """Tell when the next of countdown, delayed closing and silence is (or was) due."""
        del now
        times = [state.countdown_at, state.closing_at, _silent_at(state)]
        if state.relay_on:
            times.append(self._lost_at(state))
        return min((at for at in times if at is not None), default=None)

    def light(self, state: State, now: float) -> Light:
        """Tell the colour now."""
        return indication.light(state, self.settings.clouds, now)

    def describe(self, state: State, now: float) -> Mapping[str, object]:
        """Tell the trip, the countdown, a closing that waits, and whether the meter speaks."""
        return description(state, now)

    def stop(self, state: State, now: float) -> Decision:
        """Keep the last of the state; the contact goes to its stop policy."""
        after = state if self.settings.relay.on_stop == "keep" else opened(state, now)
        _, save = keeping.save(replace(after, relay_on=state.relay_on), now)
        return after, (SetRelay(on=after.relay_on), save)

    # ── inputs ──────────────────────────────────────────────────────────────────────────────

    def _measured(self, state: State, reading: Reading, now: float) -> Decision:
        judged, verdict = self._protect(state, reading, now)
        most_w = MOST_LOAD * self.settings.protection.rated_power_w
        energy, gap = advance(judged.energy, reading.pulses, reading.pulse_pj, now, most_w)
        after = replace(judged, energy=energy, metering=_metered(state.metering, reading, now))
        notes: list[Effect] = []
        if verdict is not None:
            notes.append(_told("relay.tripped", verdict.details()))
        if gap is not None:
            notes.append(_told("energy.gap", asdict(gap)))
        if state.metering.is_silent and not after.metering.is_silent:
            notes.append(Log(event="meter.speaks", details={}))
        return after, notes

    def _protect(self, state: State, reading: Reading, now: float) -> tuple[State, Verdict | None]:
        if not state.relay_on:
            return replace(state, evidence=protection.watch(state.evidence, reading, now)), None
        evidence, verdict = protection.judge(
            state.evidence,
            reading,
            self.settings.protection,
            closed_for_s=now - state.changed_at,
            now=now,
        )
        judged = replace(state, evidence=evidence)
        if verdict is None:
            return judged, None
        return tripped(judged, _trip(verdict, now), now), verdict

    def _ticked(self, state: State, now: float) -> Decision:
        notes: list[Effect] = []
        silent_at = _silent_at(state)
        if silent_at is not None and now >= silent_at:
            silent = Metering(last_at=state.metering.last_at, is_silent=True)
            state = replace(state, metering=silent)
            notes.append(_told("meter.silent", {"after_s": SILENT_AFTER_S}))
        lost_at = self._lost_at(state)
        if state.relay_on and lost_at is not None and now >= lost_at:
            trip = Trip(
                cause="meter_lost",
                value=round(now - lost_at + METER_LOST_S, 3),
                limit=METER_LOST_S,
                duration_s=round(now - lost_at + METER_LOST_S, 3),
                evidence="no good frame",
                at=now,
            )
            return tripped(state, trip, now), notes
        if state.countdown_at is not None and now >= state.countdown_at:
            state = self._flipped(replace(state, countdown_at=None), now)
        if state.closing_at is not None and now >= state.closing_at:
            state = closed(replace(state, closing_at=None), self.settings, now)
        return state, notes

    def _flipped(self, state: State, now: float) -> State:
        if is_meant_on(state):
            return opened(state, now)
        return closed(state, self.settings, now)

    def _toggled(self, state: State, origin: Origin, now: float) -> tuple[State, Outcome]:
        on = not is_meant_on(state)
        return switch(state, origin, self.settings, on=on, is_live=True, now=now)

    def _pressed(self, state: State, now: float, *, is_pressed: bool) -> State:
        if is_pressed:
            return replace(state, pressed_at=now)
        released = replace(state, pressed_at=None)
        if state.pressed_at is None or now - state.pressed_at >= CLICK_S:
            return released
        after, _ = self._toggled(released, BUTTON, now)
        return after

    # ── rules ───────────────────────────────────────────────────────────────────────────────

    def _starts_on(self, kept: KeptSocket | None, cause: StartCause) -> bool:
        policy = self.settings.relay.on_start
        chosen: Policy = getattr(policy, cause.value) if isinstance(policy, StartPolicy) else policy
        was_on = kept is not None and kept.relay_on
        return chosen == "on" or (chosen == "restore" and was_on)

    def _lost_at(self, state: State) -> float | None:
        """Tell when a silent meter opens the contact: counted from the frame or the closing."""
        if self.settings.protection.meter_lost == "keep":
            return None
        return max(state.metering.last_at or state.changed_at, state.changed_at) + METER_LOST_S

    def _decided(
        self,
        before: State,
        after: State,
        outcome: Outcome | None,
        notes: Sequence[Effect],
        now: float,
    ) -> Decision:
        effects: list[Effect] = []
        if after.relay_on != before.relay_on:
            effects.append(SetRelay(on=after.relay_on))
        if outcome is not None:
            effects.append(Answer(outcome=outcome))
        effects.extend(notes)
        if keeping.is_save_due(before, after, now):
            after, save = keeping.save(after, now)
            effects.append(save)
        return after, effects


def _trip(verdict: Verdict, now: float) -> Trip:
    return Trip(
        cause=verdict.cause,
        value=verdict.value,
        limit=verdict.limit,
        duration_s=verdict.duration_s,
        evidence=verdict.evidence,
        at=now,
    )


def _trip_events(before: Trip | None, after: State) -> tuple[Effect, ...]:
    trip = after.trip
    if trip is None or trip == before:
        return ()
    values: dict[str, Value] = {
        "cause": trip.cause,
        "value": trip.value,
        "limit": trip.limit,
        "duration_s": trip.duration_s,
    }
    return (Raise(event="trip", values=values),)


def _metered(metering: Metering, reading: Reading, now: float) -> Metering:
    """Take what was measured; a frame in which the chip can measure nothing is none."""
    registers = (reading.voltage, reading.current, reading.power)
    if all(register.value is None for register in registers):
        return metering
    readings = min(metering.readings + 1, FIRST_READINGS)
    if readings < FIRST_READINGS:
        return Metering(readings=readings, last_at=now)
    return Metering(
        readings=readings,
        last_at=now,
        voltage_v=reading.voltage_v,
        current_a=reading.current_a,
        power_w=reading.power_w,
    )


def _silent_at(state: State) -> float | None:
    last_at = state.metering.last_at
    return None if last_at is None or state.metering.is_silent else last_at + SILENT_AFTER_S


def _linked(state: State, event: LinkChanged) -> State:
    others = state.links_up - {event.cloud}
    return replace(state, links_up=others | {event.cloud} if event.is_up else others)


def _told(event: str, details: dict[str, object]) -> Log:
    return Log(event=event, details=details, is_warning=True)
