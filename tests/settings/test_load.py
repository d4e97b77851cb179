"""What loads, and what a later version will load."""

from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.settings.faults import ConfigFaults
from agent.settings.load import load
from agent.settings.meters import MeterSettings, SimulatedMeterSettings
from agent.settings.not_yet import NotYetError
from agent.settings.relays import StartPolicy
from tests.settings.device_files import DEVICE, TENCENT, write, write_secret


def test_a_small_file_has_defaults_for_the_rest(tmp_path: Path):
    (entry,) = load(write(tmp_path, DEVICE), {}).devices
    assert entry.clouds == {}
    assert entry.device.meter == MeterSettings()
    assert entry.device.relay.pin == "GPIO17"


def test_a_simulated_meter_is_told_by_its_driver(tmp_path: Path):
    text = DEVICE + '[device.meter]\ndriver = "simulated"\nload = "kettle"\n'
    meter = load(write(tmp_path, text), {}).devices[0].device.meter
    assert isinstance(meter, SimulatedMeterSettings)
    assert meter.load == "kettle"


def test_a_start_policy_may_be_a_table_by_cause(tmp_path: Path):
    text = DEVICE + '[device.relay]\non_start = { restart = "restore", crash = "off" }\n'
    relay = load(write(tmp_path, text), {}).devices[0].device.relay
    assert relay.on_start == StartPolicy(restart="restore")


def test_a_folder_is_its_device_files_and_one_agent_file(tmp_path: Path):
    write(tmp_path, '[agent]\nclock = "system"\n', "agent.toml")
    write(tmp_path, DEVICE, "b.toml")
    write(tmp_path, DEVICE.replace("socket-1", "socket-2").replace("\n", "\n", 1), "a.toml")
    write(tmp_path, "not read", "notes.txt")
    simulated = '[device.meter]\ndriver = "simulated"\n[device.relay]\ndriver = "simulated"\n'
    others = '[device.button]\ndriver = "none"\n[device.indicator]\ndriver = "none"\n'
    write(tmp_path, DEVICE + simulated + others, "b.toml")
    config = load(tmp_path, {})
    assert config.agent.clock == "system"
    assert [entry.device.id for entry in config.devices] == ["socket-2", "socket-1"]
    assert [entry.path.name for entry in config.devices] == ["a.toml", "b.toml"]


# ── later versions ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        (TENCENT + 'tls = "psk"\n', 9, "clouds.tencent.tls"),
    ],
)
def test_what_comes_later_says_so(tmp_path: Path, text: str, line: int, key: str):
    write_secret(tmp_path)
    with pytest.raises(NotYetError, match="not yet in version") as caught:
        load(write(tmp_path, text), {})
    (fault,) = caught.value.faults
    assert (fault.line, fault.key) == (line, key)
    assert isinstance(caught.value, ConfigError)
    assert not isinstance(caught.value, ConfigFaults)
