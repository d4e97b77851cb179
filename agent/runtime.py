"""The one door: every input of a device goes through `Runtime.dispatch`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Generic, TypeVar

from agent.devices.effects import Answer, Effect, Raise, Record, Save, SetLevel, SetRelay
from agent.devices.inputs import ButtonEdge, Input, RelayObeyed, Tick, Toggle
from agent.driving import Drive, Drivings
from agent.lamp import Lamp
from agent.messages import Command, Outcome, PropertyReport, PropertySet
from agent.model import Snapshot, Value, Values
from agent.ports import Device
from agent.recording.lines import Standing
from agent.recording.turns import Clouds, Doubted, Stopped, Turn, Woken
from agent.reporting import Policy, forgotten, full_report, sight_of
from agent.telling import Telling
from agent.timeline import earliest
from agent.wiring import Sink, Tap, Timer, Wiring

S = TypeVar("S")

RELAY: Final = "relay"
"""What the contact of a device with one contact is called in a `hardware_fault`."""

RELAY_FAULT: Final = 1
ASKS: Final = (Command, Toggle, ButtonEdge)
"""What somebody asks for."""


class Runtime(Generic[S]):
    """One device at work: its state, and the effects of every decision, in order."""

    def __init__(self, wiring: Wiring[S], state: S, timer: Timer) -> None:
        self.state = state
        self.policy = wiring.policy
        self._given: Mapping[str, Sink] = {}
        self._tap: Tap[S] | None = None
        self._bare = wiring
        self._wiring = wiring
        self._device = wiring.device
        self._clock = wiring.clock
        self._timer = timer
        self._telling = Telling(wiring.name)
        self._lamp = Lamp(wiring.name)
        self._decide_at: float | None = None
        self._driving = Drivings(wiring.name)
        self._is_whole = True
        self.commands = 0
        self.watchers: Collection[Callable[[], None]] = ()

    def dispatch(self, event: Input) -> Outcome | None:
        """Decide and act: the relay first. The outcome is a command's or a toggle's.

        A bug that cuts this short may be lost in a caller's callback, and with it the next
        deadline: `wake` is called at once then, and raises.
        """
        if self._tap is None:
            return self._decide(event)
        return self._tap.turn(event, lambda: self._decide(event))

    def _decide(self, event: Input) -> Outcome | None:
        now = self._clock.now()
        self._is_whole = False
        try:
            self.state, effects = self._device.handle(self.state, event, now)
            outcome = self._carry_out(effects, now)
            if isinstance(event, ASKS):
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
        self._driving.retry_soon(now)
        if isinstance(event, Command) and isinstance(event.request, PropertySet):
            asked = tuple(event.request.values)
            self._telling.reported = forgotten(self._telling.reported, asked)

    def wake(self) -> None:
        """Do what is due by time alone: the timer's and the watchdog's call."""
        if not self._is_whole:
            raise RuntimeError("a bug cut a decision short; see the error before this one")
        self._turn(Woken(), self._wake)

    def _wake(self) -> None:
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
                case SetRelay() | SetLevel():
                    self._drive(effect)
                case Answer(outcome=outcome):
                    answer = outcome
                case Raise(event=name, values=values):
                    self._telling.raise_event(name, values, self._clock.stamp())
                case _:
                    self._wiring.hand_over(effect)
        return answer

    def reconfigure(self, device: Device[S], policy: Policy) -> None:
        """Decide with a changed device from now on; nothing moves by that."""
        self._device = device
        self.policy = policy
        self._turn(device, lambda: self._after(self._clock.now()))

    def stop(self, *, keeps_policy: bool) -> None:
        """End: the contact to its stop policy, or open; the last state kept."""
        self._turn(Stopped(keeps_policy=keeps_policy), lambda: self._stop(opens=not keeps_policy))

    def _stop(self, *, opens: bool) -> None:
        now = self._clock.now()
        stopped, effects = self._device.stop(self.state, now, opens=opens)
        self.perform(effects)
        self.state = stopped

    @property
    def is_any_stuck(self) -> bool:
        """Tell whether an output has not obeyed yet."""
        return self._driving.retry_at is not None

    @property
    def output_errors(self) -> Mapping[str, str]:
        """Why outputs do not obey, by output."""
        return self._driving.errors

    def doubt(self, output: str) -> None:
        """Drive an output again that did not confirm where it stands: it says why by raising."""
        self._turn(Doubted(output=output), lambda: self._doubt(output))

    def _doubt(self, output: str) -> None:
        if not self._driving.is_stuck(output):
            at = self._device.outputs(self.state)[output]
            is_contact = isinstance(at, bool)
            on, level = SetRelay(on=bool(at), output=output), SetLevel(level=at, output=output)
            self._drive(on if is_contact else level)
        self._after(self._clock.now())

    # ── recording ───────────────────────────────────────────────────────────────────────────

    @property
    def sinks(self) -> Mapping[str, Sink]:
        """Where messages for each cloud go."""
        return self._given

    @sinks.setter
    def sinks(self, sinks: Mapping[str, Sink]) -> None:
        self._given = sinks
        self._telling.sinks = sinks if self._tap is None else self._tap.told(sinks)
        self._turn(Clouds(names=tuple(sinks)), lambda: None)

    @property
    def tap(self) -> Tap[S] | None:
        """Whoever listens to everything, or None."""
        return self._tap

    @tap.setter
    def tap(self, tap: Tap[S] | None) -> None:
        self._tap = tap
        self._wiring = self._bare if tap is None else tap.between(self._bare)
        self._telling.sinks = self._given if tap is None else tap.told(self._given)
        self._clock = self._wiring.clock

    def _turn(self, turn: Turn | Device[S], act: Callable[[], None]) -> None:
        if self._tap is None:
            act()
        else:
            self._tap.turn(turn, act)

    @property
    def standing(self) -> Standing:
        """What it remembers beside the state: a runtime that is given it goes on from here."""
        return Standing(
            reported=self._telling.reported,
            shown=self._lamp.shown,
            light_until=self._lamp.until,
            decide_at=self._decide_at,
            stuck=self._driving.main.stuck,
            retry_at=self._driving.main.retry_at,
            commands=self.commands,
        )

    @standing.setter
    def standing(self, standing: Standing) -> None:
        self._telling.reported, self.commands = standing.reported, standing.commands
        self._lamp.shown, self._lamp.until = standing.shown, standing.light_until
        self._decide_at = standing.decide_at
        main = self._driving.main
        main.stuck, main.retry_at = standing.stuck, standing.retry_at

    # ── what it knows ───────────────────────────────────────────────────────────────────────

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
        sight = sight_of(self._device.thing, self.state, self._clock.now())
        return full_report(sight, self._clock.stamp())

    # ── effects ─────────────────────────────────────────────────────────────────────────────

    def _drive(self, effect: Drive) -> None:
        if self._driving.drive(self._wiring.outputs, effect, self._clock):
            name = effect.output or RELAY
            fault: Values = {"name": name, "error_code": RELAY_FAULT}
            self._telling.raise_event("hardware_fault", fault, self._clock.stamp())

    def _retry(self, now: float) -> None:
        """Drive contacts that did not obey; when one does, the device counts from now."""
        for stuck in self._driving.stuck(now):
            self._drive(stuck)
            if isinstance(stuck, SetRelay) and not self._driving.is_stuck(stuck.output):
                self.dispatch(RelayObeyed(on=stuck.on, output=stuck.output))

    # ── after every decision: light, report, next deadline ──────────────────────────────────

    def _after(self, now: float) -> None:
        if self._driving.retry_at is not None:
            self._retry(now)
        self._show(now)
        report_at = self._report(now)
        retry_at = self._driving.retry_at
        deadline = self._device.next_deadline(self.state, now)
        self._decide_at = earliest(deadline, report_at, retry_at)
        self._arm()
        for watcher in self.watchers:
            watcher()

    def _arm(self) -> None:
        self._timer.arm(earliest(self._decide_at, self._lamp.until))

    def _is_only_light_due(self, now: float) -> bool:
        """Tell whether a light that breathes is all there is to do, 10 times a second."""
        if self._lamp.until is None or self._lamp.until > now:
            return False
        return self._decide_at is None or self._decide_at > now

    def _show(self, now: float) -> None:
        if self._wiring.indicator is not None:
            self._lamp.show(self._wiring.indicator, self._device.light(self.state, now))

    def _report(self, now: float) -> float | None:
        """Append what is due to every cloud's outbox; tell when time alone makes more due."""
        if not self._telling.sinks:
            return None
        sight = sight_of(self._device.thing, self.state, now)
        return self._telling.report(sight, self.policy, self._clock, now)
