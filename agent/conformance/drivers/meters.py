"""Rules of meters: readings in SI units, with evidence, until the meter is lost."""

import math
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise
from typing import Final

from agent.conformance.drivers.bench import Bench, Tried, raised
from agent.conformance.drivers.rule import DriverRule
from agent.conformance.drivers.shared import Ways, shared_rules, waiting_rule
from agent.conformance.drivers.stands import Fault, MeterStand
from agent.conformance.rule import shown
from agent.model import COUNTER_MODULUS, Reading, Register
from agent.ports import Meter

METER: Final = "meter"
LOADS: Final = ((230.0, 2.0), (200.0, 5.0), (230.0, 1.0))
MANY: Final = 12


@asynccontextmanager
async def readings_of(meter: Meter) -> AsyncGenerator[AsyncIterator[Reading], None]:
    """Read until the context ends, and close what was opened."""
    readings = meter.readings()
    try:
        yield readings
    finally:
        close = getattr(readings, "aclose", None)
        if close is not None:
            await close()


async def _next(readings: AsyncIterator[Reading]) -> Reading:
    """Wait for a reading; an end without an error is a fault of the meter."""
    async for reading in readings:
        return reading
    raise EndedError


class EndedError(Exception):
    """The readings ended, and nobody said that the meter is lost."""

    def __init__(self) -> None:
        super().__init__("the readings end, and no DriverError says why")


async def _measures(bench: Bench[MeterStand]) -> AsyncGenerator[str, None]:
    """Change the load, and wait for a reading that shows it."""
    stand = bench.stand
    async with readings_of(stand.driver()) as readings:
        for voltage_v, current_a in LOADS:
            stand.load(voltage_v=voltage_v, current_a=current_a)
            tried = await bench.tried(partial(_near, readings, bench, voltage_v, current_a))
            if tried.error is not None:
                yield f"it raised {raised(tried.error)}"
                return
            if tried.is_late:
                yield f"no reading shows {voltage_v:g} V and {current_a:g} A"
                return


async def _near(
    readings: AsyncIterator[Reading], bench: Bench[MeterStand], voltage_v: float, current_a: float
) -> None:
    wanted = (voltage_v, current_a, voltage_v * current_a)
    while True:
        reading = await _next(readings)
        found = (reading.voltage_v, reading.current_a, reading.power_w)
        if all(_is_near(bench, one, other) for one, other in zip(found, wanted, strict=True)):
            return


def _is_near(bench: Bench[MeterStand], found: float | None, wanted: float) -> bool:
    return found is not None and math.isclose(
        found, wanted, rel_tol=bench.stand.tolerance, abs_tol=bench.stand.tolerance
    )


async def _some(bench: Bench[MeterStand]) -> Tried[list[Reading]]:
    """Take several readings of a steady load."""
    bench.stand.load(voltage_v=230.0, current_a=2.0)

    async def take() -> list[Reading]:
        async with readings_of(bench.stand.driver()) as readings:
            return [await _next(readings) for _ in range(MANY)]

    return await bench.tried(take)


async def _fits(bench: Bench[MeterStand]) -> AsyncGenerator[str, None]:
    tried = await _some(bench)
    for number, reading in enumerate(tried.result or ()):
        for what in _unfit(reading):
            yield f"reading {number}: {what}"
    if not tried.result:
        yield f"no {MANY} readings come"


def _unfit(reading: Reading) -> Iterator[str]:
    for name in ("voltage_v", "current_a", "power_w"):
        value: object = getattr(reading, name)
        if value is not None and not _is_quantity(value):
            yield f"{name} is {shown(value)}, no number from 0"
    for name in ("voltage", "current", "power"):
        register: Register = getattr(reading, name)
        if type(register.raw) is not int or register.raw < 0:
            yield f"the register {name} is {shown(register.raw)}, no whole number from 0"
        if register.value is not None and not _is_quantity(register.value):
            yield f"the register {name} gives {shown(register.value)}, no number from 0"
    modulus = reading.modulus
    if type(modulus) is not int or modulus <= 0 or modulus % COUNTER_MODULUS:
        yield f"the modulus is {shown(modulus)}, no multiple of {COUNTER_MODULUS}"
    elif type(reading.pulses) is not int or not 0 <= reading.pulses < modulus:
        yield f"pulses are {shown(reading.pulses)}, not 0 to {modulus - 1}"
    if type(reading.pulse_pj) is not int or reading.pulse_pj <= 0:
        yield f"a pulse is {shown(reading.pulse_pj)} pJ, no whole number above 0"


def _is_quantity(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value >= 0


async def _counts(bench: Bench[MeterStand]) -> AsyncGenerator[str, None]:
    found = (await _some(bench)).result or []
    for before, after in pairwise(found):
        if (after.pulses - before.pulses) % before.modulus > before.modulus // 2:
            yield f"pulses go back from {before.pulses} to {after.pulses}"
        if before.pulse_pj != after.pulse_pj:
            yield f"a pulse is {before.pulse_pj} pJ, and {after.pulse_pj} pJ later"


async def _whole(bench: Bench[MeterStand]) -> AsyncGenerator[str, None]:
    for fault in (Fault.SPLIT, Fault.NOISE):
        if fault in bench.stand.faults:
            with bench.faulty(fault):
                async for what in _measures(bench):
                    yield f"what it says comes {_COMES[fault]}: {what}"


_COMES: Final = {Fault.SPLIT: "in pieces", Fault.NOISE: "with garbage"}

WAYS_OF_METERS: Final[Ways[Meter, AsyncIterator[Reading]]] = Ways(
    role=METER, enter=readings_of, use=_next
)
METER_RULES: Final[tuple[DriverRule[MeterStand], ...]] = (
    DriverRule(
        name="meter-reads",
        statement="readings show what is measured, in volts, amperes and watts",
        check=_measures,
    ),
    DriverRule(
        name="meter-fits",
        statement="every reading is finite, with registers as evidence and pulses of some energy",
        check=_fits,
    ),
    DriverRule(
        name="meter-counts",
        statement="pulses go forward, each of the same energy",
        check=_counts,
    ),
    DriverRule(
        name="meter-whole",
        statement="what comes in pieces or between garbage is understood all the same",
        check=_whole,
    ),
    *shared_rules(WAYS_OF_METERS),
    waiting_rule(WAYS_OF_METERS),
)
