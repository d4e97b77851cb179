"""A socket on the bench: the pure device driven by readings in virtual time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.devices.effects import Effect, Raise, Save, SetRelay
from agent.devices.inputs import Found, Input, Kept, Measured, Tick
from agent.devices.socket.socket import Socket
from agent.devices.socket.state import State
from agent.messages import Command, Outcome, PropertySet
from agent.model import Condition, Origin, OriginKind, Reading, Register, StartCause, Value
from agent.settings.device import SocketSettings

FRAME_S = 0.105
MAX_WAKES = 1000
PULSE_PJ = 15_897_420_000_000
PULSE_J = PULSE_PJ / 1e12

LOCAL = Origin(kind=OriginKind.LOCAL, name="maker")
CLOUD = Origin(kind=OriginKind.CLOUD, name="tencent")


def settings(**changes: object) -> SocketSettings:
    return SocketSettings.model_validate({"id": "s", "kind": "socket", **changes})


@dataclass
class Registers:
    """A chip reduced to its registers: V and I refresh each second, P each 0.3 s, pulses live."""

    volts: float = 230.0
    pulses: float = 0.0
    shown: dict[str, tuple[float, float]] = field(default_factory=dict)

    def frame(self, now: float, amps: float, watts: float, since_s: float) -> Reading:
        self.pulses += watts * since_s / PULSE_J
        voltage = self._register("v", self.volts, 1.0, now)
        current = self._register("i", amps, 1.0, now)
        power = self._register("p", watts, 0.3, now)
        return reading(voltage, current, power, int(self.pulses))

    def _register(self, name: str, value: float, every_s: float, now: float) -> Register:
        at, shown = self.shown.get(name, (float("-inf"), 0.0))
        if now - at >= every_s:
            at, shown = now, value
            self.shown[name] = (at, shown)
        return register(shown, raw=hash((shown, at)))


def register(value: float | None, *, raw: int = 0, is_updated: bool = True) -> Register:
    return Register(raw=raw, value=value, is_updated=is_updated)


def reading(voltage: Register, current: Register, power: Register, pulses: int) -> Reading:
    return Reading(
        voltage_v=voltage.value,
        current_a=current.value,
        power_w=power.value,
        pulses=pulses % (1 << 17),
        pulse_pj=PULSE_PJ,
        voltage=voltage,
        current=current,
        power=power,
    )


class Bench:
    """Holds the state, the contact as a relay would show it, and everything that was said."""

    def __init__(self, config: SocketSettings | None = None, start: float = 1000.0) -> None:
        self.device = Socket(settings=config or settings())
        self.now = start
        self.registers = Registers()
        self.contact = False
        self.effects: list[Effect] = []
        self.state: State
        self.begin(None, StartCause.FIRST)

    def begin(self, saved: object, cause: StartCause) -> None:
        condition = Condition.NEW if saved is None else Condition.GOOD
        found = Found(saved=saved, cause=cause, condition=condition)  # type: ignore[arg-type]
        state, effects = self.device.start(found, self.now)
        self.state = state
        self._act(effects)

    def give(self, event: Input) -> Sequence[Effect]:
        self.state, effects = self.device.handle(self.state, event, self.now)
        self._act(effects)
        return effects

    def tick_until(self, end: float) -> None:
        """Let time pass, waking the device at each of its deadlines."""
        for _ in range(MAX_WAKES):
            due = self.device.next_deadline(self.state, self.now)
            if due is None or due > end:
                self.now = end
                return
            self.now = max(due, self.now)
            self.give(Tick())
        raise AssertionError("a deadline that is due stays due: the timer would spin")

    def run(self, seconds: float, amps: float, watts: float) -> float | None:
        """Feed frames of a steady load; tell how long after the start the contact opened."""
        begin, end = self.now, self.now + seconds
        was_closed = self.contact
        while self.now < end:
            self.tick_until(self.now + FRAME_S)
            if not self.contact:
                amps = watts = 0.0
            self.give(Measured(reading=self.registers.frame(self.now, amps, watts, FRAME_S)))
            if was_closed and not self.contact:
                return self.now - begin
        return None

    def command(self, origin: Origin = LOCAL, *, is_live: bool = True, **values: Value) -> Outcome:
        request = PropertySet(request_id="r", values=values, is_live=is_live)
        effects = self.give(Command(origin=origin, request=request))
        (outcome,) = (effect.outcome for effect in effects if hasattr(effect, "outcome"))
        return outcome

    def switch_on(self) -> None:
        assert self.command(power_switch=True).refusal is None
        self.tick_until(self.now + 2)

    def events(self, name: str) -> list[Raise]:
        return [e for e in self.effects if isinstance(e, Raise) and e.event == name]

    def _act(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, SetRelay):
                self.contact = effect.on
        self.effects.extend(effects)
        for save in [effect for effect in effects if isinstance(effect, Save)]:
            self.give(Kept(total_mj=save.total_mj))
