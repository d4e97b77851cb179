"""Where a cloud's secret comes from: a file of its own, the configuration, or systemd."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from agent.settings.clouds import CloudSettings
from agent.settings.document import Document, Table
from agent.settings.faults import HIDDEN, ConfigFaults, Fault, Place
from agent.settings.locate import KeyPath

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_READABLE_BY_OTHERS: Final = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret that was read, the key that it belongs to, and what its owner should mend."""

    text: str
    key: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """One place that gives the secret: a key's own text, or a file to read."""

    place: Place
    path: Path | None
    text: str = ""


def read_secret(
    section: type[CloudSettings],
    document: Document,
    at: KeyPath,
    credentials: Path | None,
) -> Secret:
    """Read the secret of the section at *at* from its only source; raise `ConfigFaults`."""
    table = _table(document, at)
    key = section.credential(table)
    sources = list(_sources(key, table, document, at, credentials))
    choice = f"one of {key}_file, {key}, or the systemd credential {at[-1]}.{key}"
    if not sources and not section.needs_secret(table):
        return Secret(text="", key=key)
    if not sources:
        raise ConfigFaults([document.place((*at, key)).fault(found="no secret", allowed=choice)])
    if len(sources) > 1:
        found = "several: " + ", ".join(source.place.key for source in sources)
        raise ConfigFaults([sources[-1].place.fault(found=found, allowed=choice)])
    secret = _read(sources[0])
    allowed = section.secret_fault_in(table, key, secret.text)
    if allowed is not None:
        raise ConfigFaults([sources[0].place.fault(found=HIDDEN, allowed=allowed)])
    return replace(secret, key=key)


def _table(document: Document, at: KeyPath) -> Table:
    table: Table = document.data
    for name in at:
        table = table[str(name)]
    return table


def _sources(
    key: str, table: Table, document: Document, at: KeyPath, credentials: Path | None
) -> Iterator[_Source]:
    """List the sources; one that a variable names stands instead of those in the file."""
    paths = [(*at, name) for name in (f"{key}_file", key) if name in table]
    overridden = [path for path in paths if document.variable(path)]
    credential = credentials and credentials / f"{at[-1]}.{key}"
    for path in overridden or paths:
        place, text = document.place(path), str(table[str(path[-1])])
        if path[-1] == key:
            _check_config_file(document, path)
            yield _Source(place=place, path=None, text=text)
        elif document.path.parent / text != credential:
            yield _Source(place=place, path=document.path.parent / text)
    if credential and credential.exists() and not overridden:
        yield _Source(
            place=Place(file=str(credential), line=None, key=credential.name), path=credential
        )


def _check_config_file(document: Document, path: KeyPath) -> None:
    """Refuse a secret in a configuration that others may read."""
    mode = stat.S_IMODE(document.path.stat().st_mode)
    if document.variable(path) is None and mode & _OTHERS:
        raise ConfigFaults(
            [
                document.place(path).fault(
                    found=f"a secret in a file of mode {mode:04o}",
                    allowed="mode 0600",
                    hint=f"chmod 600 {document.path}",
                )
            ]
        )


def _read(source: _Source) -> Secret:
    if source.path is None:
        return Secret(text=_not_empty(source.text.strip(), source.place, "an empty text"))
    try:
        text = source.path.read_text(encoding="utf-8").strip()
        mode = stat.S_IMODE(source.path.stat().st_mode)
    except OSError as error:
        raise ConfigFaults([_unreadable(source, str(error.strerror))]) from error
    except UnicodeDecodeError as error:
        raise ConfigFaults([_unreadable(source, "not a text file")]) from error
    text = _not_empty(text, source.place, f"that {source.path} is empty")
    is_credential = source.place.line is None and source.place.file == str(source.path)
    if mode & _READABLE_BY_OTHERS and not is_credential:
        warning = f"{source.path}: others may read this secret (mode {mode:04o}): chmod 600 it"
        return Secret(text=text, warnings=(warning,))
    return Secret(text=text)


def _not_empty(text: str, place: Place, found: str) -> str:
    if not text:
        raise ConfigFaults([place.fault(found=found, allowed="the secret that the console shows")])
    return text


def _unreadable(source: _Source, reason: str) -> Fault:
    return source.place.fault(
        found=f"that {source.path} cannot be read: {reason}",
        allowed="a file with the secret, which this user may read",
    )
