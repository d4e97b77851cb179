"""The contract's file and the examples that are shipped load, with every cloud."""

import json
import re
import shutil
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel, SecretStr

from agent.app.codecs import check_codecs
from agent.settings.clouds import AliyunSettings, OnenetSettings, TencentSettings
from agent.settings.device import SocketSettings
from agent.settings.load import load

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "config"
SECRET = "IyXmUW5sU/q1vnb5yzTkeQ=="


def write(folder: Path, text: str, name: str = "socket.toml", mode: int = 0o600) -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return path


def write_secret(folder: Path) -> Path:
    return write(folder, SECRET + "\n", "tencent.secret")


def test_the_contracts_file_loads_with_its_dots_filled_in(tmp_path: Path):
    write_secret(tmp_path)
    authority = write(tmp_path, "", "ca.pem")
    text = (HERE / "contract.toml").read_text().replace('ca_file = "…"', f'ca_file = "{authority}"')
    config = load(write(tmp_path, text.replace("…", "filled.example")), {})
    cloud = config.devices[0].clouds["tencent"]
    assert isinstance(cloud, TencentSettings)
    assert cloud.device_secret == SecretStr(SECRET)
    assert (cloud.host, cloud.ca_file) == ("filled.example", str(authority))
    assert config.devices[0].device.reporting.changes["active_power"].absolute == 3


def test_the_contracts_file_loads_with_its_dots_dropped(tmp_path: Path):
    write_secret(tmp_path)
    lines = (HERE / "contract.toml").read_text().splitlines()
    config = load(write(tmp_path, "\n".join(line for line in lines if "…" not in line)), {})
    assert list(config.devices[0].clouds) == ["tencent"]
    assert config.warnings == ()


ALL_CLOUDS = ("tencent", "aliyun", "onenet")
SECRETS = {
    "tencent.device_secret": SECRET,
    "aliyun.device_secret": "0123456789abcdef",
    "onenet.device_key": "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw=",
}


def write_credentials(folder: Path) -> dict[str, str]:
    """Bring the secrets of all clouds as systemd does."""
    credentials = folder / "credentials"
    credentials.mkdir()
    for name, text in SECRETS.items():
        write(credentials, text, name, 0o440)
    return {"CREDENTIALS_DIRECTORY": str(credentials)}


def with_all_clouds(text: str) -> str:
    """Name every cloud of *text*, whose secrets systemd brings."""
    lines = [line for line in text.splitlines() if not re.match(r"device_\w+_file = ", line)]
    return "\n".join(lines).replace('clouds = ["tencent"]', f"clouds = {json.dumps(ALL_CLOUDS)}")


def test_the_contracts_file_loads_with_all_three_clouds(tmp_path: Path):
    environ = write_credentials(tmp_path)
    text = with_all_clouds((HERE / "contract.toml").read_text())
    text = "\n".join(line for line in text.splitlines() if "…" not in line)
    (entry,) = load(write(tmp_path, text), environ).devices
    assert tuple(entry.clouds) == ALL_CLOUDS
    _, aliyun, onenet = entry.clouds.values()
    assert isinstance(aliyun, AliyunSettings)
    assert (aliyun.instance_id, aliyun.read_only_in_set) == ("iot-06z00d9jq7p2pgk", "refuse")
    assert isinstance(onenet, OnenetSettings)
    assert (onenet.generation, onenet.rename) == ("thing", {"total_energy": "kwh"})
    check_codecs(entry)


@pytest.mark.parametrize("name", ["socket.toml", ""])
def test_the_shipped_examples_load(tmp_path: Path, name: str):
    for file in ("agent.toml", "socket.toml"):
        shutil.copy(EXAMPLES / file, tmp_path)
    secret = write_secret(tmp_path)
    example = tmp_path / "socket.toml"
    example.write_text(example.read_text().replace("/etc/polycloud/tencent.secret", str(secret)))
    config = load(tmp_path / name, {})
    assert [entry.device.id for entry in config.devices] == ["socket-1"]


def test_the_example_has_a_section_of_every_cloud(tmp_path: Path):
    environ = write_credentials(tmp_path)
    text = with_all_clouds((EXAMPLES / "socket.toml").read_text())
    (entry,) = load(write(tmp_path, text), environ).devices
    assert tuple(entry.clouds) == ALL_CLOUDS
    check_codecs(entry)


def test_the_keys_that_are_commented_out_in_the_example_are_its_defaults(tmp_path: Path):
    environ = write_credentials(tmp_path)
    text = with_all_clouds((EXAMPLES / "socket.toml").read_text())
    bare = load(write(tmp_path, text), environ).devices[0]
    spelled = "\n".join(
        line.removeprefix("# ")
        if " = " in line and not any(mark in line for mark in ("…", "{", "8883"))
        else line
        for line in text.splitlines()
    )
    assert load(write(tmp_path, spelled), environ).devices[0] == bare


NOT_SHOWN = {
    *("state_file", "simulated_c"),  # of simulated parts
    *("device_secret", "device_key", "mqtt_params"),  # a file is better
    *("reboot", "sdkappid", "res", "version"),
}


def keys_of(model):
    for name, field in model.model_fields.items():
        kinds = (field.annotation, *get_args(field.annotation))
        nested = [each for each in kinds if isinstance(each, type) and issubclass(each, BaseModel)]
        yield from (key for each in nested for key in keys_of(each))
        if not nested:
            yield field.alias or name


@pytest.mark.parametrize("model", [SocketSettings, AliyunSettings, OnenetSettings, TencentSettings])
def test_every_key_of_a_device_and_of_a_cloud_stands_in_the_example(model):
    text = (EXAMPLES / "socket.toml").read_text()
    keys = set(keys_of(model)) - NOT_SHOWN
    assert not {key for key in keys if not re.search(rf"\b{re.escape(key)}\b", text)}
