"""A device file that is written, changed and broken while an agent runs on it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.emulator.options import DEMO_DEVICE
from agent.emulator.values import DeviceKey

SECRET = DEMO_DEVICE.secret
KEY = DeviceKey(cloud="tencent", product=DEMO_DEVICE.product, name=DEMO_DEVICE.name)

Section = dict[str, Any]


class DeviceFile:
    """One device's file with everything simulated; the contact is a file that outlives it."""

    def __init__(self, folder: Path, name: str = "socket-1", *, has_agent: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.path = folder / f"{name}.toml"
        self.contact = folder / f"{name}.contact"
        self.control_socket = folder / "control.sock"
        self.state = folder / "state" / "state.db"
        self.lines = folder / "lines.jsonl"
        self.sections: dict[str, Section] = {
            "device": {"id": name, "kind": "socket"},
            "device.meter": {"driver": "simulated"},
            "device.relay": {
                "driver": "simulated",
                "state_file": str(self.contact),
                "min_off_s": 0,
            },
            "device.button": {"driver": "none"},
            "device.indicator": {"driver": "simulated"},
            "device.reporting": {"min_interval_s": 0.1},
        }
        if has_agent:
            self.sections["agent"] = self.agent_section()
        self.write()

    def agent_section(self) -> Section:
        return {
            "state_dir": str(self.state.parent),
            "control_socket": str(self.control_socket),
            "clock": "system",
        }

    def set(self, section: str, **values: object) -> "DeviceFile":
        """Change keys of a section and write the file."""
        self.sections.setdefault(section, {}).update(values)
        return self.write()

    def replace(self, section: str, **values: object) -> "DeviceFile":
        """Put a section in place of what it was, and write the file."""
        self.sections[section] = values
        return self.write()

    def with_tencent(self, port: int, ca_file: Path, **more: object) -> "DeviceFile":
        """Name Tencent as the cloud, at a port of this machine."""
        secret_file = self.folder / "secret"
        secret_file.touch(mode=0o600)
        secret_file.write_text(SECRET)
        self.set("device", clouds=["tencent"])
        fields: Section = {
            "product_id": KEY.product,
            "device_name": KEY.name,
            "device_secret_file": str(secret_file),
            "host": "localhost",
            "port": port,
            "ca_file": str(ca_file),
        }
        return self.set("clouds.tencent", **{**fields, **more})

    def write(self) -> "DeviceFile":
        self.path.write_text(toml(self.sections))
        return self

    def spoil_state(self) -> None:
        """Put a file where the folder of the state should be."""
        self.state.parent.write_text("no folder")

    @property
    def is_closed(self) -> bool:
        """Tell whether the contact is closed, whoever drove it last."""
        return self.levels.endswith("1")

    @property
    def levels(self) -> str:
        """Every level that the contact's line ever had."""
        return self.contact.read_text() if self.contact.exists() else ""

    @property
    def movements(self) -> int:
        """How often the contact has moved since its line was driven first."""
        return max(len(self.levels) - 1, 0)

    @property
    def moved_at(self) -> int:
        """When the contact last moved."""
        return self.contact.stat().st_mtime_ns


def toml(sections: Mapping[str, Section]) -> str:
    """Write sections as TOML: a JSON text, number or list is one of TOML's too."""
    lines: list[str] = []
    for name, values in sections.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        lines.append("")
    return "\n".join(lines)
