from pathlib import Path

import pytest

from agent.settings.faults import ConfigFaults
from agent.settings.load import load
from agent.settings.relays import StartPolicy
from agent.settings.root import Config

DEVICE = """\
[agent]
clock = "auto"
[device]
id = "socket-1"
kind = "socket"
[device.relay]
pin = "GPIO17"
min_off_s = 3
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "socket.toml"
    path.write_text(DEVICE)
    return path


def loaded(path: Path, **environ: str) -> Config:
    return load(path, environ)


def fault(path: Path, **environ: str) -> tuple[str, int | None, str, str, str]:
    with pytest.raises(ConfigFaults) as caught:
        load(path, environ)
    (one,) = caught.value.faults
    return (one.file, one.line, one.key, one.found, one.hint)


def test_a_variable_wins_over_the_file_and_leaves_its_neighbours(path: Path):
    relay = loaded(path, POLYCLOUD_DEVICE__RELAY__PIN="GPIO22").devices[0].device.relay
    assert (relay.pin, relay.min_off_s) == ("GPIO22", 3)


def test_a_variable_may_set_what_the_file_leaves_out(path: Path):
    config = loaded(
        path,
        POLYCLOUD_AGENT__STATE_DIR="/var/tmp/state",
        POLYCLOUD_DEVICE__METER__PORT="/dev/ttyUSB0",
        POLYCLOUD_DEVICE__RELAY__ACTIVE_HIGH="false",
        POLYCLOUD_DEVICE__RELAY__ON_START__CRASH="restore",
        POLYCLOUD_DEVICE__REPORTING__CHANGE__VOLTAGE="1%",
        POLYCLOUD_DEVICE__CLOUDS="[]",
    )
    device = config.devices[0].device
    assert config.agent.state_dir == "/var/tmp/state"
    assert device.meter.model_dump()["port"] == "/dev/ttyUSB0"
    assert device.relay.active_high is False
    assert device.relay.on_start == StartPolicy(crash="restore")
    assert device.reporting.changes["voltage"].relative == 0.01
    assert device.clouds == ()


def test_text_that_looks_like_a_number_stays_text_where_text_is_meant(path: Path):
    assert loaded(path, POLYCLOUD_DEVICE__ID="007").devices[0].device.id == "007"


def test_the_agents_section_may_come_from_variables_alone(tmp_path: Path):
    file = tmp_path / "a.toml"
    file.write_text(DEVICE.partition("[device]")[2].join(["[device]", ""]))
    assert loaded(tmp_path, POLYCLOUD_AGENT__CLOCK="system").agent.clock == "system"


def test_variables_that_are_not_settings_are_left_alone(path: Path):
    assert loaded(
        path,
        POLYCLOUD_SECRET="x",
        POLYCLOUD_CONTROL_SOCKET="y",
        POLYCLOUD_="z",
        MY_POLYCLOUD_DEVICE__ID="w",
        PATH="/bin",
    ) == loaded(path)


@pytest.mark.parametrize(
    ("name", "text", "found", "hint"),
    [
        ("POLYCLOUD_DEVICE__RELAY__MIN_OFF_S", "soon", '"soon"', ""),
        ("POLYCLOUD_DEVICE__RELAY__PINN", "1", "an unknown key", "did you mean 'pin'?"),
        ("POLYCLOUD_DEVICE__BUTTON__DRIVER", "gpiozro", '"gpiozro"', "did you mean 'gpiozero'?"),
        ("POLYCLOUD_DEVICE__CLOUDS", "tencent", '"tencent"', ""),
        ("POLYCLOUD_DEVICE__CLOUDS", '["tencnt"]', '"tencnt"', "did you mean 'tencent'?"),
        (
            *("POLYCLOUD_DEVCE__ID", "a", "an override of devce.id, in an unknown section"),
            "did you mean 'device'?",
        ),
        ("POLYCLOUD_CLOUDS__TENCENT__DEVICE_SECRETS", "x", "an unknown key", ""),
    ],
)
def test_a_fault_in_a_variable_names_the_variable(
    path: Path, name: str, text: str, found: str, hint: str
):
    if "TENCENT" in name:
        path.write_text(DEVICE + '[clouds.tencent]\nproduct_id = "CS0SLTKSYA"\ndevice_name = "a"\n')
        hint = "did you mean 'device_secret'?"
    assert fault(path, **{name: text}) == ("environment", None, name, found, hint)


def test_the_fault_reads_as_a_sentence_about_the_variable(path: Path):
    with pytest.raises(ConfigFaults) as caught:
        load(path, {"POLYCLOUD_DEVICE__RELAY__MIN_OFF_S": "-3"})
    expected = 'environment: POLYCLOUD_DEVICE__RELAY__MIN_OFF_S: found "-3"; allowed: 0 to 3600'
    assert str(caught.value) == expected


def test_json_nested_without_end_is_a_fault_and_no_crash(path: Path):
    variable = "POLYCLOUD_DEVICE__CLOUDS"
    assert fault(path, **{variable: "[" * 100_000})[:3] == ("environment", None, variable)
