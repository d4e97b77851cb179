"""The checks of a device of sensors and switches: each sensor is measured once."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from agent.doctor.checks import check_gpio, check_port
from agent.doctor.lines import pin_facts
from agent.doctor.parts import check_pins
from agent.doctor.probes import facts_of, gpio_facts
from agent.doctor.verdict import Verdict, failed, ok, warn
from agent.errors import ConfigError, DriverError, LineBusyError
from agent.ports import Needs, SensorDriver
from agent.settings.relays import ModbusRelaySettings, RelaySettings, UsbRelaySettings
from agent.settings.section import NamesDriver
from agent.settings.sensors import SensorSettings
from agent.settings.taken import pin_name

MakeSensor = Callable[[NamesDriver], SensorDriver]

LIMIT_S: Final = 10.0
RETRY_S: Final = 1.0
PULLED_UP: Final = frozenset(f"GPIO{number}" for number in range(9))
"""A Raspberry Pi's pins that are high until somebody drives them."""


def examine_parts(needs: Needs, make: MakeSensor, root: Path = Path("/")) -> Iterator[Verdict]:
    """Measure with every sensor, and look for each switch's line or port; nothing is driven."""
    for name, section in needs.sensors.items():
        yield asyncio.run(check_sensor(name, section, make))
    is_first = True
    for name, contact in needs.relays.items():
        if isinstance(contact, RelaySettings) and contact.driver != "simulated":
            if is_first:
                yield check_gpio(gpio_facts(contact, root))
                is_first = False
            yield from _switch(name, contact, root)
        if isinstance(contact, ModbusRelaySettings | UsbRelaySettings):
            yield replace(check_port(facts_of(contact.port, root)), name=f"switch {name}")


async def check_sensor(
    name: str, section: NamesDriver, make: MakeSensor, *, retry_s: float = RETRY_S
) -> Verdict:
    """Judge whether a sensor is there, and what it reads now."""
    label = f"sensor {name}"
    retries = section.retries if isinstance(section, SensorSettings) else 0
    try:
        driver = make(section)
        for tries in range(retries):
            try:
                return _judged(label, section, await _read(driver), tries)
            except LineBusyError:
                raise
            except DriverError:
                await asyncio.sleep(retry_s)
        return _judged(label, section, await _read(driver), retries)
    except LineBusyError as error:
        return warn(label, f"not read: {error}; the running agent may have it: polycloud status")
    except (DriverError, ConfigError) as error:
        return failed(label, str(error))


async def _read(driver: SensorDriver) -> float | bool:
    try:
        async with asyncio.timeout(LIMIT_S), driver.open() as sensor:
            return await sensor.measure()
    except TimeoutError as error:
        raise DriverError(f"no answer within {LIMIT_S:g} s: look at its wiring") from error


def _judged(label: str, section: NamesDriver, value: float | bool, tries: int) -> Verdict:  # noqa: FBT001 - a reading
    """Tell what was read, in the section's own unit, and whether it would count."""
    again = f", at try {tries + 1}: look at its wiring" if tries else ""
    if not isinstance(section, SensorSettings):
        return ok(label, f"reads {value} now{again}")
    if section.is_binary:
        return ok(label, f"is {'on' if value else 'off'} now{again}")
    scaled = value * section.scale + section.offset
    low, high = section.range
    shown = f"reads {scaled:g} {section.unit}".rstrip()
    if not low <= scaled <= high:
        return warn(
            label,
            f"{shown} ({value:g} before scale and offset), outside its range of {low:g} to"
            f" {high:g}: it counts as not known",
        )
    return ok(label, f"{shown} now{again}")


def _switch(name: str, contact: RelaySettings, root: Path) -> Iterator[Verdict]:
    label = f"switch {name}"
    facts = pin_facts((contact.pin,), root=root)
    yield check_pins(label, facts, may_be_gpiozero=contact.driver != "gpiod")
    if contact.active_high and pin_name(contact.pin) in PULLED_UP:
        yield warn(
            label,
            f"a Raspberry Pi pulls {contact.pin} up until the agent starts: what it switches may be"
            " on meanwhile; a pull-down of 1 kΩ or a pin from GPIO9 to GPIO27 keeps it off",
        )
