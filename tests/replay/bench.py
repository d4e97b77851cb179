"""A socket in virtual time whose period is recorded: its meter is a line of bytes."""

from dataclasses import dataclass, field
from types import SimpleNamespace

from agent.app.policies import policy_of
from agent.app.recordings import Recording
from agent.devices.effects import MAIN
from agent.devices.inputs import Found, Measured
from agent.devices.socket.socket import Socket
from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.framer import Framer
from agent.drivers.hlw8032.hearing import Hearing
from agent.drivers.simulated.appliances import make
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.plant import Plant
from agent.errors import DriverError
from agent.model import Factors, Stamp, StartCause, Trust
from agent.recording.text import read_recording
from agent.runtime import Runtime
from agent.timeline import carried
from agent.wiring import Wiring
from tests.devices.socket.bench import settings

BOARD = Coefficients(kv=3.069, ki=1.007, kp=3.108)
PLENTY = 1 << 22


@dataclass
class Machine:
    """A clock, a relay, a light and a timer."""

    time: float = 1000.0
    trust: Trust = Trust.SYNCHRONISED
    is_stuck: bool = False
    is_dark: bool = False
    line: None = None
    descriptor: None = None
    contact: bool = False
    asked: int = 0

    def now(self):
        self.asked += 1
        return self.time + self.asked * 1e-6

    def stamp(self):
        at = self.now() + 7 / 3
        wall_time = None if self.trust is Trust.UNKNOWN else 1.8e9 / 7 + at
        return Stamp(at=at, wall_time=wall_time, trust=self.trust)

    def wall_time(self):
        return self.stamp().wall_time

    def since_boot(self):
        return self.stamp().at

    def wall_time_at(self, at):
        return carried(self.stamp(), at)

    def learn(self, wall_time):
        del wall_time

    def tls_is_possible(self):
        return True

    async def sleep(self, seconds):
        del seconds

    def arm(self, at):
        del at

    def set(self, *, on):
        if self.is_stuck:
            raise DriverError("the line is gone")
        self.contact = on

    def show(self, color):
        del color
        if self.is_dark:
            raise DriverError("the light is gone")


class LineMeter:
    """A meter that is fed bytes, and tells them to whoever listens."""

    def __init__(self):
        self.framer = Framer()
        self.decoder = Decoder(BOARD)
        self.factors = Factors()
        self.ear = None

    @property
    def hearing(self):
        framing, decoding = self.framer.framing, self.decoder.decoding
        return Hearing(framing=framing, decoding=decoding, factors=self.factors)

    def overhear(self, ear):
        self.ear = ear

    def rescale(self, factors):
        self.factors = factors
        self.decoder.rescale(BOARD.scaled(factors))

    def open(self):
        self.framer, self.decoder = Framer(), Decoder(BOARD.scaled(self.factors))
        if self.ear is not None:
            self.ear.opened()

    def feed(self, data, dispatch):
        if self.ear is not None:
            self.ear.heard(data)
        for each in self.framer.feed(data):
            if each.rejection is None:
                dispatch(Measured(reading=self.decoder.decode(each.frame).reading))


@dataclass
class Stand:
    """What a recording asks of a device that runs."""

    changes: dict = field(default_factory=dict)

    def __post_init__(self):
        self.name, self.machine, self.meter = "s", Machine(), LineMeter()
        self.plant = Plant(make("lamp", 60), now=self.machine.time)
        self.chip = Chip(self.plant.at, BOARD, now=self.machine.time)
        found = settings(clouds=["tencent"], indicator={"driver": "simulated"}, **self.changes)
        self.config = SimpleNamespace(device=found)
        self.parts = SimpleNamespace(meter=self.meter)
        device = Socket(settings=found)
        wiring = Wiring(
            name=self.name,
            device=device,
            outputs={MAIN: self.machine},
            indicator=self.machine,
            clock=self.machine,
            policy=policy_of(found, device),
            keep=lambda _save: None,
            record=lambda _row: None,
            rescale=self.meter.rescale,
            tell=lambda _name, _effect: None,
        )
        state, effects = device.start(Found(saved=None, cause=StartCause.FIRST), self.machine.time)
        self.runtime = Runtime(wiring, state, self.machine)
        self.runtime.sinks = {"tencent": lambda _message: None}
        self.runtime.perform(effects)
        self.lines: list[str] = []

    @property
    def clock(self):
        return self.machine

    def reload(self, **changes):
        found = settings(clouds=["tencent"], indicator={"driver": "simulated"}, **changes)
        self.config.device = found
        device = Socket(settings=found)
        self.runtime.reconfigure(device, policy_of(found, device))

    def plug(self, watts):
        self.plant.plug(make("kettle", watts), now=self.machine.time)

    def frames(self, count):
        for _ in range(count):
            self.machine.time += 0.1048
            self.plant.set_contact(on=self.machine.contact, now=self.machine.time)
            self.chip.advance(self.machine.time)
            self.meter.feed(self.chip.frame(), self.runtime.dispatch)

    def record(self, most_bytes=PLENTY, most_waiting=PLENTY):
        recording = Recording(self, "maker", 1, most_bytes, most_waiting)
        recording.begin()
        return recording


def text_of(recording):
    return "".join(f"{line}\n" for line in recording.fetch())


def reread(text):
    return read_recording(text)
