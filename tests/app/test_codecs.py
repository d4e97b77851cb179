"""What only a codec can judge of a section is told like any other fault of the file."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.app.codecs import check_codecs
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.load import load

KEY = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw="
SECTIONS = {
    "tencent": 'product_id = "CS0SLTKSYA"\ndevice_name = "dev1"\n'
    'device_secret = "IyXmUW5sU/q1vnb5yzTkeQ=="\n',
    "aliyun": 'product_key = "k19g7hBjoOD"\ndevice_name = "testdevice1"\ndevice_secret = "0123"\n',
    "onenet": f'product_id = "9MaNe52pNO"\ndevice_name = "dev1"\ndevice_key = "{KEY}"\n',
}


def faults(
    folder: Path, cloud: str, extra: str, *, is_read: bool = True, **environ: str
) -> list[Fault]:
    path = folder / "socket.toml"
    device = f'[device]\nid = "socket-1"\nkind = "socket"\nclouds = ["{cloud}"]\n'
    path.write_text(f"{device}[clouds.{cloud}]\n{SECTIONS[cloud]}{extra}")
    path.chmod(0o600)
    (config,) = load(path, environ).devices
    if not is_read:
        config = replace(config, document=None)
    with pytest.raises(ConfigFaults) as caught:
        check_codecs(config)
    return list(caught.value.faults)


@pytest.mark.parametrize(
    ("cloud", "extra", "key", "found", "allowed"),
    [
        ("tencent", 'custom_topics = ["a/b"]', "custom_topics", "'a/b'", "topics of this device"),
        ("aliyun", 'custom_topics = ["a"]', "custom_topics", "'a'", "/testdevice1/user/get"),
        ("aliyun", 'custom_topics = ["/+"]', "custom_topics", "'/+'", "without '+' and '#'"),
        (
            *("tencent", 'rename = { voltage = "current" }', "rename"),
            *("that current and voltage would both be 'current'", "an identifier of its own"),
        ),
        (
            *("aliyun", 'rename = { "trip.value" = "Cause" }', "rename"),
            *("would both be 'Cause' on the wire", "an identifier of its own"),
        ),
        (
            "aliyun",
            'rename = { total_energy = "UnitPowerConsumption" }\nunit_power_consumption = true',
            *("rename", "that total_energy would be 'UnitPowerConsumption'", "an identifier of"),
        ),
        (
            *("onenet", 'rename = { "count_down.time_left" = "x" }', "rename"),
            *("nothing named 'count_down.time_left'", "count_down |"),
        ),
        (
            *("onenet", 'rename = { voltage = "a-b" }\ngeneration = "datastream"', "rename"),
            *("'a-b' as the datastream of voltage", "1 to 30 letters"),
        ),
    ],
)
def test_a_codecs_fault_has_file_line_key_found_and_allowed(
    tmp_path: Path, cloud: str, extra: str, key: str, found: str, allowed: str
):
    (fault,) = faults(tmp_path, cloud, extra + "\n")
    assert (fault.file, fault.line) == (str(tmp_path / "socket.toml"), 9)
    assert fault.key == f"clouds.{cloud}.{key}"
    assert found in fault.found
    assert allowed in fault.allowed
    assert str(fault).count("found") == 1


def test_a_codecs_fault_names_the_variable_that_brought_it(tmp_path: Path):
    variable = "POLYCLOUD_CLOUDS__ALIYUN__CUSTOM_TOPICS"
    (fault,) = faults(tmp_path, "aliyun", "", **{variable: '["a"]'})
    assert (fault.file, fault.line, fault.key) == ("environment", None, variable)


def test_a_configuration_that_was_read_from_no_file_has_no_lines(tmp_path: Path):
    (fault,) = faults(tmp_path, "aliyun", 'custom_topics = ["a"]\n', is_read=False)
    assert (fault.file, fault.line) == (str(tmp_path / "socket.toml"), None)
    assert fault.key == "clouds.aliyun.custom_topics"
