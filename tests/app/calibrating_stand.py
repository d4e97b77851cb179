"""A mis-scaled board in virtual time: the real chip model, decoder, device and methods."""

from types import SimpleNamespace

from agent.app.calibration_methods import CalibrationMethods
from agent.app.readings import Readings
from agent.control.methods import table_of
from agent.devices.effects import MAIN, Record
from agent.devices.inputs import Found
from agent.devices.socket.socket import Socket
from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.frame import FRAME_PERIOD_S, parse
from agent.drivers.simulated.appliances import make
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.plant import Plant
from agent.messages import Command, PropertySet
from agent.model import Factors, StartCause
from agent.reporting import Policy
from agent.runtime import Runtime
from agent.wiring import Wiring
from tests.devices.socket.bench import LOCAL, settings

CONFIGURED = Coefficients(kv=3.069, ki=1.007, kp=3.108)


BOARD = Coefficients(kv=3.13, ki=0.987, kp=3.17)
"""What the board really is: voltage and power read 2 % low, current 2 % high."""


class Meter:
    """A decoder that can be rescaled."""

    def __init__(self):
        self.decoder = Decoder(CONFIGURED)

    def rescale(self, factors: Factors) -> None:
        self.decoder.rescale(CONFIGURED.scaled(factors))


class Stand:
    """One device with a mis-scaled board, in virtual time; it is all that the methods ask of."""

    name = "socket-1"

    def __init__(self, load="kettle", load_w=900.0):
        self.time = 1000.0
        self.clock = self
        self.records: list[Record] = []
        self.saved = None
        self.plant = Plant(make(load, load_w), now=self.time)
        self.chip = Chip(self.plant.at, BOARD, now=self.time)
        self.config = SimpleNamespace(device=settings())
        self.start()

    def start(self, cause=StartCause.FIRST):
        """Begin a life of the agent with what was kept."""
        meter = Meter()
        self.meter = meter
        self.readings = Readings(meter, self.name, lambda: self.runtime.dispatch)
        device = Socket(settings=self.config.device)
        wiring = Wiring(
            name=self.name,
            device=device,
            outputs={MAIN: self},
            indicator=None,
            clock=self,
            policy=Policy(min_interval_s=5, max_interval_s=300, changes={}),
            keep=self.keep,
            record=self.records.append,
            rescale=self.readings.rescale,
        )
        state, effects = device.start(Found(saved=self.saved, cause=cause), self.time)
        self.runtime = Runtime(wiring, state, self)
        self.runtime.perform(effects)
        self.methods = table_of(CalibrationMethods(lambda _: self).methods)

    def ask(self, method, **params):
        return self.methods[method](LOCAL, params)

    def switch(self, *, on):
        request = PropertySet(request_id="r", values={"power_switch": on})
        assert self.runtime.execute(Command(origin=LOCAL, request=request)).refusal is None

    def run(self, seconds):
        end = self.time + seconds
        while self.time < end:
            self.time += FRAME_PERIOD_S
            self.runtime.wake()
            self.chip.advance(self.time)
            frame = parse(self.chip.frame())
            reading = self.meter.decoder.decode(frame).reading
            self.readings.take(reading)

    def begin(self):
        """Switch on and measure until it is enough."""
        self.run(2)
        self.switch(on=True)
        self.ask("calibration_begin")
        self.run(30)

    @property
    def values(self):
        return self.runtime.snapshot()

    def now(self):
        return self.time

    def wall_time(self):
        return 1.8e9

    def set(self, *, on):
        self.plant.set_contact(on=on, now=self.time)

    def keep(self, save):
        self.saved = save.saved

    def arm(self, at):
        del at
