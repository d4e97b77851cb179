"""The whole configuration: the agent's own section, and one entry per device file."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from agent.settings.clouds import CloudSettings
from agent.settings.document import Document, dotted
from agent.settings.faults import Fault, Place
from agent.settings.kind import DeviceSettings
from agent.settings.locate import KeyPath
from agent.settings.section import Section

PathText = Annotated[str, Field(min_length=1, description="a path")]


_AbsoluteText = Annotated[
    str, Field(pattern=r"^(/.+)?$", description="the absolute path of a file")
]


class AgentSettings(Section):
    """`[agent]`: where the agent keeps its state and listens."""

    state_dir: PathText = "/var/lib/polycloud"
    control_socket: PathText = "/run/polycloud/control.sock"
    clock: Literal["auto", "system"] = "auto"
    wifi: Literal["none", "networkmanager"] = "none"
    """Who opens a network for setting up, and forgets the machine's at a factory reset."""
    wifi_password_file: _AbsoluteText = ""
    """Of the network for setting up; without it there is none."""
    outbox_rows: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    outbox_mb: Annotated[float, Field(ge=0.1, le=1_000)] = 8.0
    history_days_of_minutes: Annotated[int, Field(ge=0, le=31)] = 7
    """0: no history is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceConfig:
    """One device file, validated: the device, and the sections of the clouds that it names."""

    path: Path
    device: DeviceSettings
    clouds: dict[str, CloudSettings]
    document: Document | None = field(default=None, repr=False, compare=False)
    """Where it was read from."""

    def place(self, path: KeyPath) -> Place:
        """Tell where the value at *path* was written."""
        if self.document is None:
            return Place(file=str(self.path), line=None, key=dotted(path))
        return self.document.place(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A device file that cannot be used, and why; `device_id` is what it names, if anything."""

    path: Path
    device_id: str | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All files of one `--config`, validated whole.

    `warnings` is what loading found that works and should be mended; `left_out` are the files of
    a folder that a start has to go without.
    """

    agent: AgentSettings
    devices: tuple[DeviceConfig, ...]
    warnings: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
