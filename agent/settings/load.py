"""Load a configuration whole: one file, or a folder of device files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from agent.settings.conflicts import Loaded, conflicts
from agent.settings.device_file import read_device
from agent.settings.document import Document, Table, dotted, read_document
from agent.settings.environment import overrides, variables_of
from agent.settings.faults import ENVIRONMENT, ConfigFaults, Fault
from agent.settings.findings import Findings
from agent.settings.locate import KeyPath
from agent.settings.names import nearest
from agent.settings.root import AgentSettings, Config

AGENT_FILE: Final = "agent.toml"
SECTIONS: Final = ("agent", "device", "clouds")


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Read and validate everything; raise `ConfigFaults` with every fault, or `NotYetError`."""
    findings = Findings()
    documents = _overridden(_documents(path, findings), path, environ, findings)
    agent = _agent(documents, findings)
    loaded = _devices(_device_files(documents, path), environ, findings)
    if not findings.faults:
        findings.faults += conflicts(loaded)
    findings.raise_if_any()
    return Config(
        agent=agent,
        devices=tuple(config for _, config in loaded),
        warnings=tuple(findings.warnings),
    )


def config_files(path: Path) -> Sequence[Path]:
    """List the files of `--config`: the file itself, or the folder's, agent.toml first."""
    if not path.is_dir():
        return [path]
    return sorted(path.glob("*.toml"), key=lambda file: (file.name != AGENT_FILE, file.name))


def _documents(path: Path, findings: Findings) -> list[Document]:
    documents: list[Document] = []
    files = config_files(path)
    for file in files:
        try:
            document = read_document(file)
        except ConfigFaults as error:
            findings.faults += error.faults
        else:
            documents.append(document)
            findings.faults += _unknown_sections(document, _is_agent_file(file, path))
    if all(_is_agent_file(file, path) for file in files):
        allowed = "a folder with one NAME.toml for each device"
        findings.faults.append(
            Fault(file=str(path), line=None, key="", found="no device file", allowed=allowed)
        )
    return documents


def _is_agent_file(file: Path, path: Path) -> bool:
    return path.is_dir() and file.name == AGENT_FILE


def _device_files(documents: Sequence[Document], path: Path) -> Sequence[Document]:
    return [document for document in documents if not _is_agent_file(document.path, path)]


def _unknown_sections(document: Document, is_agent_file: bool) -> list[Fault]:  # noqa: FBT001 -- private
    known = ("agent",) if is_agent_file else SECTIONS
    return [
        document.place((name,)).fault(
            found="an unknown section",
            allowed=" | ".join(f"[{section}]" for section in known),
            hint=nearest(name, known),
        )
        for name in document.data
        if name not in known
    ]


def _overridden(
    documents: Sequence[Document], path: Path, environ: Mapping[str, str], findings: Findings
) -> Sequence[Document]:
    """Lay the environment over the files: `[agent]` once, the others over every device."""
    variables = variables_of(environ)
    tables = overrides(environ)
    findings.faults += _unknown_variables(variables)
    holder = next((one for one in documents if "agent" in one.data), next(iter(documents), None))
    return [
        document.under(_fitting(tables, document, path, is_holder=document is holder), variables)
        for document in documents
    ]


def _fitting(tables: Table, document: Document, path: Path, *, is_holder: bool) -> Table:
    names = () if _is_agent_file(document.path, path) else ("device", "clouds")
    kept = (*names, "agent") if is_holder else names
    return {name: tables[name] for name in kept if name in tables}


def _unknown_variables(variables: Mapping[KeyPath, str]) -> list[Fault]:
    return [
        Fault(
            file=ENVIRONMENT,
            line=None,
            key=variable,
            found=f"an override of {dotted(key)}, in an unknown section",
            allowed=" | ".join(f"POLYCLOUD_{section.upper()}__…" for section in SECTIONS),
            hint=nearest(str(key[0]), SECTIONS),
        )
        for key, variable in variables.items()
        if key[0] not in SECTIONS
    ]


def _agent(documents: Sequence[Document], findings: Findings) -> AgentSettings:
    """Validate `[agent]`, which may stand in one file only."""
    holders = [document for document in documents if "agent" in document.data]
    for extra in holders[1:]:
        place = extra.place(("agent",))
        found = f"[agent], which {holders[0].path} has too"
        findings.faults.append(place.fault(found=found, allowed="[agent] in one file only"))
    section = findings.section(AgentSettings, holders[0], ("agent",)) if holders else None
    return section or AgentSettings()


def _devices(
    documents: Sequence[Document], environ: Mapping[str, str], findings: Findings
) -> list[Loaded]:
    folder = environ.get("CREDENTIALS_DIRECTORY")
    credentials = Path(folder) if folder else None
    configs = [(document, read_device(document, credentials, findings)) for document in documents]
    return [(document, config) for document, config in configs if config is not None]
