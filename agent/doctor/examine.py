"""Run the checks of one device's hardware, in the order in which a maker would."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from agent.doctor.checks import check_console, check_frames, check_gpio, check_port, check_uart
from agent.doctor.facts import LineFacts
from agent.doctor.lines import bus_facts, pin_facts
from agent.doctor.listen import line_facts
from agent.doctor.parts import LIGHT, check_bus, check_pins
from agent.doctor.probes import console_facts, facts_of, gpio_facts, port_facts, uart_facts
from agent.doctor.verdict import Level, Verdict, warn
from agent.settings.device import SocketSettings
from agent.settings.indicator import RgbIndicatorSettings, SpiIndicatorSettings
from agent.settings.meters import (
    Bl0942MeterSettings,
    MeterSettings,
    PulseMeterSettings,
    PzemSettings,
    SerialMeterSettings,
    SimulatedMeterSettings,
)
from agent.settings.relays import AnyRelaySettings, RelaySettings


def examine(device: SocketSettings, seconds: float, root: Path = Path("/")) -> Iterator[Verdict]:
    """Check port, UART, console, frames, GPIO, light, button; only the meter's port is opened."""
    meter = device.meter
    if isinstance(meter, PulseMeterSettings):
        facts = pin_facts((meter.cf, meter.cf1, meter.sel), root=root)
        yield check_pins("meter", facts, may_be_gpiozero=False)
    else:
        yield from _serial(meter, seconds, root)
    for contact in device.contacts.values():
        yield _check_relay(contact, root)
    yield from _parts(device, root)


def _check_relay(relay: AnyRelaySettings, root: Path) -> Verdict:
    if isinstance(relay, RelaySettings):
        return check_gpio(gpio_facts(relay, root))
    return replace(check_port(facts_of(relay.port, root)), name="relay")


def _serial(meter: SerialMeterSettings, seconds: float, root: Path) -> Iterator[Verdict]:
    """Check the port, and hear what comes over it by itself."""
    port = port_facts(meter, root)
    first = check_port(port)
    yield first
    if not isinstance(meter, Bl0942MeterSettings | PzemSettings):
        yield check_uart(uart_facts(port, root))
    yield check_console(console_facts(port, root))
    match meter:
        case _ if first.level is Level.FAILED:
            yield warn("frames", "not tried: the port cannot be opened")
        case MeterSettings(parity=parity):
            yield check_frames(line_facts(port, parity, seconds))
        case SimulatedMeterSettings():
            yield check_frames(LineFacts(port=port))
        case Bl0942MeterSettings():
            yield warn("frames", "not tried: a BL0942 only answers; see `polycloud status`")
        case PzemSettings():
            yield warn("frames", "not tried: it speaks only when it is asked, which the agent does")
        case _:
            assert_never(meter)


def _parts(device: SocketSettings, root: Path) -> Iterator[Verdict]:
    """Check the lights and buttons whose drivers are the kernel's own."""
    match device.indicator:
        case SpiIndicatorSettings(device=bus):
            yield check_bus(bus_facts(bus, root))
        case RgbIndicatorSettings(pins=pins, backend=backend):
            may_be_gpiozero = backend != "gpiod"
            yield check_pins(LIGHT, pin_facts(pins, root=root), may_be_gpiozero=may_be_gpiozero)
        case _:
            pass
    button = device.button
    if button.driver in ("gpiod", "auto"):
        facts = pin_facts((button.pin,), root=root)
        yield check_pins("button", facts, may_be_gpiozero=button.driver == "auto")
