"""Read one cloud's section of each device, whatever else is missing: no secret is looked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.settings.clouds import CloudSettings, section_class
from agent.settings.document import Document, read_document
from agent.settings.environment import overrides, variables_of
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.findings import Findings, value_at
from agent.settings.load import AGENT_FILE, config_files


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudOf:
    """A device and its section of the cloud, None where it has none; `clouds` need not name it."""

    path: Path
    device: str
    section: CloudSettings | None


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
        section = findings.section(section_class(cloud), document, ("clouds", cloud))
    name = device if isinstance(device, str) else document.path.stem
    return CloudOf(path=document.path, device=name, section=section)
