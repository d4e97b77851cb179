"""One device file: its `[device]`, the clouds that it names, and the secrets of those."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from pydantic import SecretStr

from agent.plugins import PluginError
from agent.settings.boards import foreign_meter, missing_coefficients, with_presets
from agent.settings.clouds import CloudSettings, all_clouds, known_class, section_class
from agent.settings.device import SocketSettings
from agent.settings.document import Document
from agent.settings.faults import ConfigFaults, shown
from agent.settings.findings import Findings, value_at
from agent.settings.kind import DeviceSettings
from agent.settings.kinds import KINDS, SOCKET, all_kinds, device_class, plugged_class
from agent.settings.names import CLOUDS, THING_NAMES, nearest
from agent.settings.not_yet import later_features
from agent.settings.plugged import unplugged_faults, with_plugged
from agent.settings.renaming import rename_faults
from agent.settings.root import DeviceConfig
from agent.settings.secrets import read_secret
from agent.settings.suiting import misfits
from agent.settings.things import thing_of
from agent.thing import Thing


def read_device(
    document: Document, credentials: Path | None, findings: Findings
) -> DeviceConfig | None:
    """Validate a device file; give None where it has faults or is for a later version."""
    document = _with_brought(document, credentials)
    device = _device(document, findings)
    thing = _thing(document, device, findings)
    findings.faults += () if thing is None else misfits(document, thing)
    sections = _sections(document, findings)
    findings.faults += rename_faults(document, sections, _own_names(document, device))
    names = _written_clouds(document) if device is None else device.clouds
    named = _named(document, names, sections, findings)
    if device is None:
        return None
    device = _checked(document, device, findings)
    findings.later += later_features(document, named)
    own = {name: cloud.of_device(device.id, device.name) for name, cloud in named.items()}
    clouds = {
        name: _completed(cloud, document, ("clouds", name), credentials, findings)
        for name, cloud in own.items()
    }
    return DeviceConfig(path=document.path, device=device, clouds=clouds, document=document)


def _with_brought(document: Document, credentials: Path | None) -> Document:
    """Name systemd's file where it brings the login of a section that names no device."""
    if credentials is None:
        return document
    for name in CLOUDS:  # a plug-in's has no such login
        table = value_at(document, ("clouds", name))
        if not isinstance(table, dict) or not (model := section_class(name)).WHOLE:
            continue
        file_key = f"{model.WHOLE}_file"
        path = credentials / f"{name}.{model.WHOLE}"
        if path.is_file() and not {*model.IDENTITY, model.WHOLE, file_key} & set(
            cast("dict[str, object]", table)
        ):
            brought = {"clouds": {name: {file_key: str(path)}}}
            document = document.under(brought, document.variables)
    return document


def _device(document: Document, findings: Findings) -> DeviceSettings | None:
    """Validate `[device]` as its kind has it; of an unknown kind as the one that was meant."""
    if "device" not in document.data:
        place = document.place(("device",))
        findings.faults.append(
            place.fault(found="nothing", allowed="[device] with at least id and kind")
        )
        return None
    kind = value_at(document, ("device", "kind"))
    if not isinstance(document.data["device"], dict) or kind in KINDS:
        return _section(device_class(_nearest_kind(kind)), document, findings)
    place = document.place(("device", "kind"))
    try:
        model = plugged_class(kind)
    except PluginError as error:
        findings.faults.append(place.fault(found=error.found, allowed="a plug-in that works"))
        return None
    if model is not None:
        return _section(model, document, findings)
    known = all_kinds()
    hint = nearest(str(kind), known)
    findings.faults.append(place.fault(found=shown(kind), allowed=" | ".join(known), hint=hint))
    meant = {"device": {"kind": _nearest_kind(kind)}}
    guessed = document.under(meant, document.variables)
    _section(device_class(_nearest_kind(kind)), guessed, findings)
    return None


def _section(
    model: type[DeviceSettings], document: Document, findings: Findings
) -> DeviceSettings | None:
    """Validate `[device]`, with the sections of the plug-ins that it names."""
    fitting, unplugged = with_plugged(model, document.data["device"])
    before = len(findings.faults)
    device = findings.section(fitting, document, ("device",))
    told = unplugged_faults(document, findings.faults[before:], unplugged)
    findings.faults[before:] = told
    return None if unplugged else device


def _thing(
    document: Document, device: DeviceSettings | None, findings: Findings
) -> Thing[Any] | None:
    """Tell what the device has, where that is known; a plug-in's kind may fail to say."""
    kind = value_at(document, ("device", "kind"))
    try:
        return thing_of(kind, device)
    except PluginError as error:
        place = document.place(("device", "kind"))
        findings.faults.append(place.fault(found=error.found, allowed="a plug-in that works"))
        return None


def _own_names(document: Document, device: DeviceSettings | None) -> Sequence[str]:
    """Tell what may be renamed; of a faulty device that is known of a socket only."""
    if device is not None:
        return device.own_names
    return THING_NAMES if value_at(document, ("device", "kind")) == SOCKET else ()


def _nearest_kind(kind: object) -> str:
    near = get_close_matches(str(kind), KINDS, n=1)
    return near[0] if near else KINDS[0]


def _checked(document: Document, device: DeviceSettings, findings: Findings) -> DeviceSettings:
    """Find what the sections cannot see by themselves, and fill in what a board presets."""
    _check_lines(document, device, findings)
    if not isinstance(device, SocketSettings):
        return device
    _check_coefficients(document, device, findings)
    return with_presets(device)


def _sections(document: Document, findings: Findings) -> dict[str, CloudSettings | None]:
    """Validate every cloud's section, named by the device or not; None is one with faults."""
    table = document.data.get("clouds", {})
    sections: dict[str, CloudSettings | None] = {}
    if not isinstance(table, dict):
        place = document.place(("clouds",))
        findings.faults.append(place.fault(found=shown(table), allowed="tables: [clouds.NAME]"))
        return sections
    for name in cast("dict[str, object]", table):
        place = document.place(("clouds", name))
        try:
            model = known_class(name)
        except PluginError as error:
            sections[name] = None
            findings.faults.append(place.fault(found=error.found, allowed="a plug-in that works"))
            continue
        if model is None:
            known = all_clouds()
            hint = nearest(name, known)
            allowed = " | ".join(known)
            found = "an unknown cloud"
            findings.faults.append(place.fault(found=found, allowed=allowed, hint=hint))
        else:
            sections[name] = findings.section(model, document, ("clouds", name))
    return sections


def _check_coefficients(document: Document, device: SocketSettings, findings: Findings) -> None:
    driver = foreign_meter(device)
    if driver:
        findings.faults.append(
            document.place(("device", "board")).fault(
                found=shown(device.board),
                allowed=f'"custom" with driver = "{driver}": the other boards have an HLW8032',
                hint="say divider and shunt_mohm, or kv, ki and kp, in [device.meter]",
            )
        )
    for name in missing_coefficients(device):
        findings.faults.append(
            document.place(("device", "meter", name)).fault(
                found="nothing",
                allowed="above 0 to 1000",
                hint='board = "custom" needs kv, ki and kp from its schematic or a calibration,'
                " or divider and shunt_mohm",
            )
        )


def _check_lines(document: Document, device: DeviceSettings, findings: Findings) -> None:
    """Refuse a bare number for a line: it means another one on each chip."""
    for key, pin in device.lines.items():
        if not pin.strip() or pin.strip().isdigit():
            hint = f"did you mean 'GPIO{pin.strip()}'?" if pin.strip() else ""
            findings.faults.append(
                document.place(("device", *key)).fault(
                    found=shown(pin),
                    allowed="the name of a GPIO line; `gpioinfo` lists those of this machine",
                    hint=hint,
                )
            )


def _written_clouds(document: Document) -> Sequence[str]:
    """List what a faulty `[device]` names, so that its clouds are judged in the same run."""
    written = value_at(document, ("device", "clouds"))
    if not isinstance(written, list):
        return ()
    names = cast("list[object]", written)
    return [name for name in names if isinstance(name, str)]


def _named(
    document: Document,
    names: Sequence[str],
    sections: Mapping[str, CloudSettings | None],
    findings: Findings,
) -> dict[str, CloudSettings]:
    """Pick the sections that `device.clouds` names."""
    named: dict[str, CloudSettings] = {}
    for index, name in enumerate(names):
        place = document.place(("device", "clouds", index))
        section = sections.get(name)
        if name not in sections and name not in (known := all_clouds()):
            hint = nearest(name, known)
            allowed = " | ".join(known)
            findings.faults.append(place.fault(found=shown(name), allowed=allowed, hint=hint))
        elif name in names[:index]:
            findings.faults.append(place.fault(found=f"{shown(name)} twice", allowed="each once"))
        elif name not in sections:
            found, allowed = f"{shown(name)} without its section", f"a section [clouds.{name}]"
            findings.faults.append(place.fault(found=found, allowed=allowed))
        elif section is not None:
            named[name] = section
    return named


def _completed(
    cloud: CloudSettings,
    document: Document,
    at: tuple[str, str],
    credentials: Path | None,
    findings: Findings,
) -> CloudSettings:
    """Put the secret in, and make `ca_file` absolute."""
    update: dict[str, object] = {}
    findings.warnings += [f"{document.place(at)}: {warning}" for warning in cloud.warnings()]
    try:
        secret = read_secret(type(cloud), document, at, credentials)
    except ConfigFaults as error:
        findings.faults += error.faults
    else:
        findings.warnings += secret.warnings
        update[secret.key] = SecretStr(secret.text)
    if cloud.ca_file is not None:
        ca_file = document.path.parent / cloud.ca_file
        update["ca_file"] = str(ca_file)
        if not _is_file(ca_file):
            place = document.place((*at, "ca_file"))
            written = shown(value_at(document, (*at, "ca_file")))
            findings.faults.append(
                place.fault(found=f"{written}, which is no file", allowed="a PEM file")
            )
    return cloud.model_copy(update=update)


def _is_file(path: Path) -> bool:
    """Tell whether *path* is a file; one that cannot be looked at, as too long a name, is none."""
    try:
        return path.is_file()
    except OSError:
        return False
