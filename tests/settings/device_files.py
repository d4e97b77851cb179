"""Files of a device, and the faults that loading them gives."""

from pathlib import Path

import pytest

from agent.settings.faults import ConfigFaults, Fault
from agent.settings.load import load

SECRET = "IyXmUW5sU/q1vnb5yzTkeQ=="


DEVICE = """\
[device]
id = "socket-1"
kind = "socket"
"""


TENCENT = """\
[device]
id = "socket-1"
kind = "socket"
clouds = ["tencent"]
[clouds.tencent]
product_id = "CS0SLTKSYA"
device_name = "dev1"
device_secret_file = "tencent.secret"
"""


def write(folder: Path, text: str, name: str = "socket.toml", mode: int = 0o600) -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return path


def write_secret(folder: Path, text: str = SECRET + "\n", mode: int = 0o600) -> Path:
    return write(folder, text, "tencent.secret", mode)


def faults(path: Path, **environ: str) -> list[Fault]:
    with pytest.raises(ConfigFaults) as caught:
        load(path, environ)
    return list(caught.value.faults)


def only(path: Path, **environ: str) -> Fault:
    (fault,) = faults(path, **environ)
    return fault
