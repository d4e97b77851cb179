"""What two devices, parts or files cannot share."""

from pathlib import Path

import pytest

from tests.settings.device_files import DEVICE, TENCENT, only, write, write_secret


@pytest.mark.parametrize(
    ("second", "key"),
    [
        ('id = "socket-1"\nmeter = { port = "/dev/b" }\n', "device.id"),
        ('id = "socket-2"\n', "device.meter.port"),
        ('id = "socket-2"\nmeter.port = "/dev/b"\nrelay.pin = "BCM17"\n', "device.relay.pin"),
    ],
)
def test_two_devices_do_not_share_what_there_is_once(tmp_path: Path, second: str, key: str):
    write(tmp_path, DEVICE, "a.toml")
    quiet = 'button.driver = "none"\nindicator.driver = "none"\n'
    if "relay" not in second:
        quiet += 'relay.pin = "GPIO22"\n'
    path = write(tmp_path, '[device]\nkind = "socket"\n' + second + quiet, "b.toml")
    fault = only(tmp_path)
    assert (fault.file, fault.key) == (str(path), key)
    assert f"a.toml: {key} has too" in fault.found


def test_two_devices_with_one_identity_would_throw_each_other_out(tmp_path: Path):
    write_secret(tmp_path)
    simulated = '[device.meter]\ndriver = "simulated"\n[device.relay]\ndriver = "simulated"\n'
    simulated += '[device.button]\ndriver = "none"\n[device.indicator]\ndriver = "none"\n'
    write(tmp_path, TENCENT + simulated, "a.toml")
    write(tmp_path, TENCENT.replace("socket-1", "socket-2") + simulated, "b.toml")
    fault = only(tmp_path)
    assert (fault.line, fault.key) == (7, "clouds.tencent.device_name")
    assert fault.allowed == "an identity of its own"


@pytest.mark.parametrize("pin", ["GPIO17", "BCM17", "gpio17", " GPIO017 "])
def test_relay_and_button_do_not_share_a_pin(tmp_path: Path, pin: str):
    fault = only(write(tmp_path, DEVICE + f'[device.button]\npin = "{pin}"\n'))
    assert (fault.line, fault.key) == (5, "device.button.pin")
    assert fault.found.startswith(f'"{pin}", which ')


def test_agent_may_stand_in_one_file_only(tmp_path: Path):
    write(tmp_path, "[agent]\n", "agent.toml")
    path = write(tmp_path, "[agent]\n" + DEVICE)
    fault = only(tmp_path)
    assert (fault.file, fault.line, fault.key) == (str(path), 1, "agent")
