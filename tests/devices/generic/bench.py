"""A generic device on the bench: driven in virtual time, with its outputs as drivers hold them."""

import json
from collections.abc import Sequence

from agent.devices.effects import Answer, Effect, Raise, Record, Save, SetLevel, SetRelay
from agent.devices.generic.generic import Generic
from agent.devices.generic.make import make
from agent.devices.generic.state import State
from agent.devices.inputs import ClockTold, Found, Input, Sensed, Tick
from agent.messages import Command, Outcome, PropertySet
from agent.model import Condition, Origin, OriginKind, StartCause, Value
from agent.settings.generic import GenericSettings

MAX_WAKES = 1000
LOCAL = Origin(kind=OriginKind.LOCAL, name="maker")
CLOUD = Origin(kind=OriginKind.CLOUD, name="tencent")
MONDAY_NOON = 1_795_435_200.0
"""2026-11-23 12:00 UTC."""


def settings(**sections: object) -> GenericSettings:
    return GenericSettings.model_validate({"id": "g", "kind": "generic", **sections})


def sensor(**keys: object) -> dict[str, object]:
    return {"driver": "simulated", **keys}


def switch(**keys: object) -> dict[str, object]:
    return {"driver": "simulated", "min_off_s": 0, **keys}


class Bench:
    """Holds the state, the outputs as they are driven, and everything that was said."""

    def __init__(self, config: GenericSettings, start: float = 1000.0) -> None:
        self.device: Generic = make(config)
        self.now = start
        self.outputs: dict[str, bool | float] = {}
        self.effects: list[Effect] = []
        self.state: State
        self.begin()

    def begin(
        self,
        saved: object = None,
        cause: StartCause = StartCause.FIRST,
        condition: Condition | None = None,
        **held: bool,
    ) -> None:
        usual = Condition.NEW if saved is None else Condition.GOOD
        found = Found(saved=saved, cause=cause, condition=condition or usual, held=held)  # type: ignore[arg-type]
        self.state, effects = self.device.start(found, self.now)
        self.outputs = {}
        self._act(effects)

    def restart(self, cause: StartCause = StartCause.CRASH, away_s: float = 1.0) -> None:
        """Start again from what was saved last, as the disk gives it back."""
        self.now += away_s
        self.begin(json.loads(json.dumps(self.saves[-1].saved)), cause)

    def stop(self, *, opens: bool = False) -> None:
        self.state, effects = self.device.stop(self.state, self.now, opens=opens)
        self._act(effects)

    def give(self, event: Input) -> Sequence[Effect]:
        self.state, effects = self.device.handle(self.state, event, self.now)
        self._act(effects)
        return effects

    def sense(self, name: str, value: float | None) -> Value | None:
        self.give(Sensed(sensor=name, value=value))
        return self.value(name)

    def value(self, name: str) -> Value | None:
        return self.device.thing.snapshot(self.state, self.now)[name]

    def tick_until(self, end: float) -> None:
        for _ in range(MAX_WAKES):
            due = self.device.next_deadline(self.state, self.now)
            if due is None or due > end:
                self.now = end
                return
            self.now = max(due, self.now)
            self.give(Tick())
        raise AssertionError("a deadline that is due stays due: the timer would spin")

    def wait(self, seconds: float) -> None:
        self.tick_until(self.now + seconds)

    def know_the_time(self, wall_time: float = MONDAY_NOON) -> None:
        self.give(ClockTold(offset=wall_time - self.now, zone="UTC"))

    def command(self, origin: Origin = LOCAL, *, is_live: bool = True, **values: Value) -> Outcome:
        request = PropertySet(request_id="r", values=values, is_live=is_live)
        return self.ask(Command(origin=origin, request=request))

    def ask(self, event: Input) -> Outcome:
        (answer,) = (each for each in self.give(event) if isinstance(each, Answer))
        return answer.outcome

    @property
    def saves(self) -> list[Save]:
        return [each for each in self.effects if isinstance(each, Save)]

    @property
    def rows(self) -> list[Record]:
        return [each for each in self.effects if isinstance(each, Record)]

    @property
    def notices(self) -> list[Raise]:
        return [each for each in self.effects if isinstance(each, Raise)]

    def _act(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, SetRelay):
                self.outputs[effect.output] = effect.on
            elif isinstance(effect, SetLevel):
                self.outputs[effect.output] = effect.level
        self.effects.extend(effects)
