"""A cloud that a configuration does not have costs its start nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.settings import clouds
from agent.settings.names import CLOUDS

CONFIG = """\
[device]
id = "socket-1"
kind = "socket"
clouds = ["tencent"]
meter.driver = "simulated"

[clouds.tencent]
product_id = "CS0SLTKSYA"
device_name = "dev1"
device_secret_file = "secret"
"""
SCRIPT = """\
import json, pathlib, sys
import agent.app.service
from agent.app.codecs import check_codecs
from agent.settings.load import load
config = load(pathlib.Path(sys.argv[1]), {})
check_codecs(config.devices[0])
print(json.dumps(sorted(name for name in sys.modules if name.startswith("agent."))))
"""


def test_a_socket_of_one_cloud_imports_nothing_of_the_others(tmp_path: Path):
    path = tmp_path / "socket.toml"
    path.write_text(CONFIG)
    secret = tmp_path / "secret"
    secret.write_text("IyXmUW5sU/q1vnb5yzTkeQ==")
    secret.chmod(0o600)
    printed = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)], capture_output=True, check=True
    ).stdout
    imported = json.loads(printed)
    assert "agent.clouds.tencent.codec" in imported
    others = [name for name in CLOUDS if name != "tencent"]
    assert not [name for name in imported if set(name.split(".")) & set(others)]


def test_each_cloud_has_a_section():
    assert [clouds.section_class(name).__name__.lower() for name in CLOUDS] == [
        f"{name}settings" for name in CLOUDS
    ]


def test_the_package_has_no_more_than_its_sections():
    with pytest.raises(AttributeError, match="no attribute 'GoogleSettings'"):
        _ = clouds.GoogleSettings
