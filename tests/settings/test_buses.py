"""Relay boards and meters on a bus: what a file may say, and what may be shared."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from agent.recording.trimmed import trimmed
from agent.settings.bus_notices import LEAST_LOST_S, NOT_FAIL_SAFE, UNCONFIRMED
from agent.settings.changes import restart_reasons
from agent.settings.device import SocketSettings
from agent.settings.generic import (
    GenericSettings,
    ModbusSwitchSettings,
    SwitchSettings,
    UsbSwitchSettings,
)
from agent.settings.load import load
from agent.settings.meters import PzemSettings
from agent.settings.notices import notices
from agent.settings.relays import (
    AnyRelaySettings,
    ModbusRelaySettings,
    RelaySettings,
    UsbRelaySettings,
)
from tests.settings.device_files import DEVICE, faults, only, write

RELAY = TypeAdapter(AnyRelaySettings)
SOFT = 'driver = "none"\n'


def device(name="socket-1", *, meter="", relay="", pins=True):
    text = f'[device]\nid = "{name}"\nkind = "socket"\n'
    text += f'[device.meter]\ndriver = "pzem004t"\n{meter}\n' if meter else ""
    text += f"[device.relay]\n{relay}\n" if relay else ""
    return text + ("" if pins else f"[device.button]\n{SOFT}[device.indicator]\n{SOFT}")


def coil(number=0, port="/dev/ttyUSB0", address=2, more=""):
    return f'driver = "modbus"\nport = "{port}"\naddress = {address}\ncoil = {number}\n{more}'


def channel(number=1, port="/dev/ttyUSB1", more=""):
    return f'driver = "usb_serial"\nport = "{port}"\nchannel = {number}\n{more}'


def pzem(address=1, port="/dev/ttyUSB0", more=""):
    return f'port = "{port}"\naddress = {address}\n{more}'


def folder(tmp_path, *texts):
    for number, text in enumerate(texts):
        write(tmp_path, text, f"socket-{number}.toml")
    return tmp_path


def test_a_contact_without_a_driver_is_a_pin_as_before():
    assert RELAY.validate_python({}) == RelaySettings()
    assert isinstance(RELAY.validate_python({"driver": "gpiod"}), RelaySettings)


def test_a_contact_of_a_board_has_the_policy_of_every_contact():
    found = RELAY.validate_python(
        {"driver": "modbus", "port": "192.168.1.20:502", "coil": 3, "min_off_s": 180}
    )
    assert isinstance(found, ModbusRelaySettings)
    assert found.policy.min_off_s == 180
    assert (found.active_high, found.line) == (True, "Modbus")
    usb = RELAY.validate_python({"driver": "usb_serial", "port": "/dev/ttyUSB0", "inverted": True})
    assert isinstance(usb, UsbRelaySettings)
    assert (usb.active_high, usb.policy.on_stop) == (False, "off")


@pytest.mark.parametrize(
    "port",
    ["/dev/serial/by-id/usb-FTDI", "gateway.local:502", "socket://10.0.0.2:26", "[fe80::1]:502"],
)
def test_a_line_is_a_port_or_an_address(port):
    assert RELAY.validate_python({"driver": "modbus", "port": port}).port == port


@pytest.mark.parametrize("port", ["", "ttyUSB0", "host", "host:", "tcp://x:1", "a b:502", "x:y"])
def test_anything_else_is_refused(port):
    with pytest.raises(ValidationError):
        RELAY.validate_python({"driver": "modbus", "port": port})


@given(st.text(max_size=30))
def test_whatever_is_written_for_a_port_is_taken_or_refused(port):
    try:
        found = RELAY.validate_python({"driver": "modbus", "port": port})
    except ValidationError:
        return
    assert found.port.startswith("/") or found.port.rpartition(":")[2].isdigit()


def test_a_fault_says_what_is_allowed(tmp_path):
    (bad,) = faults(write(tmp_path, device(relay=coil(port="ttyUSB0"))))
    assert (bad.line, bad.key) == (6, "device.relay.port")
    assert "HOST:PORT for Modbus TCP" in bad.allowed
    wrong = only(write(tmp_path, DEVICE + '[device.relay]\ndriver = "modbsu"\n'))
    assert "modbus | usb_serial" in wrong.allowed
    assert wrong.hint == "did you mean 'modbus'?"


def test_a_key_of_another_driver_is_told_as_such(tmp_path):
    found = only(write(tmp_path, device(relay=coil(more='pin = "GPIO17"'))))
    assert found.key == "device.relay.pin"
    assert "goes with driver" in found.hint


def test_a_meter_and_coils_share_a_line(tmp_path):
    path = folder(
        tmp_path,
        device("a", meter=pzem(1), relay=coil(0), pins=False),
        device("b", meter=pzem(3), relay=coil(1), pins=False),
    )
    assert [entry.device.id for entry in load(path, {}).devices] == ["a", "b"]


def test_channels_of_a_usb_board_share_its_port(tmp_path):
    path = folder(
        tmp_path,
        device("a", meter=pzem(1), relay=channel(1), pins=False),
        device("b", meter=pzem(3), relay=channel(2), pins=False),
    )
    assert len(load(path, {}).devices) == 2


@pytest.mark.parametrize(
    ("first", "second", "key", "found", "allowed"),
    [
        ((pzem(1), coil(0)), (pzem(3), coil(0)), "relay.coil", "coil 0 of", "a coil of its own"),
        (
            (pzem(1), coil(0)),
            (pzem(1), coil(1)),
            "meter.address",
            "address 1 on /dev/ttyUSB0",
            "an address of its own",
        ),
        (
            (pzem(1), coil(0)),
            (pzem(3), coil(0, address=1)),
            "relay.address",
            "address 1 on",
            "an address of its own",
        ),
        (
            (pzem(1), coil(0)),
            (pzem(3), coil(1, more="baud = 19200")),
            "relay.port",
            "/dev/ttyUSB0",
            "or shared by Modbus at 9600 baud, parity N",
        ),
        (
            (pzem(1), coil(0)),
            (pzem(3), channel(1, port="/dev/ttyUSB0")),
            "relay.port",
            "/dev/ttyUSB0",
            "a port of its own",
        ),
        (
            (pzem(1), channel(1)),
            (pzem(3), channel(1)),
            "relay.channel",
            "channel 1 of /dev/ttyUSB1",
            "a channel of its own",
        ),
    ],
)
def test_what_cannot_be_shared_is_told(tmp_path, first, second, key, found, allowed):
    path = folder(
        tmp_path,
        device("a", meter=first[0], relay=first[1], pins=False),
        device("b", meter=second[0], relay=second[1], pins=False),
    )
    texts = {fault.key: fault for fault in faults(path)}
    fault = texts[f"device.{key}"]
    assert found in fault.found
    assert "socket-0.toml: device." in fault.found
    assert allowed in fault.allowed


def noticed(tmp_path, text):
    return notices(load(write(tmp_path, text), {}), has_gpiod=True)


def switches(*relays, name="hall"):
    head = f'[device]\nid = "{name}"\nkind = "generic"\n'
    return head + "".join(f"[device.switches.S{n}]\n{each}" for n, each in enumerate(relays))


def test_switches_of_a_generic_device_are_contacts_of_boards(tmp_path):
    text = switches(coil(0), coil(1), channel(1), channel(2), 'driver = "gpiod"\npin = "GPIO4"\n')
    (entry,) = load(write(tmp_path, text), {}).devices
    assert isinstance(entry.device, GenericSettings)
    found = entry.device.switches
    assert [type(each) for each in found.values()] == [
        *(ModbusSwitchSettings, ModbusSwitchSettings),
        *(UsbSwitchSettings, UsbSwitchSettings, SwitchSettings),
    ]
    assert entry.device.lines == {("switches", "S4", "pin"): "GPIO4"}
    titled = write(tmp_path, switches(coil(0, more='title = "Pump"\ntitle_zh = "水泵"\n')))
    (entry,) = load(titled, {}).devices
    assert entry.device.switches["S0"].title_zh == "水泵"


@pytest.mark.parametrize(
    ("first", "second", "key", "found"),
    [
        (coil(0), coil(0), "coil", "coil 0 of /dev/ttyUSB0, address 2"),
        (channel(2), channel(2), "channel", "channel 2 of /dev/ttyUSB1"),
        (coil(0), coil(1, more="baud = 1200\n"), "port", "/dev/ttyUSB0"),
    ],
)
def test_what_two_switches_cannot_share_is_told(tmp_path, first, second, key, found):
    fault = only(write(tmp_path, switches(first, second)))
    assert fault.key == f"device.switches.S1.{key}"
    assert found in fault.found
    assert f"device.switches.S0.{key} has too" in fault.found


def test_a_switch_and_a_socket_share_a_board_and_no_coil(tmp_path):
    socket = device("a", meter=pzem(1), relay=coil(0), pins=False)
    assert len(load(folder(tmp_path, socket, switches(coil(1))), {}).devices) == 2
    fault = only(folder(tmp_path, socket, switches(coil(0))))
    assert (fault.key, fault.allowed) == ("device.switches.S0.coil", "a coil of its own")
    assert "device.relay.coil has too" in fault.found


def test_switches_of_a_board_are_told_once_to_be_not_fail_safe(tmp_path):
    found = noticed(tmp_path, switches(coil(0), channel(1)))
    assert found == (f"hall: S0, S1: {NOT_FAIL_SAFE}", f"hall: S1: {UNCONFIRMED}")


def test_a_key_or_a_driver_that_a_switch_has_not_is_told(tmp_path):
    found = only(write(tmp_path, switches(coil(0, more='pin = "GPIO4"\n'))))
    assert found.key == "device.switches.S0.pin"
    assert "goes with driver" in found.hint
    wrong = only(write(tmp_path, switches('driver = "modbsu"\n')))
    assert (wrong.key, wrong.hint) == ("device.switches.S0.driver", "did you mean 'modbus'?")


def test_a_meter_with_frames_shares_its_port_with_nobody(tmp_path):
    text = device("a", relay=coil(0, port="/dev/ttyAMA0"), pins=False)
    fault = only(write(tmp_path, text))
    assert (fault.key, fault.allowed) == ("device.relay.port", "a port of its own")


def test_a_board_is_told_to_be_not_fail_safe(tmp_path):
    found = noticed(tmp_path, device(meter=pzem(), relay=coil()))
    assert f"socket-1: {NOT_FAIL_SAFE}" in found
    assert any("within 5 s, not 0.5 s" in each for each in found)
    assert not any("meter_lost_s" in each or "lcus" in each for each in found)


def test_a_board_that_answers_nothing_is_told(tmp_path):
    found = noticed(tmp_path, device(relay=channel()))
    assert f"socket-1: {UNCONFIRMED}" in found
    more = channel(more='protocol = "lcus_status"')
    assert f"socket-1: {UNCONFIRMED}" not in noticed(tmp_path, device(relay=more))


def test_a_patience_that_a_slow_meter_exhausts_is_told(tmp_path):
    text = device(meter=pzem()) + "[device.protection]\nmeter_lost_s = 1\n"
    assert any(f"{LEAST_LOST_S:g} s or more" in each for each in noticed(tmp_path, text))
    kept = text + 'meter_lost = "keep"\n'
    assert not any("meter_lost_s" in each for each in noticed(tmp_path, kept))


def test_a_meter_that_is_asked_slowly_opens_later_and_needs_a_patience_that_there_is(tmp_path):
    found = noticed(tmp_path, device(meter=pzem(more="interval_s = 3")))
    assert any("within 9 s, not 0.5 s" in each for each in found)
    assert any("9 s or more bears that" in each for each in found)
    longest = device(meter=pzem(more="interval_s = 3")) + "[device.protection]\nmeter_lost_s = 9\n"
    assert not any("meter_lost_s" in each for each in noticed(tmp_path, longest))
    fault = only(write(tmp_path, device(meter=pzem(more="interval_s = 10"))))
    assert (fault.key, fault.allowed) == ("device.meter.interval_s", "1 to 3")


def test_a_rating_above_the_meters_range_is_told(tmp_path):
    text = device(meter=pzem(more="range_a = 10"))
    assert any("no more than 10 A" in each for each in noticed(tmp_path, text))


@pytest.mark.parametrize("board", ["code504", "direct", "custom"])
def test_no_board_presets_a_meter_that_needs_none(tmp_path, board):
    text = device(meter=pzem(), relay=coil()).replace(
        'kind = "socket"', f'kind = "socket"\nboard = "{board}"'
    )
    (entry,) = load(write(tmp_path, text), {}).devices
    assert isinstance(entry.device, SocketSettings)
    meter = entry.device.meter
    assert isinstance(meter, PzemSettings)
    assert (meter.kv, meter.voltage_from, meter.full_scale_a) == (1.0, "mains", 100.0)


def test_another_coil_needs_a_restart(tmp_path):
    before = load(write(tmp_path, device(meter=pzem(), relay=coil(0))), {})
    after = load(write(tmp_path, device(meter=pzem(), relay=coil(1))), {})
    assert restart_reasons(before, after) == (
        "device 'socket-1': relay has changed: needs a restart",
    )


@pytest.mark.parametrize("relay", [coil(port="/dev/secret"), channel(port="/dev/secret")])
def test_a_recording_names_no_port_and_can_be_read_again(tmp_path, relay):
    (entry,) = load(
        write(tmp_path, device(meter=pzem(port="/dev/hidden"), relay=relay)), {}
    ).devices
    assert isinstance(entry.device, SocketSettings)
    found = trimmed(entry.device)
    assert not {"secret", "hidden"} & set(re.findall(r"\w+", str(found)))
    assert SocketSettings.model_validate(found).relay.driver == entry.device.relay.driver
