"""The shipped files of devices that are declared load, with every cloud, and are what they say."""

import json
import re
import shutil
from pathlib import Path

import pytest

from agent.app.codecs import check_codecs
from agent.app.kinds import make_device
from agent.settings.generic import GenericSettings
from agent.settings.load import load
from agent.settings.names import CLOUDS
from tests.settings.device_files import write

CONFIG = Path(__file__).parents[2] / "config"
FILES = ("environment", "nightlight", "lamp")
SECRETS = {
    "tencent": "IyXmUW5sU/q1vnb5yzTkeQ==",
    "aliyun": "0123456789abcdef",
    "onenet": "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw=",
}


def shipped(folder: Path, name: str, clouds: object = None) -> str:
    """Take a file as it is shipped, its secrets here, and perhaps another line of clouds."""
    text = (CONFIG / f"{name}.toml").read_text()
    for cloud, secret in SECRETS.items():
        path = write(folder, secret, f"{name}.{cloud}.secret")
        text = text.replace(f"/etc/polycloud/{path.name}", str(path))
    if clouds is None:
        return text
    line = f"clouds = {json.dumps(clouds)}"
    return re.sub(r"^clouds = .*$", line, text, count=1, flags=re.MULTILINE)


def only(folder: Path, text: str):
    (entry,) = load(write(folder, text), {}).devices
    return entry


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("clouds", [None, *([each] for each in CLOUDS), [], list(CLOUDS)])
def test_the_line_of_clouds_alone_switches(tmp_path, name, clouds):
    entry = only(tmp_path, shipped(tmp_path, name, clouds))
    assert isinstance(entry.device, GenericSettings)
    assert clouds is None or list(entry.clouds) == clouds
    check_codecs(entry)


@pytest.mark.parametrize(
    ("name", "cloud", "identity", "names"),
    [
        (
            *("environment", "tencent", ("CS0SLTKSYA", "dev1")),
            ["MQ2", "MQ135", "MQ4", "MQ7", "DHT11_T", "DHT11_H"],
        ),
        (
            *("nightlight", "aliyun", ("k19g7hBjoOD", "testdevice1")),
            ["CurrentTemperature", "CurrentHumidity", "LightLevel", "NightLightSwitch"],
        ),
        ("lamp", "onenet", ("91025", "9377500"), ["Lamp"]),
    ],
)
def test_each_is_the_system_that_it_stands_for(tmp_path, name, cloud, identity, names):
    entry = only(tmp_path, shipped(tmp_path, name))
    assert list(entry.clouds) == [cloud]
    assert entry.clouds[cloud].identity[: len(identity)] == identity
    rows = make_device(entry.device).thing.properties
    assert [row.field.name for row in rows] == names


@pytest.mark.parametrize("name", FILES)
def test_what_is_commented_out_can_be_taken_in(tmp_path, name):
    """Every line that looks like a key or a section, but for those with a value to fill in."""
    text = shipped(tmp_path, name)
    taken = re.sub(r"^# (\[[a-z]|\w+ = (?!\"…\"))", r"\1", text, flags=re.MULTILINE)
    assert taken != text
    entry = only(tmp_path, taken)
    check_codecs(entry)


@pytest.mark.parametrize("name", FILES)
def test_each_loads_beside_the_agents_own_file(tmp_path, name):
    folder = tmp_path / "etc"
    folder.mkdir()
    shutil.copy(CONFIG / "agent.toml", folder)
    write(folder, shipped(tmp_path, name), f"{name}.toml")
    assert len(load(folder, {}).devices) == 1
