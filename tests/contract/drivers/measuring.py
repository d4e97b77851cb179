"""Stands of the meters that are built in."""

import asyncio
import socket
from contextlib import asynccontextmanager

from agent.conformance.drivers.stands import Fault
from agent.drivers.hlw8032.decoder import Coefficients
from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from agent.drivers.serial_meter import SerialMeter
from agent.drivers.simulated.appliances import Draw
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.faults import NO_FAULTS, Faults, Line
from agent.drivers.simulated.plant import Plant
from agent.settings.device import MeterSettings

FAULTS = {
    Fault.SILENT: Faults(is_silent=True),
    Fault.SPLIT: Faults(split=1.0),
    Fault.NOISE: Faults(duplicate=0.01),
}


class Frames:
    """The simulated chip at the far end of a socket, which can be pulled out and plugged in."""

    faults = frozenset({Fault.GONE, *FAULTS})
    tolerance = 0.02

    def __init__(self):
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        self.line = Line()
        self.plant = Plant(now=now)
        self.plant.set_contact(on=True, now=now)
        self.chip = Chip(self.plant.at, Coefficients(kv=3.069, ki=1.007, kp=3.108), now=now)
        self._ends = []
        self._socket = None
        self._plug(0)
        self.port = self._socket.getsockname()[1]

    def driver(self):
        return SerialMeter(MeterSettings(port=f"socket://127.0.0.1:{self.port}"))

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
async def frames():
    stand = Frames()
    sending = asyncio.create_task(stand.send())
    try:
        yield stand
    finally:
        sending.cancel()
        stand.close()
