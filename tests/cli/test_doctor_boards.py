"""What doctor finds of boards and meters on a bus."""

import os
import pty

import pytest

from agent.doctor.examine import examine
from agent.doctor.sensors import examine_parts
from agent.drivers.simulated.sensor import SimulatedSensor
from agent.ports import Needs
from agent.settings.device import SocketSettings
from agent.settings.generic import ModbusSwitchSettings, UsbSwitchSettings


def found(meter_port, relay):
    device = SocketSettings.model_validate(
        {
            "id": "a",
            "kind": "socket",
            "meter": {"driver": "pzem004t", "port": meter_port},
            "relay": relay,
            "button": {"driver": "none"},
            "indicator": {"driver": "none"},
        }
    )
    return {each.name: each for each in examine(device, 0.1)}


@pytest.fixture
def port():
    master, slave = pty.openpty()
    yield os.ttyname(slave)
    os.close(master)
    os.close(slave)


def test_ports_that_are_there_are_fine_and_nothing_is_asked_on_them(port):
    verdicts = found(port, {"driver": "usb_serial", "port": port})
    assert {name: each.level for name, each in verdicts.items()} == {
        "port": "ok",
        "console": "ok",
        "frames": "warn",
        "relay": "ok",
    }
    assert "speaks only when it is asked" in verdicts["frames"].text


def test_a_relays_port_that_is_missing_has_failed(port):
    verdicts = found(port, {"driver": "modbus", "port": "/dev/tty-not-there"})
    assert verdicts["relay"].level == "FAILED"
    assert "/dev/tty-not-there does not exist" in verdicts["relay"].text


def test_the_ports_of_a_generic_devices_boards_are_looked_for(port):
    needs = Needs(
        relays={
            "Pump": ModbusSwitchSettings(driver="modbus", port="/dev/tty-not-there"),
            "Fan": UsbSwitchSettings(driver="usb_serial", port=port),
        }
    )
    verdicts = {each.name: each.level for each in examine_parts(needs, SimulatedSensor)}
    assert verdicts == {"switch Pump": "FAILED", "switch Fan": "ok"}


def test_an_address_on_the_network_is_told_as_such():
    verdicts = found("socket://10.0.0.1:26", {"driver": "modbus", "port": "10.0.0.2:502"})
    assert verdicts["port"].text == "socket://10.0.0.1:26 is on the network"
    assert verdicts["relay"].text == "10.0.0.2:502 is on the network"


def test_a_meters_port_that_is_missing_is_not_listened_to():
    verdicts = found("/dev/tty-not-there", {"driver": "simulated"})
    assert verdicts["frames"].text == "not tried: the port cannot be opened"
    assert verdicts["gpio"].level == "ok"
