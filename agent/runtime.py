"""The one door: every input of a device goes through `Runtime.dispatch`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, Protocol, TypeVar, assert_never

import structlog

from agent.devices.effects import (
    Answer,
    Effect,
    Log,
    Raise,
    Record,
    Rescale,
    Save,
    SetRelay,
)
from agent.devices.inputs import ButtonEdge, Input, RelayObeyed, Tick, Toggle
from agent.errors import DriverError
from agent.messages import Command, EventReport, Outcome, PropertyReport, PropertySet, Report
from agent.model import Color, Snapshot, Value, Values
from agent.ports import Device
from agent.reporting import Policy, Reported, Sight, due, forgotten, marks, next_due, reported
from agent.wiring import Wiring

S = TypeVar("S")
log: Final = structlog.get_logger()

Sink = Callable[[Report], None]
"""Takes a message for one cloud; never blocks."""

RELAY_RETRY_S: Final = 1.0
RELAY_ERROR_CODE: Final = 1


class Timer(Protocol):
    """Calls the runtime's `wake` back once; arming again replaces what was armed."""

    def arm(self, at: float | None) -> None:
        """Call back at *at* (monotonic seconds), or not at all."""
        ...


class Runtime(Generic[S]):
    """One device at work: its state, and the effects of every decision, in order."""

    def __init__(self, wiring: Wiring[S], state: S, timer: Timer) -> None:
        self.state = state
        self.policy = wiring.policy
        self.sinks: Mapping[str, Sink] = {}
        self._wiring = wiring
        self._device = wiring.device
        self._clock = wiring.clock
        self._timer = timer
        self._reported = Reported()
        self._shown: Color | None = None
        self._light_until: float | None = None
        self._decide_at: float | None = None
        self._stuck: SetRelay | None = None
        self._retry_at = 0.0
        self._is_whole = True
        self.commands = 0

    def dispatch(self, event: Input) -> Outcome | None:
        """Decide and act: the relay first. The outcome is a command's or a toggle's.

        A bug that cuts this short may be lost in a caller's callback, and with it the next
        deadline: `wake` is called at once then, and raises.
        """
        now = self._clock.now()
        self._is_whole = False
        try:
            self.state, effects = self._device.handle(self.state, event, now)
            outcome = self._carry_out(effects, now)
            if isinstance(event, Command | Toggle | ButtonEdge):
                self._note_command(event, now)
            self._after(now)
            self._is_whole = True
        finally:
            if not self._is_whole:
                self._timer.arm(now)
        return outcome

    def execute(self, command: Command) -> Outcome:
        """Dispatch a command and return its outcome."""
        outcome = self.dispatch(command)
        assert outcome is not None, "a device answers every command"
        return outcome

    def _note_command(self, event: Command | Toggle | ButtonEdge, now: float) -> None:
        """Count it, try a stuck contact again, and owe every cloud the values it asked for.

        A platform shows what its user asked for until it hears what became of it.
        """
        self.commands += 1
        if self._stuck is not None:
            self._retry_at = now
        if isinstance(event, Command) and isinstance(event.request, PropertySet):
            self._reported = forgotten(self._reported, tuple(event.request.values))

    def wake(self) -> None:
        """Do what is due by time alone: the timer's and the watchdog's call."""
        if not self._is_whole:
            raise RuntimeError("a bug cut a decision short; see the error before this one")
        now = self._clock.now()
        if self._is_only_light_due(now):
            self._show(now)
            self._arm()
            return
        deadline = self._device.next_deadline(self.state, now)
        if deadline is not None and deadline <= now:
            self.dispatch(Tick())
        else:
            self._after(now)

    def _carry_out(self, effects: Sequence[Effect], now: float) -> Outcome | None:
        """Do what was decided: relay, answer and event, then the light, then what is kept."""
        if not effects:
            return None
        first = [each for each in effects if not isinstance(each, Record | Save)]
        outcome = self.perform(first)
        self._show(now)
        self.perform([each for each in effects if isinstance(each, Record | Save)])
        return outcome

    def perform(self, effects: Sequence[Effect]) -> Outcome | None:
        """Perform *effects* in order and return the answer among them."""
        answer: Outcome | None = None
        for effect in effects:
            match effect:
                case SetRelay():
                    self._drive(effect)
                case Answer(outcome=outcome):
                    answer = outcome
                case Raise(event=name, values=values):
                    self._raise(name, values)
                case Log():
                    self._tell(effect)
                case Record():
                    self._wiring.record(effect)
                case Save():
                    self._wiring.keep(effect)
                case Rescale(factors=factors):
                    self._wiring.rescale(factors)
                case _:
                    assert_never(effect)
        return answer

    def reconfigure(self, device: Device[S], policy: Policy) -> None:
        """Decide with a changed device from now on; nothing moves by that."""
        self._device = device
        self.policy = policy
        self._after(self._clock.now())

    def stop(self, *, keeps_policy: bool) -> None:
        """End: the contact to its stop policy, or open; the last state kept."""
        now = self._clock.now()
        stopped, effects = self._device.stop(self.state, now, opens=not keeps_policy)
        self.perform(effects)
        self.state = stopped

    def describe(self) -> Mapping[str, object]:
        """Tell what the properties do not: trip, countdown and more."""
        return self._device.describe(self.state, self._clock.now())

    def snapshot(self) -> Snapshot:
        """Read every property now; None is one that is not known."""
        return self._device.thing.snapshot(self.state, self._clock.now())

    def position(self, name: str) -> Value | None:
        """Tell what was asked for last of a property; None where that is not known."""
        row = self._device.thing.property(name)
        asked = None if row is None else row.position
        return self.snapshot().get(name) if asked is None else asked(self.state)

    def values(self, names: Sequence[str]) -> Values:
        """Read what is known of *names*."""
        found = self.snapshot()
        return {name: value for name in names if (value := found.get(name)) is not None}

    def full_report(self) -> PropertyReport | None:
        """Report everything that is known, for a cloud that has just come up."""
        sight = self._sight(self._clock.now())
        values = {name: value for name, value in sight.snapshot.items() if value is not None}
        return self._stamped(values, sight) if values else None

    # ── effects ─────────────────────────────────────────────────────────────────────────────

    def _drive(self, effect: SetRelay) -> None:
        """Drive the contact; a contact that does not obey is tried again until it does."""
        try:
            self._wiring.relay.set(on=effect.on)
        except DriverError as error:
            if self._stuck is None:
                log.critical(
                    "relay.failed", device=self._wiring.name, on=effect.on, error=str(error)
                )
                fault: dict[str, Value] = {"name": "relay", "error_code": RELAY_ERROR_CODE}
                self._raise("hardware_fault", fault)
            self._stuck = effect
            self._retry_at = self._clock.now() + RELAY_RETRY_S
            return
        if self._stuck is not None:
            log.warning("relay.obeys", device=self._wiring.name, on=effect.on)
        self._stuck = None

    def _retry(self, stuck: SetRelay) -> None:
        """Drive a contact that did not obey; when it does, the device counts from now."""
        self._drive(stuck)
        if self._stuck is None:
            self.dispatch(RelayObeyed(on=stuck.on))

    def _raise(self, name: str, values: Values) -> None:
        log.warning("event.raised", device=self._wiring.name, event_name=name, values=dict(values))
        now = self._clock.stamp()
        event = EventReport(
            name=name, values=values, wall_time=now.wall_time, at=now.at, trust=now.trust
        )
        for sink in self.sinks.values():
            sink(event)

    def _tell(self, effect: Log) -> None:
        tell = log.warning if effect.is_warning else log.info
        tell(effect.event, device=self._wiring.name, **effect.details)

    # ── after every decision: light, report, next deadline ──────────────────────────────────

    def _after(self, now: float) -> None:
        if self._stuck is not None and now >= self._retry_at:
            self._retry(self._stuck)
        self._show(now)
        report_at = self._report(now)
        retry_at = None if self._stuck is None else self._retry_at
        deadline = self._device.next_deadline(self.state, now)
        self._decide_at = _earliest(deadline, report_at, retry_at)
        self._arm()

    def _arm(self) -> None:
        self._timer.arm(_earliest(self._decide_at, self._light_until))

    def _is_only_light_due(self, now: float) -> bool:
        """Tell whether a light that breathes is all there is to do, 10 times a second."""
        if self._light_until is None or self._light_until > now:
            return False
        return self._decide_at is None or self._decide_at > now

    def _show(self, now: float) -> None:
        if self._wiring.indicator is None:
            return
        light = self._device.light(self.state, now)
        self._light_until = light.until
        if light.color == self._shown:
            return
        try:
            self._wiring.indicator.show(light.color)
        except DriverError as error:
            log.debug("light.failed", device=self._wiring.name, error=str(error))
            return
        self._shown = light.color

    def _report(self, now: float) -> float | None:
        """Append what is due to every cloud's outbox; tell when time alone makes more due."""
        if not self.sinks:
            return None
        sight = self._sight(now)
        values = due(self._reported, sight, self.policy, now)
        if values:
            report = self._stamped(values, sight)
            self._reported = reported(self._reported, values, sight, now)
            for sink in self.sinks.values():
                sink(report)
        return next_due(self._reported, sight, self.policy, now)

    def _stamped(self, values: Values, sight: Sight) -> PropertyReport:
        now = self._clock.stamp()
        is_change, retold = marks(self._reported, values, sight)
        return PropertyReport(
            values=values,
            wall_time=now.wall_time,
            at=now.at,
            trust=now.trust,
            is_change=is_change,
            retold=retold,
        )

    def _sight(self, now: float) -> Sight:
        rows = self._device.thing.properties
        versions = {row.field.name: row.version(self.state) for row in rows if row.version}
        beside = {row.field.name: row.beside for row in rows if row.beside}
        snapshot = self._device.thing.snapshot(self.state, now)
        return Sight(snapshot=snapshot, versions=versions, beside=beside)


def _earliest(*times: float | None) -> float | None:
    return min((at for at in times if at is not None), default=None)
