"""The checks of the hardware side: facts → verdict. They open nothing."""

import re
from typing import Final

from agent.doctor.facts import ConsoleFacts, GpioFacts, LineFacts, PortFacts, PortKind, UartFacts
from agent.doctor.verdict import Verdict, failed, ok, warn
from agent.keepers import Judgement

FRAME_BYTES_PER_S: Final = 228
"""24 bytes in 105 ms: the chip's cadence on the wire."""

_MINI_UART: Final = "bcm2835-aux-uart"
_CONSOLE: Final = re.compile(r"(?:^|\s)console=([A-Za-z]+[0-9]*)")
_NOTHING_THERE: Final = (PortKind.MISSING, PortKind.OTHER_FILE)


def check_port(facts: PortFacts) -> Verdict:
    """Judge whether the port exists, and may be used by this user."""
    name = "port"
    match facts.kind:
        case PortKind.SIMULATED:
            return ok(name, "simulated: none is needed")
        case PortKind.NETWORK:
            return ok(name, f"{facts.port} is on the network")
        case PortKind.MISSING:
            others = ", ".join(facts.others) or "none at all; plug the adapter in, enable the UART"
            return failed(name, f"{facts.port} does not exist; serial ports here: {others}")
        case PortKind.OTHER_FILE:
            return failed(name, f"{facts.port} is no serial port; name a tty or socket://host:port")
        case PortKind.TTY | PortKind.PSEUDO if not facts.is_usable:
            return failed(
                name,
                f"{facts.user} may not use {facts.port}: sudo usermod -aG {facts.group}"
                f" {facts.user}, then log in again",
            )
        case _:
            return ok(name, f"{facts.port} can be read{_through(facts)}")


def check_uart(facts: UartFacts) -> Verdict:
    """Judge whether the port can do even parity: a Raspberry Pi's mini-UART cannot."""
    name = "uart"
    if facts.port.kind in _NOTHING_THERE:
        return warn(name, "not tried: there is no such port")
    if facts.port.kind is not PortKind.TTY:
        return ok(name, "not a UART of this machine")
    is_first = facts.port.real_path.endswith("/ttyS0")
    is_pi = "Raspberry Pi" in facts.model and "Raspberry Pi 5" not in facts.model
    if _MINI_UART in facts.compatible or (is_pi and is_first and not facts.compatible):
        return failed(
            name,
            f"{facts.port.port} is the mini-UART of this {facts.model or 'board'}, which has no"
            " parity: put dtoverlay=disable-bt into config.txt, reboot, and use /dev/ttyAMA0; or"
            " use a USB adapter",
        )
    return ok(name, f"{facts.port.port} is no mini-UART")


def check_console(facts: ConsoleFacts) -> Verdict:
    """Judge whether the kernel's console is on the port: it writes, and its login reads."""
    name = "console"
    if facts.port.kind in _NOTHING_THERE:
        return warn(name, "not tried: there is no such port")
    if facts.port.kind is not PortKind.TTY:
        return ok(name, "no console can be on this port")
    port = facts.port.real_path.rpartition("/")[2]
    for file, text in facts.command_lines.items():
        for console in _CONSOLE.findall(text):
            if facts.aliases.get(console, console) == port:
                return failed(
                    name,
                    f"{file} has console={console}, which is this port: take it out of"
                    " /boot/firmware/cmdline.txt (raspi-config: Interface, Serial Port, no login"
                    " shell), then reboot",
                )
    return ok(name, "no console is on this port")


def check_frames(facts: LineFacts) -> Verdict:
    """Judge whether the meter speaks, and can be understood."""
    name = "frames"
    if facts.port.kind is PortKind.SIMULATED:
        return ok(name, "simulated: they are made by the agent itself")
    if facts.is_busy:
        return warn(
            name,
            f"{facts.port.port} is in use, probably by the running agent: ask it with"
            " `polycloud status`, or stop it and run doctor again",
        )
    if facts.error:
        return failed(name, facts.error)
    if facts.frames:
        return ok(name, f"{facts.frames} good frames in {facts.seconds:.1f} s")
    if not facts.received:
        return failed(
            name,
            f"silence for {facts.seconds:.1f} s: is the meter powered (its side needs mains or"
            " 5 V), is its TX on this machine's RX, is the opto-coupler the right way round?",
        )
    return failed(name, _why_no_frame(facts))


def check_gpio(facts: GpioFacts) -> Verdict:
    """Judge whether this user may drive the relay's pin."""
    name = "gpio"
    if facts.driver == "simulated":
        return ok(name, "simulated: none is needed")
    if not facts.chips:
        return failed(name, "no /dev/gpiochip* here: this machine has no GPIO that can be used")
    if not any(facts.chips.values()):
        return failed(
            name,
            f"{facts.user} may not use {', '.join(facts.chips)}: sudo usermod -aG gpio"
            f" {facts.user}, then log in again",
        )
    missing = _missing_library(facts)
    if missing:
        return failed(name, missing)
    usable = ", ".join(chip for chip, is_usable in facts.chips.items() if is_usable)
    if facts.driver == "gpiozero" or not facts.has_gpiod:
        return warn(
            name,
            f"{usable} can be used, through gpiozero: a restart clicks the contact; gpiod"
            " (sudo scripts/install-service --extras gateway) keeps it still",
        )
    return ok(name, f"{usable} can be used, through gpiod")


def check_clock(found: Judgement, *, tls_is_possible: bool) -> Verdict:
    """Judge whether the time is right enough for certificates and signatures."""
    name = "clock"
    if not tls_is_possible:
        return failed(
            name,
            f"{found.reason}: no certificate can be checked; connect to a network with NTP"
            " (timedatectl set-ntp true), or set it: sudo date -s 'YYYY-MM-DD hh:mm'",
        )
    if not found.is_trusted:
        return warn(name, f"not trusted: {found.reason}; reports carry no time until it is")
    return ok(name, f"trusted: {found.reason}")


def _through(facts: PortFacts) -> str:
    is_link = facts.real_path and facts.real_path != facts.port
    return f" ({facts.real_path})" if is_link else ""


def _why_no_frame(facts: LineFacts) -> str:
    received = facts.received
    rate = len(received) / max(facts.seconds, 0.1)
    heard = (
        f"{len(received)} bytes and no frame ({rate:.0f} a second; {FRAME_BYTES_PER_S} is usual)"
    )
    if facts.inverted_frames:
        return f"{heard}: the line is inverted; turn the opto-coupler's output or use an inverter"
    if received.count(0) > 0.3 * len(received):
        return (
            f"{heard}, mostly zeros: the line rests low, so it is inverted (turn the"
            " opto-coupler's output) or not connected"
        )
    if sum(byte in b"\r\n\t" or 32 <= byte < 127 for byte in received) > 0.9 * len(received):
        return f"{heard}, but text: another device or a serial console is on this port"
    return f"{heard}: wrong baud rate or parity (an HLW8032 has 4800 8E1), or another device"


def _missing_library(facts: GpioFacts) -> str:
    gpiozero = facts.has_gpiozero and facts.has_lgpio
    match facts.driver:
        case "gpiod" if not facts.has_gpiod:
            return "gpiod is not installed: sudo scripts/install-service --extras gateway"
        case "gpiozero" if not gpiozero:
            return "gpiozero with lgpio is not installed: sudo scripts/install-service --extras pi"
        case "auto" if not (facts.has_gpiod or gpiozero):
            return (
                "neither gpiod nor gpiozero is installed:"
                " sudo scripts/install-service --extras gateway"
            )
        case _:
            return ""
