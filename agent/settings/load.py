"""Load a configuration whole: one file, or a folder of device files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.settings.conflicts import Claims, conflicts
from agent.settings.device_file import read_device
from agent.settings.document import Document, Table, dotted, may_have, read_document
from agent.settings.environment import overrides, variables_of
from agent.settings.faults import ENVIRONMENT, ConfigFaults, Fault
from agent.settings.findings import Findings, value_at
from agent.settings.locate import KeyPath
from agent.settings.names import nearest
from agent.settings.root import AgentSettings, Config, DeviceConfig, LeftOut

AGENT_FILE: Final = "agent.toml"
SECTIONS: Final = ("agent", "device", "clouds")


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Read and validate everything; raise `ConfigFaults` with every fault, or `NotYetError`."""
    return _together(_read(path, environ))


def load_usable(path: Path, environ: Mapping[str, str]) -> Config:
    """Read everything, and leave device files with faults out where others can be used.

    Raise as `load` does for a single file, where no device is left, and for a fault that is not
    one device's own: of `[agent]`, of the environment, or where `[agent]` may not have been read.
    """
    found = _read(path, environ)
    if not path.is_dir() or found.findings.faults or _may_lack_agent(found):
        return _together(found)
    claims = Claims()
    used: list[DeviceConfig] = []
    left: list[LeftOut] = []
    for each in found.files:
        faults = (*each.findings.faults, *each.findings.later)
        config = None if faults else each.config
        if config is not None and each.document is not None:
            faults = claims.taken_by((each.document, config))
        if faults or config is None:
            left.append(LeftOut(path=each.path, device_id=_id_of(each.document), faults=faults))
        else:
            used.append(config)
    if not used:
        return _together(found)
    warnings = _warnings(found)
    return Config(agent=found.agent, devices=tuple(used), warnings=warnings, left_out=tuple(left))


def config_files(path: Path) -> Sequence[Path]:
    """List the files of `--config`: the file itself, or the folder's, agent.toml first."""
    if not path.is_dir():
        return [path]
    return sorted(path.glob("*.toml"), key=lambda file: (file.name != AGENT_FILE, file.name))


@dataclass(slots=True, kw_only=True)
class _File:
    """One file as it was read; faults are its own."""

    path: Path
    document: Document | None = None
    config: DeviceConfig | None = None
    findings: Findings = field(default_factory=Findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was read: `findings` are what no device can be blamed for."""

    agent: AgentSettings
    has_agent: bool
    files: Sequence[_File]
    findings: Findings


def _read(path: Path, environ: Mapping[str, str]) -> _Found:
    common = Findings()
    files = _documents(path, common)
    _override(files, path, environ, common)
    documents = [each.document for each in files if each.document is not None]
    agent = _agent(documents, common)
    devices = [each for each in files if not _is_agent_file(each.path, path)]
    folder = environ.get("CREDENTIALS_DIRECTORY")
    for each in devices:
        if each.document is not None:
            credentials = Path(folder) if folder else None
            each.config = read_device(each.document, credentials, each.findings)
    has_agent = any("agent" in document.data for document in documents)
    return _Found(agent=agent, has_agent=has_agent, files=devices, findings=common)


def _together(found: _Found) -> Config:
    """Take all of it, or raise every fault."""
    whole = found.findings
    for each in found.files:
        whole.faults += each.findings.faults
        whole.later += each.findings.later
    loaded = [
        (each.document, each.config)
        for each in found.files
        if each.document is not None and each.config is not None
    ]
    if not whole.faults:
        whole.faults += conflicts(loaded)
    whole.raise_if_any()
    devices = tuple(config for _, config in loaded)
    return Config(agent=found.agent, devices=devices, warnings=_warnings(found))


def _warnings(found: _Found) -> tuple[str, ...]:
    return tuple(warning for each in found.files for warning in each.findings.warnings)


def _may_lack_agent(found: _Found) -> bool:
    """Tell whether `[agent]` may stand in a file that could not be read: then nobody knows it."""
    unread = [each.path for each in found.files if each.document is None]
    return not found.has_agent and any(may_have(path, "agent") for path in unread)


def _id_of(document: Document | None) -> str | None:
    written = None if document is None else value_at(document, ("device", "id"))
    return written if isinstance(written, str) else None


def _documents(path: Path, common: Findings) -> list[_File]:
    files = [_File(path=file) for file in config_files(path)]
    for each in files:
        is_agent_file = _is_agent_file(each.path, path)
        own = common if is_agent_file else each.findings
        try:
            each.document = read_document(each.path)
        except ConfigFaults as error:
            own.faults += error.faults
        else:
            own.faults += _unknown_sections(each.document, is_agent_file)
    if all(_is_agent_file(each.path, path) for each in files):
        allowed = "a folder with one NAME.toml for each device"
        common.faults.append(
            Fault(file=str(path), line=None, key="", found="no device file", allowed=allowed)
        )
    return files


def _is_agent_file(file: Path, path: Path) -> bool:
    return path.is_dir() and file.name == AGENT_FILE


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


def _override(
    files: Sequence[_File], path: Path, environ: Mapping[str, str], common: Findings
) -> None:
    """Lay the environment over the files: `[agent]` once, the others over every device."""
    variables = variables_of(environ)
    tables = overrides(environ)
    common.faults += _unknown_variables(variables)
    documents = [each.document for each in files if each.document is not None]
    holder = next((one for one in documents if "agent" in one.data), next(iter(documents), None))
    for each in files:
        document = each.document
        if document is not None:
            fitting = _fitting(tables, document, path, is_holder=document is holder)
            each.document = document.under(fitting, variables)


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
