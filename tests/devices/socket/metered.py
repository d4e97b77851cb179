"""A socket on any chip in virtual time: plant, chip, the driver's pure part, the real device."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from agent.devices.effects import Effect, SetRelay
from agent.devices.inputs import Measured
from agent.drivers.bl0942 import decoder as bl0942
from agent.drivers.bl0942.framer import Framer as Bl0942Framer
from agent.drivers.bl0942.packet import serialize
from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.framer import Framer
from agent.drivers.pulses.alternation import Shown
from agent.drivers.pulses.decoder import PulseDecoder
from agent.drivers.pulses.scale import CHIPS, Scale
from agent.drivers.simulated.appliances import Appliance
from agent.drivers.simulated.bl0942_chip import Bl0942Chip
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.plant import Plant
from agent.drivers.simulated.pulse_chip import PulseChip
from agent.model import Reading
from agent.settings.boards import with_presets
from agent.settings.device import SocketSettings
from tests.devices.socket.bench import Bench

PERIOD_S = 0.105
PINS = {"cf": "CF", "cf1": "CF1", "sel": "SEL"}
BOARDS = {
    "cse7766": {"kv": 1, "ki": 1, "kp": 1},
    "hlw8012": {"divider": 2351, "shunt_mohm": 1, **PINS},
    "bl0937": {"divider": 2351, "shunt_mohm": 1, **PINS},
    "bl0942": {"divider": 4700, "shunt_mohm": 1},
}
OTHERS = tuple(BOARDS)


def settings(driver: str, **changes: object) -> SocketSettings:
    meter = {"driver": driver, "voltage_from": "load", **BOARDS[driver]}
    sections = {"id": "s", "kind": "socket", "board": "custom", "meter": meter, **changes}
    return with_presets(SocketSettings.model_validate(sections))


class Source(Protocol):
    """What gives a reading at a time, as the driver of a chip does."""

    def __call__(self, at: float) -> Reading | None: ...


def source(config: SocketSettings, plant: Plant, now: float) -> Source:
    meter = config.meter
    scale = {"kv": meter.kv, "ki": meter.ki, "kp": meter.kp}
    match meter.driver:
        case "hlw8012" | "bl0937":
            chip = CHIPS[meter.driver]
            made = Scale(chip=chip, vref_v=chip.vref_v, **scale)
            return Pulses(made, plant, now, is_high_voltage=meter.is_high_voltage)
        case "bl0942":
            return Answers(bl0942.Scale(**scale), plant, now)
        case _:
            return Frames(Coefficients(**scale), plant, now)


class Pulses:
    def __init__(self, scale: Scale, plant: Plant, now: float, *, is_high_voltage: bool) -> None:
        self.chip = PulseChip(plant.at, scale, is_high_voltage=is_high_voltage, now=now)
        self._decoder = PulseDecoder(scale, 1, now, has_mains=False)
        self._is_high_voltage = is_high_voltage
        self._plant = plant
        self._numbers = {"cf": 0, "cf1": 0}
        self._select()

    def __call__(self, at: float) -> Reading | None:
        for line, moment in self.chip.advance(at):
            self._numbers[line] += 1
            getattr(self._decoder, line)(moment, self._numbers[line])
        self._decoder.set_mains(at, on=self._plant.is_closed)
        reading = self._decoder.reading(at)
        if self._decoder.turn(at):
            self._select()
        return reading

    def _select(self) -> None:
        shows_voltage = self._decoder.shown is Shown.VOLTAGE
        self.chip.select(high=shows_voltage is self._is_high_voltage)


class Answers:
    """`junk_watt`: what the register of power says instead."""

    def __init__(self, scale: bl0942.Scale, plant: Plant, now: float) -> None:
        self.junk_watt: int | None = None
        self.junk_pulse = 0
        self._chip = Bl0942Chip(plant.at, scale, now=now)
        self._framer, self._decoder = Bl0942Framer(), bl0942.Decoder(scale)

    def __call__(self, at: float) -> Reading | None:
        self._chip.advance(at)
        packet = self._chip.packet()
        if self.junk_watt is not None:
            packet = replace(packet, watt=self.junk_watt)
        packet = replace(packet, pulses=packet.pulses + self.junk_pulse)
        (found,) = self._framer.feed(serialize(packet))
        return self._decoder.decode(found)


class Frames:
    def __init__(self, scale: Coefficients, plant: Plant, now: float) -> None:
        self._chip = Chip(plant.at, scale, now=now, is_cse=True)
        self._framer, self._decoder = Framer(), Decoder(scale)

    def __call__(self, at: float) -> Reading | None:
        self._chip.advance(at)
        (sighting,) = self._framer.feed(self._chip.frame())
        return self._decoder.decode(sighting.frame).reading


class Metered(Bench):
    """A socket whose contact switches the plant that its meter measures."""

    def __init__(self, config: SocketSettings, start: float = 1000.0) -> None:
        self.plant = Plant(now=start)
        self.read = source(config, self.plant, start)
        self.reading: Reading | None = None
        super().__init__(config, start)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, reading by reading."""
        for _ in self.each_reading(seconds):
            pass

    def each_reading(self, seconds: float) -> Iterator[float]:
        end = self.now + seconds
        while self.now < end:
            self.tick_until(self.now + PERIOD_S)
            reading = self.read(self.now)
            if reading is not None:
                self.reading = reading
                self.give(Measured(reading=reading))
            yield self.now

    def plug(self, appliance: Appliance | None) -> None:
        self.plant.plug(appliance, now=self.now)

    def settle(self) -> None:
        """Close the contact, and let the inrush be over."""
        assert self.command(power_switch=True).refusal is None
        self.pass_time(6.0)

    def seconds_until_open(self, most_s: float) -> float | None:
        begun = self.now
        for now in self.each_reading(most_s):
            if not self.contact:
                return now - begun
        return None

    def _act(self, effects: Sequence[Effect]) -> None:
        super()._act(effects)
        for effect in effects:
            if isinstance(effect, SetRelay):
                self.plant.set_contact(on=effect.on, now=self.now)
