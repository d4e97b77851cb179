"""Hardware in memory with drivers that hold every rule, made to be bent one promise at a time.

A driver is given its hardware, and is bent by a subclass.
"""

import asyncio
import os
import threading
from contextlib import asynccontextmanager
from typing import NamedTuple

from agent.conformance.drivers.stands import Fault
from agent.errors import DriverError, LineBusyError
from agent.model import BLACK, COUNTER_MODULUS, Color, Reading, Register
from agent.ports import HeldLine, Line

LINE = Line(driver="simulated", address="/memory", active_high=True)


class Hardware:
    """What can be told to fail; `free` is set while it answers."""

    faults = frozenset({Fault.GONE, Fault.ERROR, Fault.SILENT, Fault.BUSY})

    def __init__(self, driver):
        self._driver = driver
        self.fault = None
        self.free = threading.Event()
        self.free.set()

    def driver(self):
        return self._driver(self)

    def make(self, fault):
        self.fault = fault
        if fault is Fault.SILENT:
            self.free.clear()
        else:
            self.free.set()

    def claim(self):
        if self.fault is Fault.BUSY:
            raise LineBusyError("somebody has it")
        self.access()

    def access(self):
        if self.fault in {Fault.GONE, Fault.ERROR}:
            raise DriverError("as it was told to")

    async def answered(self):
        while not self.free.is_set():  # noqa: ASYNC110 - another thread may set it
            await asyncio.sleep(0.001)


# ── a relay that learns later ───────────────────────────────────────────────────────────────


class Contact(Hardware):
    def __init__(self, driver):
        super().__init__(driver)
        self.moves = [False]
        self.claimed = None

    def is_on(self):
        return self.moves[-1]

    def put(self, *, on):
        self.moves.append(on)


class Relay:
    line = LINE

    def __init__(self, contact):
        self.contact = contact
        self.descriptor = None
        self._doubt = lambda: None
        self._lost = False

    def probe(self, held):
        try:
            found = os.fstat(held)
        except OSError:
            return None
        if self.contact.claimed is None or found.st_ino != self.contact.claimed:
            return None
        return HeldLine(line=LINE, is_on=self.contact.is_on())

    @asynccontextmanager
    async def open(self, *, on, held=None):
        self.contact.claim()
        self.descriptor = os.memfd_create("line") if held is None else held
        self.contact.claimed = os.fstat(self.descriptor).st_ino
        try:
            self.drive(on=on)
            yield self
        finally:
            self._lost |= self.contact.fault is not None
            os.close(self.descriptor)
            self.descriptor = None

    def set(self, *, on):
        if self._lost and not self.contact.free.is_set():
            raise DriverError("no answer")
        self._lost = False
        self.drive(on=on)

    def drive(self, *, on):
        self.contact.access()
        if self.contact.free.is_set():
            self.contact.put(on=on)
            return
        self._lost = True
        asyncio.get_running_loop().call_soon(self._doubt)

    @property
    def is_in_doubt(self):
        return self._lost

    def on_doubt(self, callback):
        self._doubt = callback
        if self._lost:
            asyncio.get_running_loop().call_soon(callback)


class Plain(Relay):
    """One that cannot tell later, at hardware that answers at once."""

    on_doubt = None


# ── a dimmer ────────────────────────────────────────────────────────────────────────────────


class Output(Hardware):
    step = 0.01

    def __init__(self, driver):
        super().__init__(driver)
        self.moves = [0.0]

    def level(self):
        return self.moves[-1]

    def put(self, *, level):
        self.moves.append(level)


class Dimmer:
    line = LINE

    def __init__(self, output):
        self.output = output

    @asynccontextmanager
    async def open(self, *, level):
        self.output.claim()
        self.set(level=level)
        yield self

    def set(self, *, level):
        self.output.access()
        self.output.put(level=level)


# ── a meter ─────────────────────────────────────────────────────────────────────────────────


class Mains(Hardware):
    faults = frozenset({Fault.GONE, Fault.ERROR, Fault.SILENT, Fault.SPLIT, Fault.NOISE})
    tolerance = 0.01

    def __init__(self, driver):
        super().__init__(driver)
        self.voltage_v, self.current_a = 230.0, 0.0

    def load(self, *, voltage_v, current_a):
        self.voltage_v, self.current_a = voltage_v, current_a


class Meter:
    def __init__(self, mains):
        self.mains = mains
        self.pulses = 0

    async def readings(self):
        self.mains.claim()
        while True:
            await self.mains.answered()
            await asyncio.sleep(0.001)
            self.mains.access()
            yield self.reading()

    def reading(self):
        self.pulses = (self.pulses + 1) % COUNTER_MODULUS
        voltage_v, current_a = self.mains.voltage_v, self.mains.current_a
        watts = voltage_v * current_a
        return Reading(
            voltage_v=voltage_v,
            current_a=current_a,
            power_w=watts,
            pulses=self.pulses,
            pulse_pj=1_000_000,
            voltage=Register(raw=1, value=voltage_v, is_updated=True),
            current=Register(raw=2, value=current_a, is_updated=True),
            power=Register(raw=3, value=watts, is_updated=True),
        )


# ── a sensor, which is a thermometer too ────────────────────────────────────────────────────


class Air(Hardware):
    samples = (20.5, -3.0)
    tolerance = 0.01

    def __init__(self, driver):
        super().__init__(driver)
        self.value = 20.5
        self.callback = None

    def show(self, value):
        self.value = value
        if self.callback is not None:
            self.callback()


class Lid(Air):
    """On or off."""

    samples = (True, False)


class Sensor:
    def __init__(self, air):
        self.air = air
        self._loop = asyncio.get_running_loop()

    @asynccontextmanager
    async def open(self):
        self.air.claim()
        try:
            yield self
        finally:
            self.air.callback = None

    async def measure(self):
        await self.air.answered()
        self.air.claim()
        return self.air.value

    celsius = measure

    def on_change(self, callback):
        self.air.callback = lambda: self._loop.call_soon_threadsafe(callback)


class Unwatched(Sensor):
    on_change = None


# ── a button ────────────────────────────────────────────────────────────────────────────────


class Key(Hardware):
    def __init__(self, driver):
        super().__init__(driver)
        self.callback = None

    def press(self):
        self.move(is_pressed=True)

    def release(self):
        self.move(is_pressed=False)

    def move(self, *, is_pressed):
        if self.callback is not None:
            self.callback(is_pressed)


class Button:
    def __init__(self, key):
        self.key = key
        self._loop = asyncio.get_running_loop()

    @asynccontextmanager
    async def open(self):
        self.key.claim()
        try:
            yield self
        finally:
            self.key.callback = None

    def on_edge(self, callback):
        self.key.callback = lambda is_pressed: self._loop.call_soon_threadsafe(callback, is_pressed)


# ── a light ─────────────────────────────────────────────────────────────────────────────────


class Lamp(Hardware):
    colors = (Color(red=255, green=0, blue=0), Color(red=0, green=255, blue=0))

    def __init__(self, driver):
        super().__init__(driver)
        self.shown = BLACK

    def color(self):
        return self.shown


class Light:
    def __init__(self, lamp):
        self.lamp = lamp

    @asynccontextmanager
    async def open(self):
        self.lamp.claim()
        self.show(BLACK)
        try:
            yield self
        finally:
            self.lamp.shown = BLACK

    def show(self, color):
        self.lamp.access()
        self.lamp.shown = color


HARDWARE = {
    "relay": (Contact, Relay),
    "dimmer": (Output, Dimmer),
    "meter": (Mains, Meter),
    "sensor": (Air, Sensor),
    "thermometer": (Air, Sensor),
    "button": (Key, Button),
    "indicator": (Lamp, Light),
}


def stand(hardware, driver):
    """Make a stand of *hardware* with *driver* at it."""

    @asynccontextmanager
    async def plugged():
        yield hardware(driver)

    return plugged


class Broken(NamedTuple):
    """How one rule is broken; `says` is in the finding."""

    rule: str
    says: str
    hardware: type
    driver: type


def bends(rule, says, hardware, driver, **ways):
    """Bend the methods of a driver that holds all rules."""
    made = type(f"Bent{driver.__name__}", (driver,), ways) if ways else driver
    return Broken(rule, says, hardware, made)
