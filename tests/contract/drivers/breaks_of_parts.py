"""How each rule of the other drivers is broken once."""

import asyncio
import math
import threading
import time
from contextlib import asynccontextmanager
from dataclasses import replace

from agent.conformance.drivers.stands import Fault
from agent.model import BLACK, COUNTER_MODULUS, Color
from tests.contract.drivers.memory import (
    LINE,
    Air,
    Button,
    Dimmer,
    Key,
    Lamp,
    Lid,
    Light,
    Mains,
    Meter,
    Output,
    Sensor,
    bends,
)

IO_ERROR = OSError(5, "Input/output error")


def in_a_thread(call, *arguments):
    thread = threading.Thread(target=call, args=arguments)
    thread.start()
    thread.join()


def takes_time(*_, **__):
    time.sleep(0.03)


# ── dimmers ─────────────────────────────────────────────────────────────────────────────────


class OpensDark(Dimmer):
    @asynccontextmanager
    async def open(self, *, level):
        del level
        async with super().open(level=0.0):
            yield self


class Flashes(Dimmer):
    @asynccontextmanager
    async def open(self, *, level):
        self.output.put(level=1.0)
        async with super().open(level=level):
            yield self


class Lights(Dimmer):
    @asynccontextmanager
    async def open(self, *, level):
        async with super().open(level=level):
            yield self
        self.output.put(level=1.0)


class Nowhere(Dimmer):
    line = replace(LINE, driver="acme")


class Changing(Dimmer):
    @property
    def line(self):
        return replace(LINE, address=f"/{self.output.level()}")


def never_full(self, *, level):
    self.output.put(level=level * 0.999)


def waits(self, *, level):
    self.output.free.wait()
    self.output.put(level=level)


def fails_when_silent(self, *, level):
    if not self.output.free.is_set():
        raise IO_ERROR
    self.output.put(level=level)


def raises_what_is_odd(self, *, level):
    if self.output.fault is Fault.ERROR:
        raise IO_ERROR
    self.output.access()
    self.output.put(level=level)


DIMMERS = (
    bends("dimmer-opens-at-level", "opened at 1.0, it stands at 0.000", Output, OpensDark),
    bends("dimmer-opens-at-level", "opened at 0.0 from 0.0, it went by", Output, Flashes),
    bends("dimmer-obeys", "after set(level=1.0)", Output, Dimmer, set=never_full),
    bends("dimmer-at-once", "set takes 0.0", Output, Dimmer, set=takes_time),
    bends("dimmer-at-once", "waits for the hardware", Output, Dimmer, set=waits),
    bends("dimmer-at-once", "it raised OSError", Output, Dimmer, set=fails_when_silent),
    bends("dimmer-line", "has no way to a line of 'acme'", Output, Nowhere),
    bends("dimmer-line", "another one when it is lit", Output, Changing),
    bends("dimmer-never-lights", "it lights up", Output, Lights),
    bends("dimmer-errors", "OSError", Output, Dimmer, set=raises_what_is_odd),
)

# ── meters ──────────────────────────────────────────────────────────────────────────────────


def reading(**changes):
    """Change a reading on its way; a callable makes the new out of the meter."""

    def bent(self):
        made = Meter.reading(self)
        new = {key: each(self) if callable(each) else each for key, each in changes.items()}
        return replace(made, **new)

    return bent


def backwards(meter):
    return 1000 - meter.pulses


def register(**changes):
    def bent(self):
        made = Meter.reading(self)
        return replace(made, power=replace(made.power, **changes))

    return bent


def ends(after):
    async def readings(self):
        self.mains.claim()
        for _ in range(after):
            await asyncio.sleep(0.001)
            yield self.reading()

    return readings


async def ends_when_lost(self):
    while self.mains.fault in {None, Fault.SILENT}:
        await self.mains.answered()
        await asyncio.sleep(0.001)
        yield self.reading()


async def holds_the_loop(self):
    while True:
        self.mains.claim()
        self.mains.free.wait()
        await asyncio.sleep(0.001)
        yield self.reading()


async def cannot_be_cancelled(self):
    while True:
        self.mains.claim()
        while not self.mains.free.is_set():
            try:
                await self.mains.answered()
            except asyncio.CancelledError:
                continue
        await asyncio.sleep(0.001)
        yield self.reading()


async def is_odd(self):
    self.mains.claim()
    while True:
        try:
            await self.mains.answered()
            await asyncio.sleep(0.001)
        except asyncio.CancelledError as error:
            raise IO_ERROR from error
        self.mains.access()
        yield self.reading()


def wrong_in(fault):
    def bent(self):
        made = Meter.reading(self)
        return replace(made, voltage_v=0.0) if self.mains.fault is fault else made

    return bent


INF = math.inf
OUT = COUNTER_MODULUS
METERS = (
    bends("meter-reads", "no reading shows 230 V", Mains, Meter, reading=reading(power_w=None)),
    bends("meter-reads", "no reading shows 230 V", Mains, Meter, reading=reading(current_a=7.0)),
    bends("meter-reads", "no DriverError says why", Mains, Meter, readings=ends(1)),
    bends("meter-fits", "voltage_v is nan", Mains, Meter, reading=reading(voltage_v=math.nan)),
    bends("meter-fits", "power_w is -1.0", Mains, Meter, reading=reading(power_w=-1.0)),
    bends("meter-fits", "current_a is True", Mains, Meter, reading=reading(current_a=True)),
    bends("meter-fits", "the register power is -1", Mains, Meter, reading=register(raw=-1)),
    bends("meter-fits", "the register power gives inf", Mains, Meter, reading=register(value=INF)),
    bends("meter-fits", "not 0 to 131071", Mains, Meter, reading=reading(pulses=OUT)),
    bends("meter-fits", "no multiple of 131072", Mains, Meter, reading=reading(modulus=1000)),
    bends("meter-fits", "a pulse is 0 pJ", Mains, Meter, reading=reading(pulse_pj=0)),
    bends("meter-fits", "readings come", Mains, Meter, readings=ends(3)),
    bends(
        "meter-counts",
        "pulses go back",
        Mains,
        Meter,
        reading=reading(pulses=backwards),
    ),
    bends("meter-counts", "pJ later", Mains, Meter, reading=reading(pulse_pj=lambda m: m.pulses)),
    bends("meter-whole", "in pieces: no reading", Mains, Meter, reading=wrong_in(Fault.SPLIT)),
    bends("meter-whole", "with garbage: no reading", Mains, Meter, reading=wrong_in(Fault.NOISE)),
    bends("meter-errors", "no DriverError says why", Mains, Meter, readings=ends_when_lost),
    bends("meter-off-loop", "it holds the loop", Mains, Meter, readings=holds_the_loop),
    bends("meter-off-loop", "goes on waiting", Mains, Meter, readings=cannot_be_cancelled),
    bends("meter-off-loop", "cancelled, it raised OSError", Mains, Meter, readings=is_odd),
)

# ── sensors and thermometers ────────────────────────────────────────────────────────────────


def gives(value):
    async def measure(self):
        self.air.claim()
        return value

    return measure


async def truth(self):
    return bool(self.air.value)


async def number(self):
    return int(self.air.value)


async def oddly(self):
    await self.air.answered()
    if self.air.fault is Fault.ERROR:
        raise IO_ERROR
    self.air.claim()
    return self.air.value


async def holding(self):
    self.air.claim()
    self.air.free.wait()
    return self.air.value


def tells_nobody(_, callback):
    del callback


def tells_in_a_thread(self, callback):
    self.air.callback = lambda: in_a_thread(callback)


class GroupsErrors(Sensor):
    """What is raised while it is open leaves it in a group."""

    @asynccontextmanager
    async def open(self):
        async with super().open(), asyncio.TaskGroup():
            yield self


SENSORS = (
    bends("sensor-errors", "ExceptionGroup", Air, GroupsErrors),
    bends("sensor-measures", "of 20.5 it measured nan", Air, Sensor, measure=gives(math.nan)),
    bends("sensor-measures", "of 20.5 it measured '20.5'", Air, Sensor, measure=gives("20.5")),
    bends("sensor-measures", "of 20.5 it measured True", Air, Sensor, measure=truth),
    bends("sensor-measures", "of True it measured 1", Lid, Sensor, measure=number),
    bends("sensor-measures", "of 20.5 it raised", Air, Sensor, measure=lambda _: 1 / 0),
    bends("sensor-watched", "nobody is told", Air, Sensor, on_change=tells_nobody),
    bends("sensor-watched", "another thread", Air, Sensor, on_change=tells_in_a_thread),
    bends("sensor-errors", "OSError", Air, Sensor, measure=oddly),
    bends("sensor-off-loop", "it holds the loop", Air, Sensor, measure=holding),
)
THERMOMETERS = (
    bends("thermometer-measures", "of 20.5 it measured 7", Air, Sensor, celsius=gives(7)),
    bends("thermometer-errors", "OSError", Air, Sensor, celsius=oddly),
    bends("thermometer-errors", "nobody is told", Air, Sensor, celsius=number),
    bends("thermometer-off-loop", "it holds the loop", Air, Sensor, celsius=holding),
)

# ── buttons ─────────────────────────────────────────────────────────────────────────────────


def directly(self, callback):
    self.key.callback = callback


def twice(self, callback):
    Button.on_edge(self, lambda is_pressed: (callback(is_pressed), callback(is_pressed)))


class Talks(Button):
    @asynccontextmanager
    async def open(self):
        self.key.claim()
        yield self


class OddKey(Key):
    def claim(self):
        if self.fault is not None:
            raise IO_ERROR


BUTTONS = (
    bends("button-edges", "2 pushes are told as [True, True", Key, Button, on_edge=twice),
    bends("button-edges", "another thread", Key, Button, on_edge=directly),
    bends("button-quiet", "it tells of edges", Key, Talks),
    bends("button-errors", "OSError", OddKey, Button),
)

# ── lights ──────────────────────────────────────────────────────────────────────────────────


class StaysLit(Light):
    @asynccontextmanager
    async def open(self):
        self.show(BLACK)
        yield self


class BeginsLit(Light):
    @asynccontextmanager
    async def open(self):
        self.lamp.shown = self.lamp.colors[1]
        yield self
        self.lamp.shown = BLACK


def pale(self, color):
    self.lamp.access()
    self.lamp.shown = Color(red=color.red // 2, green=0, blue=0)


class First(Light):
    """Shows a colour a moment later, and what comes meanwhile not at all."""

    is_busy = False

    def show(self, color):
        self.lamp.access()
        if not self.is_busy:
            self.is_busy = True
            asyncio.get_running_loop().call_soon(self.apply, color)

    def apply(self, color):
        self.is_busy = False
        self.lamp.shown = color

    @asynccontextmanager
    async def open(self):
        yield self
        self.lamp.shown = BLACK


def light_waits(self, color):
    self.lamp.free.wait()
    self.lamp.shown = color


def light_fails_when_silent(self, color):
    if not self.lamp.free.is_set():
        raise IO_ERROR
    self.lamp.shown = color


def light_is_odd(self, color):
    if self.lamp.fault is not None:
        raise IO_ERROR
    self.lamp.shown = color


LIGHTS = (
    bends("indicator-shows", "it shows", Lamp, Light, show=pale),
    bends("indicator-shows", "not the latest", Lamp, First),
    bends("indicator-dark", "opened, it shows", Lamp, BeginsLit),
    bends("indicator-dark", "left, it shows", Lamp, StaysLit),
    bends("indicator-at-once", "show takes 0.0", Lamp, Light, show=takes_time),
    bends("indicator-at-once", "waits for the hardware", Lamp, Light, show=light_waits),
    bends("indicator-at-once", "it raised OSError", Lamp, Light, show=light_fails_when_silent),
    bends("indicator-errors", "OSError", Lamp, Light, show=light_is_odd),
)
PARTS = (*DIMMERS, *METERS, *SENSORS, *THERMOMETERS, *BUTTONS, *LIGHTS)
