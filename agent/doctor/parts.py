"""The checks of a light and a button: facts → verdict. They open nothing."""

from typing import Final

from agent.doctor.facts import BusFacts, PinFacts
from agent.doctor.verdict import Verdict, failed, ok, warn

LIGHT: Final = "light"
AGENT: Final = "polycloud"
"""What the agent calls itself at the kernel."""

NO_GPIOD: Final = "gpiod is not installed: sudo scripts/install-service --extras gateway"


def check_bus(facts: BusFacts) -> Verdict:
    """Judge whether a light can be driven by an SPI bus."""
    if not facts.is_there:
        others = ", ".join(facts.others) or "none"
        return failed(
            LIGHT,
            f"{facts.device} does not exist; SPI buses here: {others}; on a Raspberry Pi put"
            " dtparam=spi=on into /boot/firmware/config.txt, and reboot",
        )
    if not facts.is_bus:
        return failed(LIGHT, f"{facts.device} is no SPI bus; name one such as /dev/spidev0.0")
    if not facts.is_usable:
        return failed(
            LIGHT,
            f"{facts.user} may not use {facts.device}: sudo usermod -aG {facts.group or 'spi'}"
            f" {facts.user}, then log in again",
        )
    return ok(LIGHT, f"{facts.device} can be used")


def check_pins(name: str, facts: PinFacts, *, may_be_gpiozero: bool) -> Verdict:
    """Judge whether the lines of a light or a button are there, and free."""
    if not facts.has_gpiod:
        return warn(name, f"not tried: {NO_GPIOD}") if may_be_gpiozero else failed(name, NO_GPIOD)
    wrong = facts.error or _missing(facts)
    if wrong:
        return failed(name, wrong)
    pins = ", ".join(facts.pins)
    others = {pin: holder for pin, holder in facts.holders.items() if holder != AGENT}
    if not others:
        state = "the running agent has it" if facts.holders else "there, and free"
        return ok(name, f"{pins}: {state}")
    held = ", ".join(f"{pin} by {holder!r}" for pin, holder in others.items())
    if may_be_gpiozero:
        return warn(name, f"in use: {held}: the running agent by gpiozero, or another program")
    return failed(name, f"in use: {held}: stop that program, or choose another pin")


def _missing(facts: PinFacts) -> str:
    if not facts.chips:
        return "no /dev/gpiochip* here: this machine has no GPIO that can be used"
    if facts.missing:
        looked = ", ".join(facts.chips)
        return f"no line {' or '.join(facts.missing)} on {looked}: `gpioinfo` lists the names"
    return ""
