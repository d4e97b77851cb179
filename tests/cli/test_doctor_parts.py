"""The doctor's look at lights and buttons."""

import errno
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.doctor.examine import examine
from agent.doctor.facts import BusFacts, PinFacts
from agent.doctor.lines import bus_facts, pin_facts
from agent.doctor.parts import check_bus, check_pins
from agent.settings.device import SocketSettings
from tests.cli.doctor_support import write

BUS = BusFacts(
    device="/dev/spidev0.0", is_there=True, is_bus=True, is_usable=True, group="spi", user="pi"
)
PINS = PinFacts(pins=("GPIO5", "GPIO6"), has_gpiod=True, chips=("/dev/gpiochip0",))


@pytest.mark.parametrize(
    ("facts", "level", "says"),
    [
        (BUS, "ok", "/dev/spidev0.0 can be used"),
        (replace(BUS, is_usable=False), "FAILED", "pi may not use /dev/spidev0.0: sudo usermod"),
        (replace(BUS, is_bus=False), "FAILED", "/dev/spidev0.0 is no SPI bus"),
        (
            *(BusFacts(device="/dev/spidev0.0", is_there=False), "FAILED"),
            "SPI buses here: none; on a Raspberry Pi put dtparam=spi=on",
        ),
        (
            *(BusFacts(device="/dev/a", is_there=False, others=("/dev/spidev1.0",)), "FAILED"),
            "SPI buses here: /dev/spidev1.0",
        ),
    ],
)
def test_a_bus(facts: BusFacts, level: str, says: str):
    verdict = check_bus(facts)
    assert (verdict.level, verdict.name, says in verdict.text) == (level, "light", True), verdict


GPIOD = {"may_be_gpiozero": False}
EITHER = {"may_be_gpiozero": True}


@pytest.mark.parametrize(
    ("facts", "options", "level", "says"),
    [
        (PINS, GPIOD, "ok", "GPIO5, GPIO6: there, and free"),
        (replace(PINS, holders={"GPIO5": "polycloud"}), GPIOD, "ok", "the running agent has it"),
        (replace(PINS, holders={"GPIO6": "fan"}), GPIOD, "FAILED", "in use: GPIO6 by 'fan': stop"),
        (replace(PINS, holders={"GPIO6": "lg"}), EITHER, "warn", "the running agent by gpiozero"),
        (replace(PINS, missing=("GPIO6",)), GPIOD, "FAILED", "no line GPIO6 on /dev/gpiochip0"),
        (replace(PINS, chips=()), EITHER, "FAILED", "no /dev/gpiochip*"),
        (replace(PINS, error="pi may not"), GPIOD, "FAILED", "pi may not"),
        (replace(PINS, has_gpiod=False), GPIOD, "FAILED", "--extras gateway"),
        (replace(PINS, has_gpiod=False), EITHER, "warn", "not tried: gpiod is not installed"),
    ],
)
def test_pins(facts: PinFacts, options: dict[str, bool], level: str, says: str):
    verdict = check_pins("button", facts, **options)
    assert (verdict.level, verdict.name, says in verdict.text) == (level, "button", True), verdict


def test_a_bus_is_looked_at_and_not_opened(tmp_path: Path):
    assert bus_facts("/dev/spidev0.0", tmp_path) == BusFacts(
        device="/dev/spidev0.0", is_there=False
    )
    (tmp_path / "dev").mkdir()
    os.mkfifo(tmp_path / "dev/spidev0.0")  # opening it would hang
    facts = bus_facts("/dev/spidev0.0", tmp_path)
    assert (facts.is_there, facts.is_bus, facts.is_usable) == (True, False, True)
    assert bus_facts("/dev/spidev1.0", tmp_path).others == ("/dev/spidev0.0",)


class Chips:
    """Chips by path: what each line's holder is, or why the chip cannot be opened."""

    def __init__(self, root: Path, chips: dict[str, dict[str, str | None] | OSError]):
        self.root = root
        self.chips = {str(write(root, f"dev/{name}")): what for name, what in chips.items()}

    def __call__(self, path: str):
        found = self.chips[path]
        if isinstance(found, OSError):
            raise found
        return Chip(found)

    def facts(self, *pins: str) -> PinFacts:
        return pin_facts(pins, self, self.root)


class Chip:
    def __init__(self, lines: dict[str, str | None]):
        self.lines = lines

    def __enter__(self):
        return self

    def __exit__(self, *_: object):
        pass

    def line_offset_from_id(self, name: str):
        if name not in self.lines:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        if name == "broken":
            raise OSError(errno.EIO, "Input/output error")
        return list(self.lines).index(name)

    def get_line_info(self, offset: int):
        holder = list(self.lines.values())[offset]
        return SimpleNamespace(used=holder is not None, consumer=holder)


def test_every_chip_is_asked_for_every_pin_and_who_has_it(tmp_path: Path):
    chips = Chips(
        tmp_path,
        {"gpiochip0": {"GPIO5": None, "GPIO6": "fan"}, "gpiochip1": {"USB1": ""}},
    )
    facts = chips.facts("GPIO5", "GPIO6", "USB1", "GPIO9")
    assert facts.missing == ("GPIO9",)
    assert facts.holders == {"GPIO6": "fan", "USB1": "the kernel"}
    assert len(facts.chips) == 2


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "sudo usermod -aG gpio"),
        (OSError(errno.EIO, "Input/output error"), "gpiochip0: Input/output error"),
        ({"broken": None}, "gpiochip0: Input/output error"),
    ],
)
def test_a_chip_that_cannot_be_asked_says_why(tmp_path: Path, lines, says: str):
    assert says in Chips(tmp_path, {"gpiochip0": lines}).facts("broken").error


@pytest.mark.parametrize(
    ("meter", "names"),
    [
        ({"driver": "bl0937", "cf": "A", "cf1": "B", "sel": "C"}, ["meter", "gpio"]),
        ({"driver": "bl0942"}, ["port", "console", "frames", "gpio"]),
        ({"driver": "cse7766"}, ["port", "uart", "console", "frames", "gpio"]),
    ],
)
def test_each_chip_is_examined_where_it_is(tmp_path: Path, meter, names: list[str]):
    settings = {"meter": meter, "relay": {"driver": "simulated"}}
    device = SocketSettings.model_validate({"id": "a", "kind": "socket", **settings})
    verdicts = {verdict.name: str(verdict) for verdict in examine(device, 0.1, tmp_path)}
    assert list(verdicts) == names
    assert "frames" not in verdicts or "the port cannot be opened" in verdicts["frames"]


def test_a_bl0942_cannot_be_overheard(tmp_path: Path):
    meter = {"driver": "bl0942", "port": "socket://127.0.0.1:1"}
    settings = {"meter": meter, "relay": {"driver": "simulated"}}
    device = SocketSettings.model_validate({"id": "a", "kind": "socket", **settings})
    verdicts = {verdict.name: str(verdict) for verdict in examine(device, 0.1, tmp_path)}
    assert "only answers" in verdicts["frames"]


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        ({"indicator": {"driver": "none"}, "button": {"driver": "none"}}, []),
        ({}, []),
        ({"indicator": {"driver": "spi"}}, ["light"]),
        ({"indicator": {"driver": "rgb"}, "button": {"driver": "auto"}}, ["light", "button"]),
        ({"button": {"driver": "gpiod"}}, ["button"]),
    ],
)
def test_only_the_kernels_own_drivers_are_looked_at(tmp_path: Path, parts, names: list[str]):
    settings = {"meter": {"driver": "simulated"}, "relay": {"driver": "simulated"}, **parts}
    device = SocketSettings.model_validate({"id": "a", "kind": "socket", **settings})
    verdicts = [verdict.name for verdict in examine(device, 0.1, tmp_path)]
    assert verdicts[5:] == names
