"""The doctor's probes, on a file system of their own."""

import os
from pathlib import Path

from agent.doctor.checks import check_console
from agent.doctor.facts import PortKind
from agent.doctor.probes import console_facts, gpio_facts, port_facts, uart_facts
from agent.settings.meters import MeterSettings, SimulatedMeterSettings
from agent.settings.relays import RelaySettings
from tests.cli.doctor_support import MINI, TTY, write


def test_a_missing_port_is_found_missing_and_others_are_listed(tmp_path: Path):
    write(tmp_path, "dev/serial/by-id/usb-FTDI")
    write(tmp_path, "dev/ttyUSB0")
    facts = port_facts(MeterSettings(port="/dev/ttyAMA0"), tmp_path)
    assert facts.kind is PortKind.MISSING
    assert facts.others == ("/dev/serial/by-id/usb-FTDI", "/dev/ttyUSB0")


def test_a_plain_file_is_no_port(tmp_path: Path):
    write(tmp_path, "dev/ttyAMA0")
    facts = port_facts(MeterSettings(port="/dev/ttyAMA0"), tmp_path)
    assert facts.kind is PortKind.OTHER_FILE
    assert port_facts(MeterSettings(port="socket://h:1"), tmp_path).kind is PortKind.NETWORK
    simulated = SimulatedMeterSettings(driver="simulated")
    assert port_facts(simulated, tmp_path).kind is PortKind.SIMULATED


def test_model_and_uart_are_read_from_the_device_tree(tmp_path: Path):
    write(tmp_path, "proc/device-tree/model", "Raspberry Pi 3 Model B\0")
    write(
        tmp_path,
        "sys/class/tty/ttyS0/device/of_node/compatible",
        "brcm,bcm2835-aux-uart\0",
    )
    facts = uart_facts(MINI, tmp_path)
    assert (facts.model, facts.compatible) == ("Raspberry Pi 3 Model B", "brcm,bcm2835-aux-uart")
    assert uart_facts(TTY, tmp_path).compatible == ""


def test_command_lines_and_aliases_are_read(tmp_path: Path):
    write(tmp_path, "proc/cmdline", "console=tty1\n")
    write(tmp_path, "boot/firmware/cmdline.txt", "console=serial0,115200\n")
    write(tmp_path, "dev/ttyAMA0")
    (tmp_path / "dev/serial0").symlink_to("ttyAMA0")
    facts = console_facts(TTY, tmp_path)
    assert facts.aliases == {"serial0": "ttyAMA0"}
    verdict = check_console(facts)
    assert verdict.text.startswith("/boot/firmware/cmdline.txt has console=serial0")


def test_gpio_chips_are_listed_and_not_opened(tmp_path: Path):
    (tmp_path / "dev").mkdir()
    os.mkfifo(tmp_path / "dev/gpiochip0")  # opening it would hang
    facts = gpio_facts(RelaySettings(), tmp_path)
    assert facts.chips == {"/dev/gpiochip0": True}
