"""Stands of the meters that are built in."""

import asyncio
import socket
import time
from collections import deque
from contextlib import asynccontextmanager

from agent.conformance.drivers.stands import Fault
from agent.drivers.bl0942.decoder import Scale
from agent.drivers.bl0942_meter import Bl0942Meter
from agent.drivers.hlw8032.decoder import Coefficients
from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from agent.drivers.modbus_bus import Buses
from agent.drivers.pulse_meter import PulseMeter
from agent.drivers.pulses.scale import CHIPS
from agent.drivers.pulses.scale import Scale as PulseScale
from agent.drivers.pzem_meter import PzemMeter
from agent.drivers.serial_meter import SerialMeter
from agent.drivers.simulated.appliances import Draw
from agent.drivers.simulated.bl0942_chip import Bl0942Chip
from agent.drivers.simulated.bl0942_port import Bl0942Port
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.faults import NO_FAULTS, Faults, Line
from agent.drivers.simulated.modbus_line import Mishap, SimulatedModbusLine
from agent.drivers.simulated.modbus_slaves import SimulatedPzem
from agent.drivers.simulated.plant import Plant
from agent.drivers.simulated.pulse_chip import PulseChip
from agent.drivers.simulated.pulse_gpio import PulseGpio
from agent.settings.meters import (
    Bl0942MeterSettings,
    MeterSettings,
    PulseMeterSettings,
    PzemSettings,
)
from tests.drivers.test_pulse_meter import LINES, Time

FAULTS = {
    Fault.SILENT: Faults(is_silent=True),
    Fault.SPLIT: Faults(split=1.0),
    Fault.NOISE: Faults(duplicate=0.01),
}


SCALE = Coefficients(kv=3.069, ki=1.007, kp=3.108)


class Mains:
    """A plant whose load is told in volts and amperes."""

    tolerance = 0.02

    def __init__(self, clock):
        self._clock = clock
        self.plant = Plant(now=clock())
        self.plant.set_contact(on=True, now=clock())

    def load(self, *, voltage_v, current_a):
        now = self._clock()
        self.plant.set_mains(voltage_v, now=now)
        self.plant.plug(lambda _since_s, volts: Draw(current_a, current_a * volts), now=now)


class Asked(Mains):
    """A BL0942, which answers over a socket."""

    faults = frozenset({Fault.SILENT, Fault.SPLIT, Fault.NOISE})

    def __init__(self):
        super().__init__(asyncio.get_running_loop().time)
        self.line = Line()
        self._chip = Bl0942Chip(self.plant.at, Scale(kv=4.7, ki=1.0, kp=4.7), now=self._clock())
        self.port = Bl0942Port(self._packet, self.line)

    def driver(self):
        return Bl0942Meter(
            Bl0942MeterSettings(driver="bl0942", port=self.port.url, kv=4.7, ki=1.0, kp=4.7)
        )

    def make(self, fault):
        self.port.manners.is_silent = fault is Fault.SILENT
        self.line.faults = FAULTS.get(fault, NO_FAULTS)

    def _packet(self):
        self._chip.advance(self._clock())
        return self._chip.packet()


class Pulses(Mains):
    """A chip of pulses on three lines in memory, in virtual time."""

    faults = frozenset({Fault.ERROR})

    def __init__(self, driver):
        self.time = Time()
        super().__init__(self.time.now)
        self.settings = PulseMeterSettings(driver=driver, divider=2351, shunt_mohm=1, **LINES)
        kind, scale = CHIPS[driver], self.settings
        self.gpio = self.time.gpio = PulseGpio(
            PulseChip(
                self.plant.at,
                PulseScale(chip=kind, kv=scale.kv, ki=scale.ki, kp=scale.kp, vref_v=kind.vref_v),
                is_high_voltage=self.settings.is_high_voltage,
                now=self.time.at,
            )
        )

    def driver(self):
        return PulseMeter(
            self.settings,
            open_chip=self.gpio.open_chip,
            paths=self.gpio.paths,
            clock=self.time,
        )

    def make(self, fault):
        self.gpio.error = OSError(5, "Input/output error") if fault else None


class Polled(Mains):
    """A PZEM-004T on a Modbus line, in a hurry."""

    faults = frozenset({Fault.ERROR, Fault.SILENT})

    def __init__(self, clock):
        super().__init__(clock)
        self.line = SimulatedModbusLine({1: SimulatedPzem(self.plant.at, clock)}, kind="tcp")
        self._buses = Buses()

    def driver(self):
        settings = PzemSettings(driver="pzem004t", port=self.line.port, timeout_s=0.1)
        quick = settings.model_copy(update={"interval_s": 0.02})
        return PzemMeter(quick, buses=self._buses)

    def make(self, fault):
        refusals = [Mishap.EXCEPTION] * 1000 if fault is Fault.ERROR else []
        self.line.mishaps[1] = deque(refusals)
        self.line.silent = {1} if fault is Fault.SILENT else set()


@asynccontextmanager
async def asked():
    stand = Asked()
    async with stand.port:
        yield stand


@asynccontextmanager
async def pulses(driver):
    yield Pulses(driver)


@asynccontextmanager
async def polled():
    stand = Polled(lambda: time.monotonic() * 100)
    async with stand.line:
        yield stand


class Frames:
    """The simulated chip at the far end of a socket, which can be pulled out and plugged in."""

    faults = frozenset({Fault.GONE, *FAULTS})
    tolerance = 0.02

    def __init__(self, driver="hlw8032"):
        self._driver = driver
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        self.line = Line()
        self.plant = Plant(now=now)
        self.plant.set_contact(on=True, now=now)
        self.chip = Chip(self.plant.at, SCALE, now=now, is_cse=driver != "hlw8032")
        self._ends = []
        self._socket = None
        self._plug(0)
        self.port = self._socket.getsockname()[1]

    def driver(self):
        url = f"socket://127.0.0.1:{self.port}"
        return SerialMeter(MeterSettings(driver=self._driver, port=url))

    def load(self, *, voltage_v, current_a):
        now = self._loop.time()
        self.plant.set_mains(voltage_v, now=now)
        self.plant.plug(lambda _since_s, volts: Draw(current_a, current_a * volts), now=now)

    def make(self, fault):
        self.line.faults = FAULTS.get(fault, NO_FAULTS)
        if fault is Fault.GONE:
            self.close()
        elif self._socket is None:
            self._plug(self.port)

    def _plug(self, port):
        self._socket = socket.create_server(("127.0.0.1", port))
        self._socket.settimeout(0)
        self._loop.add_reader(self._socket, self._accept)

    def _accept(self):
        end, _ = self._socket.accept()
        end.settimeout(0)
        self._ends.append(end)

    def close(self):
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            for each in (*self._ends, self._socket):
                each.close()
        self._ends, self._socket = [], None

    async def send(self):
        while True:
            self.chip.advance(self._loop.time())
            for piece in self.line.carry(self.chip.frame()):
                for end in tuple(self._ends):
                    self._send(end, piece)
            await asyncio.sleep(FRAME_PERIOD_S)

    def _send(self, end, piece):
        try:
            end.send(piece)
        except ConnectionError:
            end.close()
            self._ends.remove(end)


@asynccontextmanager
async def frames(driver="hlw8032"):
    stand = Frames(driver)
    sending = asyncio.create_task(stand.send())
    try:
        yield stand
    finally:
        sending.cancel()
        stand.close()
