"""The doctor's checks: from facts to a verdict."""

from dataclasses import replace

import pytest

from agent.doctor.checks import (
    check_clock,
    check_console,
    check_frames,
    check_gpio,
    check_port,
    check_uart,
)
from agent.doctor.facts import ConsoleFacts, GpioFacts, LineFacts, PortFacts, PortKind, UartFacts
from agent.keepers import Judgement, Source
from agent.model import Trust
from tests.cli.doctor_support import FRAME, INVERTED, MINI, NETWORK, SIMULATED, TTY

GPIO = GpioFacts(
    driver="auto",
    chips={"/dev/gpiochip0": True},
    has_gpiod=True,
    has_gpiozero=False,
    has_lgpio=False,
    user="pi",
)


@pytest.mark.parametrize(
    ("facts", "level", "says"),
    [
        (TTY, "ok", "/dev/ttyAMA0 can be read"),
        (MINI, "ok", "(/dev/ttyS0)"),
        (SIMULATED, "ok", "simulated"),
        (NETWORK, "ok", "network"),
        (replace(TTY, is_usable=False), "FAILED", "sudo usermod -aG dialout pi"),
        (replace(TTY, kind=PortKind.OTHER_FILE), "FAILED", "no serial port"),
        (
            *(replace(TTY, kind=PortKind.MISSING, others=("/dev/ttyUSB0",)), "FAILED"),
            "serial ports here: /dev/ttyUSB0",
        ),
    ],
)
def test_port(facts: PortFacts, level: str, says: str):
    verdict = check_port(facts)
    assert (verdict.level, says in verdict.text) == (level, True), verdict


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        (UartFacts(port=TTY, model="Raspberry Pi 4 Model B", compatible="arm,pl011"), "ok"),
        (UartFacts(port=MINI, compatible="brcm,bcm2835-aux-uart"), "FAILED"),
        (UartFacts(port=MINI, model="Raspberry Pi Zero W Rev 1.1"), "FAILED"),
        (UartFacts(port=MINI, model="Raspberry Pi 5 Model B"), "ok"),
        (UartFacts(port=MINI, model="Some PC"), "ok"),
        (UartFacts(port=NETWORK), "ok"),
        (UartFacts(port=replace(TTY, kind=PortKind.MISSING)), "warn"),
    ],
)
def test_uart(facts: UartFacts, level: str):
    verdict = check_uart(facts)
    assert verdict.level == level, verdict
    assert ("dtoverlay=disable-bt" in verdict.text) is (level == "FAILED")


@pytest.mark.parametrize(
    ("line", "aliases", "level"),
    [
        ("root=/dev/mmcblk0 console=tty1", {}, "ok"),
        ("console=ttyAMA0,115200 console=tty1", {}, "FAILED"),
        ("console=serial0,115200", {"serial0": "ttyAMA0"}, "FAILED"),
        ("console=serial0,115200", {"serial0": "ttyS0"}, "ok"),
        ("noconsole=ttyAMA0", {}, "ok"),
    ],
)
def test_console(line: str, aliases: dict[str, str], level: str):
    lines = {"/boot/firmware/cmdline.txt": line}
    verdict = check_console(ConsoleFacts(port=TTY, command_lines=lines, aliases=aliases))
    assert verdict.level == level, verdict
    assert check_console(ConsoleFacts(port=NETWORK, command_lines=lines, aliases={})).level == "ok"


@pytest.mark.parametrize(
    ("facts", "level", "says"),
    [
        (LineFacts(port=TTY, frames=3, seconds=0.4, received=FRAME * 3), "ok", "3 good frames"),
        (LineFacts(port=SIMULATED), "ok", "simulated"),
        (LineFacts(port=TTY, seconds=3), "FAILED", "silence for 3.0 s"),
        (LineFacts(port=TTY, is_busy=True), "warn", "in use"),
        (LineFacts(port=TTY, error="no luck"), "FAILED", "no luck"),
        (
            *(LineFacts(port=TTY, seconds=1, received=INVERTED, inverted_frames=1), "FAILED"),
            "inverted",
        ),
        (LineFacts(port=TTY, seconds=1, received=b"\0\0\xfe"), "FAILED", "rests low"),
        (LineFacts(port=TTY, seconds=1, received=b"login: \r\n"), "FAILED", "serial console"),
        (LineFacts(port=TTY, seconds=1, received=b"\x81\xfe\x93"), "FAILED", "wrong baud rate"),
    ],
)
def test_frames(facts: LineFacts, level: str, says: str):
    verdict = check_frames(facts)
    assert (verdict.level, says in verdict.text) == (level, True), verdict


@pytest.mark.parametrize(
    ("facts", "level", "says"),
    [
        (GPIO, "ok", "through gpiod"),
        (replace(GPIO, driver="simulated", chips={}), "ok", "simulated"),
        (replace(GPIO, chips={}), "FAILED", "no /dev/gpiochip"),
        (replace(GPIO, chips={"/dev/gpiochip0": False}), "FAILED", "usermod -aG gpio pi"),
        (replace(GPIO, driver="gpiozero"), "FAILED", "--extras pi"),
        (replace(GPIO, driver="gpiod", has_gpiod=False), "FAILED", "--extras gateway"),
        (replace(GPIO, has_gpiod=False), "FAILED", "neither"),
        (
            *(replace(GPIO, has_gpiod=False, has_gpiozero=True, has_lgpio=True), "warn"),
            "a restart clicks",
        ),
    ],
)
def test_gpio(facts: GpioFacts, level: str, says: str):
    verdict = check_gpio(facts)
    assert (verdict.level, says in verdict.text) == (level, True), verdict


def test_clock():
    trusted = Judgement(
        trust=Trust.SYNCHRONISED, source=Source.TIMESYNCD, reason="timesyncd says so"
    )
    doubtful = Judgement(trust=Trust.UNKNOWN, source=Source.NOBODY, reason="nobody says so")
    assert check_clock(trusted, tls_is_possible=True).level == "ok"
    assert check_clock(doubtful, tls_is_possible=True).level == "warn"
    assert check_clock(doubtful, tls_is_possible=False).level == "FAILED"
