"""A shipped file as its maker fills it in: simulated parts, a cloud of this machine."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from agent.emulator.emulator import Emulator
from agent.emulator.identity import DeviceIdentity, sample_device
from agent.emulator.options import EmulatorOptions
from agent.emulator.values import DeviceKey
from tests.docs.pages import ROOT
from tests.integration.process import typed

QUICK_S = 0.2
"""How often simulated sensors are measured: far more often than real ones."""

DIALECTS = ("tencent", "aliyun", "onenet", "onenet-datastream", "onenet-legacy")
SECRETS = {"tencent": "device_secret_file", "aliyun": "device_secret_file"}
OF_PART = re.compile(r"^(driver|device|channel|pin) = .*\n", re.MULTILINE)
SECTION = re.compile(r"^\[device\.(sensors|switches)\.(\w+)\].*\n(?:.+\n)*", re.MULTILINE)


class SeedFile:
    """A copy of a shipped file; `environ` is what is set beside it, as for any test bench."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.path = folder / f"{name}.toml"
        self.control_socket = folder / "control.sock"
        self.name = name
        self.text = (ROOT / "config" / f"{name}.toml").read_text()
        self.environ = {
            "POLYCLOUD_AGENT__STATE_DIR": str(folder / "state"),
            "POLYCLOUD_AGENT__CONTROL_SOCKET": str(self.control_socket),
            "POLYCLOUD_AGENT__CLOCK": "system",
            "POLYCLOUD_DEVICE__REPORTING__MIN_INTERVAL_S": "0.5",
        }
        self.write()

    def write(self) -> "SeedFile":
        self.path.write_text(self.text)
        return self

    def change(self, before: str, after: str) -> "SeedFile":
        """Change what stands in the file once."""
        assert self.text.count(before) == 1, before
        self.text = self.text.replace(before, after)
        return self.write()

    def uncomment(self, *starts: str) -> "SeedFile":
        """Take in lines that are commented out."""
        for start in starts:
            self.change(f"# {start}", start)
        return self

    def simulate(self, **sensors: Mapping[str, object]) -> "SeedFile":
        """Put the simulated driver in every part, with keys of *sensors* by its name."""

        def simulated(match: re.Match[str]) -> str:
            role, name = match.groups()
            head, _, rest = match.group().partition("\n")
            keys: dict[str, object] = {"driver": "simulated"}
            if role == "switches":
                keys["state_file"] = str(self.contact)
            else:
                keys |= {"interval_s": QUICK_S, **sensors.get(name, {})}
            rest = OF_PART.sub("", rest)
            for key in keys:
                rest = re.sub(rf"^{key} = .*\n", "", rest, flags=re.MULTILINE)
            lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
            return f"{head}\n{lines}{rest}"

        self.text = SECTION.sub(simulated, self.text)
        return self.write()

    def choose(self, dialect: str) -> "SeedFile":
        """Switch the one line of clouds."""
        section = dialect.partition("-")[0]
        self.text = re.sub(
            r"^clouds = .*$", f'clouds = ["{section}"]', self.text, count=1, flags=re.MULTILINE
        )
        return self.write()

    def at(self, emulator: Emulator, dialect: str) -> DeviceKey:
        """Put the cloud of *dialect* on this machine, and its secret beside; return the device."""
        device, section = sample_device(dialect), dialect.partition("-")[0]
        secret = self.folder / f"{section}.secret"
        secret.touch(mode=0o600)
        secret.write_text(device.secret)
        ports = emulator.ports.clouds[dialect]
        keys = {
            SECRETS.get(section, "device_key_file"): str(secret),
            "host": "localhost",
            "port": str(ports.mqtt if dialect == "onenet-legacy" else ports.mqtts),
            "ca_file": str(emulator.ports.ca_file),
            **_of_onenet(dialect, device),
        }
        if dialect == "onenet-legacy":
            del keys["ca_file"]
        for key, value in keys.items():
            self.environ[f"POLYCLOUD_CLOUDS__{section.upper()}__{key.upper()}"] = value
        return DeviceKey(cloud=dialect, product=device.product, name=device.name)

    @property
    def contact(self) -> Path:
        return self.folder / "contact"

    @property
    def is_on(self) -> bool:
        return self.contact.exists() and self.contact.read_text().endswith("1")


def _of_onenet(dialect: str, device: DeviceIdentity) -> dict[str, str]:
    """The generation of OneNET's platform, and the device's name there."""
    if not dialect.startswith("onenet"):
        return {}
    return {
        "generation": dialect.partition("-")[2] or "thing",
        "product_id": device.product,
        "device_name": device.name,
        "tls": "false" if dialect == "onenet-legacy" else "true",
    }


async def exported(seed: SeedFile, dialect: str) -> Mapping[str, Path]:
    """Write the model of the file for the console of *dialect*; by product, if there is any."""
    section, _, generation = dialect.partition("-")
    if generation:
        return {}
    device, path = sample_device(dialect), seed.folder / f"{section}-model.json"
    secret = seed.folder / "export.secret"
    secret.touch(mode=0o600)
    secret.write_text(device.secret)
    key = SECRETS.get(section, "device_key_file").upper()
    environ = {f"POLYCLOUD_CLOUDS__{section.upper()}__{key}": str(secret)}
    if section == "onenet":
        environ |= {
            f"POLYCLOUD_CLOUDS__ONENET__{name.upper()}": value
            for name, value in _of_onenet(dialect, device).items()
        }
    arguments = ("--config", str(seed.path), "-o", str(path))
    status, _, said = await typed("model", "export", section, *arguments, **environ)
    assert status == 0, said
    return {device.product: path}


async def emulated(seed: SeedFile, dialect: str) -> Emulator:
    """Make the cloud of *dialect*, to which the file's own model was imported."""
    models = await exported(seed, dialect)
    options = EmulatorOptions(
        clouds=(dialect,), devices=(sample_device(dialect),), models=dict(models)
    )
    return Emulator(options)
