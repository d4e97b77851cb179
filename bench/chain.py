"""The whole chain in virtual time: mains, load, chip, bytes, framer, decoder, device, contact."""

from collections.abc import Sequence
from typing import Final, Literal

from agent.devices.effects import Effect, Raise, Record, Save, Saved, SetRelay
from agent.devices.inputs import Found, Input, Kept, Measured, Tick
from agent.devices.socket.socket import Socket
from agent.devices.socket.state import State
from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from agent.drivers.hlw8032.framer import Framer
from agent.drivers.simulated.appliances import Appliance, make
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.plant import Plant
from agent.messages import Command, PropertySet
from agent.model import Condition, Origin, OriginKind, Reading, StartCause
from agent.settings.device import SocketSettings
from bench.loads import Tamper, honest
from bench.watcher import Watcher

SCALE: Final = Coefficients(kv=3.069, ki=1.007, kp=3.108)
PERSON: Final = Origin(kind=OriginKind.LOCAL, name="bench")
AFTERWARDS_S: Final = 4.0
"""How long a profile goes on after the contact opened: what is then said is said wrongly."""

MOST_WAKES: Final = 100
ALERTS: Final = frozenset({"overload_warning", "high_voltage"})


class Chain:
    """One socket of the Code504 board; *limit* times the rating is what `watcher` counts."""

    def __init__(
        self,
        settings: SocketSettings,
        *,
        limit: float = 2.5,
        mains_v: float = 230.0,
    ) -> None:
        self.now = self._due = self.step_at = 1000.0
        self.plant = Plant(make("lamp"), mains_v=mains_v, now=self.now)
        self.voltage_from: Literal["load", "mains"] = settings.meter.voltage_from
        self.chip = self._new_chip()
        self.framer, self.decoder = Framer(), Decoder(SCALE)
        self.device = Socket(settings=settings)
        protection = settings.protection
        self.watcher = Watcher(
            limit_a=protection.rated_current_a * limit, limit_w=protection.rated_power_w * limit
        )
        self.tamper: Tamper = honest
        self.is_welded = self.is_stuck_open = False
        self.contact = False
        self.opened_at: float | None = None
        self.said: list[tuple[float, str]] = []
        self.saved: Saved | None = None
        self.state: State
        self._begin(Found(saved=None, cause=StartCause.FIRST, condition=Condition.NEW))

    def renew_chip(self) -> None:
        """Let the chip lose its supply for a moment and begin again."""
        self.chip = self._new_chip()

    def _new_chip(self) -> Chip:
        place = self.voltage_from
        return Chip(self.plant.at, SCALE, voltage_from=place, now=self.now, has_noise=True)

    def mark(self) -> None:
        """Count time, measurements and what is said from now on."""
        self.step_at, self.opened_at = self.now, None
        self.said.clear()
        self.watcher.restart()

    def plug(self, appliance: Appliance | None) -> None:
        """Put another appliance in."""
        self.plant.plug(appliance, now=self.now)

    def mains(self, volts: float) -> None:
        """Change the voltage of the mains."""
        self.plant.set_mains(volts, now=self.now)

    def switch(self, *, on: bool) -> None:
        """Switch, as a person at the command line does."""
        request = PropertySet(request_id="r", values={"power_switch": on})
        self._give(Command(origin=PERSON, request=request))

    def stop(self) -> None:
        """End the service in order."""
        self.state, effects = self.device.stop(self.state, self.now)
        self._perform(effects)

    def start(self, cause: StartCause) -> None:
        """Start the service with what was kept last; meter, contact and load went on meanwhile."""
        self.framer, self.decoder = Framer(), Decoder(SCALE)
        is_held_on = self.contact and cause is not StartCause.REBOOT
        self._begin(Found(saved=self.saved, cause=cause, is_held_on=is_held_on))

    def _begin(self, found: Found) -> None:
        self.state, effects = self.device.start(found, self.now)
        self._perform(effects)

    def pause(self, seconds: float) -> None:
        """Let time pass without an agent."""
        self.now += seconds
        self._due = max(self._due, self.now)

    def run(self, seconds: float) -> None:
        """Run so long, or until a while after the contact opened by itself."""
        end = self.now + seconds
        while self._due <= end and not self._is_settled():
            self._wake_until(self._due)
            self.chip.advance(self._due)
            for sighting in self.framer.feed(self.tamper(self.chip.frame())):
                if sighting.rejection is None:
                    reading = self.decoder.decode(sighting.frame).reading
                    self._see(reading)
                    self._give(Measured(reading=reading))
            self._due += FRAME_PERIOD_S
        if not self._is_settled():
            self._wake_until(end)

    def _see(self, reading: Reading) -> None:
        if self.opened_at is None:
            self.watcher.see(reading, self.now)

    def _is_settled(self) -> bool:
        return self.opened_at is not None and self.now > self.opened_at + AFTERWARDS_S

    def _wake_until(self, end: float) -> None:
        for _ in range(MOST_WAKES):
            due = self.device.next_deadline(self.state, self.now)
            if due is None or due > end:
                self.now = max(self.now, end)
                return
            self.now = max(due, self.now)
            self._give(Tick())
        raise RuntimeError("a deadline that is due stays due: the timer would spin")

    def _give(self, event: Input) -> None:
        self.state, effects = self.device.handle(self.state, event, self.now)
        self._perform(effects)

    def _perform(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, SetRelay):
                self._drive(on=effect.on)
            elif isinstance(effect, Save):
                self.saved = effect.saved
                self._give(Kept(total_mj=effect.total_mj))
            else:
                self.said += [(self.now, name) for name in _names(effect)]

    def _drive(self, *, on: bool) -> None:
        if self.contact and not on and self.opened_at is None:
            self.opened_at = self.now
        self.contact = on
        holds = self.is_welded and self.plant.is_closed
        self.plant.set_contact(on=holds or (on and not self.is_stuck_open), now=self.now)


def _names(effect: Effect) -> list[str]:
    """Name what is said to people: an event, or an alert that is only kept."""
    if isinstance(effect, Raise):
        if effect.event == "hardware_fault":
            return [str(effect.values["name"])]
        return [] if effect.event == "trip" else [effect.event]
    if isinstance(effect, Record) and effect.name in ALERTS:
        return [effect.name]
    return []
