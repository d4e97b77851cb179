"""Read one cloud's section of each device, whatever else is missing: no secret is looked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.settings.clouds import CloudSettings, known_class
from agent.settings.document import Document, read_document
from agent.settings.environment import overrides, variables_of
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.findings import Findings, value_at
from agent.settings.kind import DeviceSettings
from agent.settings.kinds import KINDS, SOCKET, device_class
from agent.settings.load import AGENT_FILE, config_files
from agent.settings.names import THING_NAMES
from agent.settings.renaming import rename_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudOf:
    """A device and its section of the cloud, None where it has none; `clouds` need not name it."""

    path: Path
    device: str
    section: CloudSettings | None
    settings: DeviceSettings | None = None
    """Of a device whose file says what it has; a socket has always the same."""


def cloud_of_each(path: Path, environ: Mapping[str, str], cloud: str) -> Sequence[CloudOf]:
    """Read the section *cloud* of every device of `--config`; raise `ConfigFaults`."""
    findings = Findings()
    found = [_cloud_of(document, cloud, findings) for document in _documents(path, environ)]
    findings.raise_if_any()
    return found


def _documents(path: Path, environ: Mapping[str, str]) -> Sequence[Document]:
    files = [file for file in config_files(path) if file == path or file.name != AGENT_FILE]
    if not files:
        allowed = "a folder with one NAME.toml for each device"
        fault = Fault(file=str(path), line=None, key="", found="no device file", allowed=allowed)
        raise ConfigFaults([fault])
    tables = {
        name: table for name, table in overrides(environ).items() if name in ("device", "clouds")
    }
    variables = variables_of(environ)
    return [read_document(file).under(tables, variables) for file in files]


def _cloud_of(document: Document, cloud: str, findings: Findings) -> CloudOf:
    device = value_at(document, ("device", "id"))
    section = None
    if value_at(document, ("clouds", cloud)) is not None:
        model = known_class(cloud)
        section = None if model is None else findings.section(model, document, ("clouds", cloud))
    name = device if isinstance(device, str) else document.path.stem
    settings = _declared(document, findings)
    known = THING_NAMES if settings is None else settings.own_names
    findings.faults += rename_faults(document, (cloud,), known)
    return CloudOf(path=document.path, device=name, section=section, settings=settings)


def _declared(document: Document, findings: Findings) -> DeviceSettings | None:
    """Read a device that is declared in its file."""
    kind = value_at(document, ("device", "kind"))
    if kind == SOCKET or kind not in KINDS:
        return None
    return findings.section(device_class(str(kind)), document, ("device",))
