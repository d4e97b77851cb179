"""Files of a device at Aliyun, and what loading them gives."""

from pathlib import Path

import pytest

from agent.settings.clouds import AliyunSettings
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.load import load

SECRET = "0123456789abcdef0123456789abcdef"


PASSWORD = "7b2e3f79724bdb04e581d822a04044129a11c8cd4e8fc4bdfec69ee335de7e05"


PASTED = f"""\
{{"clientId":"k19g7hBjoOD.testdevice1|securemode=2,signmethod=hmacsha256,timestamp=1729065411543|",
    "username":"testdevice1&k19g7hBjoOD",
    "mqttHostUrl":"iot-06z00d9jq7p2pgk.mqtt.iothub.aliyuncs.com",
    "passwd":"{PASSWORD}",
    "port":1883}}
"""


DEVICE = """\
[device]
id = "socket-1"
kind = "socket"
clouds = ["aliyun"]
[clouds.aliyun]
"""


TRIPLE = DEVICE + 'product_key = "k19g7hBjoOD"\ndevice_name = "testdevice1"\n'


BY_FILE = TRIPLE + 'device_secret_file = "aliyun.secret"\n'


def write(folder: Path, text: str, name: str = "socket.toml", mode: int = 0o600) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def section(path: Path, **environ: str) -> AliyunSettings:
    cloud = load(path, environ).devices[0].clouds["aliyun"]
    assert isinstance(cloud, AliyunSettings)
    return cloud


def only(path: Path, **environ: str) -> Fault:
    with pytest.raises(ConfigFaults) as caught:
        load(path, environ)
    (fault,) = caught.value.faults
    return fault
