"""A strip on the bench: its contacts as relays would show them, and a load on each."""

from collections.abc import Mapping

from agent.devices.effects import Answer, Effect, Record, Save, SetRelay
from agent.devices.inputs import Found, Kept, Measured, Tick
from agent.devices.strip.make import make
from agent.devices.strip.state import StripState
from agent.messages import Command, Outcome, PropertySet
from agent.model import Condition, StartCause
from agent.settings.strip import StripSettings
from tests.devices.socket.bench import FRAME_S, LOCAL, Registers

VOLTS = 230.0


def settings(outlets=3, each=None, **changes) -> StripSettings:
    rows = [{"driver": "simulated", **(each or {})} for _ in range(outlets)]
    whole = {"id": "s", "kind": "strip", "outlets": rows, **changes}
    return StripSettings.model_validate(whole)


class StripBench:
    """Holds the state, where every contact stands, and everything that was said."""

    def __init__(self, config: StripSettings | None = None, start: float = 1000.0) -> None:
        self.device = make(config or settings())
        self.now = start
        self.registers = Registers()
        self.contacts: dict[str, bool] = {}
        self.effects: list[Effect] = []
        self.decisions: list[list[SetRelay]] = []
        self.welded: dict[str, float] = {}
        self.state: StripState
        self.begin(None, StartCause.FIRST)

    def begin(self, saved, cause, held: Mapping[str, bool] | None = None, condition=None) -> None:
        usual = Condition.NEW if saved is None else Condition.GOOD
        found = Found(saved=saved, cause=cause, condition=condition or usual, held=held or {})
        self.state, effects = self.device.start(found, self.now)
        self._act(effects)

    def give(self, event) -> list[Effect]:
        self.state, effects = self.device.handle(self.state, event, self.now)
        self._act(effects)
        return list(effects)

    def stop(self, *, opens=False) -> dict[str, object]:
        self.state, effects = self.device.stop(self.state, self.now, opens=opens)
        self._act(effects)
        return self.saved

    def tick_until(self, end: float) -> None:
        for _ in range(1000):
            due = self.device.next_deadline(self.state, self.now)
            if due is None or due > end:
                self.now = end
                return
            self.now = max(due, self.now)
            self.give(Tick())
        raise AssertionError("a deadline that is due stays due: the timer would spin")

    def run(self, seconds: float, watts: Mapping[str, float]) -> float | None:
        """Feed frames of what the closed outlets draw; tell when all of them opened."""
        begin = self.now
        while self.now < begin + seconds:
            self.tick_until(self.now + FRAME_S)
            drawn = sum(w for name, w in watts.items() if self.contacts[name])
            drawn += sum(self.welded.values())
            frame = self.registers.frame(self.now, drawn / VOLTS, drawn, FRAME_S)
            was_on = any(self.contacts.values())
            self.give(Measured(reading=frame))
            if was_on and not any(self.contacts.values()):
                return self.now - begin
        return None

    def command(self, origin=LOCAL, *, is_live=True, **values) -> Outcome:
        request = PropertySet(request_id="r", values=values, is_live=is_live)
        effects = self.give(Command(origin=origin, request=request))
        (outcome,) = (effect.outcome for effect in effects if isinstance(effect, Answer))
        return outcome

    def on(self, *outlets: str) -> None:
        """Switch exactly these on, and let time pass until they stand."""
        positions = {f"power_switch_{name}": name in outlets for name in self.contacts}
        assert self.command(**positions).refusal is None
        self.tick_until(self.now + 2)
        assert self.closed == set(outlets)

    @property
    def closed(self) -> set[str]:
        return {name for name, is_on in self.contacts.items() if is_on}

    @property
    def saved(self) -> dict[str, object]:
        return dict([effect.saved for effect in self.effects if isinstance(effect, Save)][-1])

    def rows(self, topic: str) -> list[Record]:
        return [e for e in self.effects if isinstance(e, Record) and e.topic == topic]

    def read(self, name: str):
        row = self.device.thing.property(name)
        assert row is not None
        return row.read(self.state, self.now)

    def _act(self, effects) -> None:
        moves = [each for each in effects if isinstance(each, SetRelay)]
        if moves:
            self.decisions.append(moves)
        for each in moves:
            self.contacts[each.output] = each.on
        self.effects.extend(effects)
        for save in [each for each in effects if isinstance(each, Save)]:
            self.give(Kept(total_mj=save.total_mj))
