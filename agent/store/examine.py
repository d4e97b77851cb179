"""Look into a backup: is it whole, and what does it hold."""

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from agent.errors import StoreError
from agent.model import Condition
from agent.store.connection import connect_alone
from agent.store.contents import Kept
from agent.store.schema import SCHEMA_VERSION, migrate, version_of
from agent.store.tables import read_contents

MJ_PER_KWH: Final = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a backup holds of a device; `total_kwh` is None where it says nothing of energy."""

    id: str
    total_kwh: float | None
    condition: Condition
    saved_at: int
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup holds; `made_at`, `host` and `source` are None in a plain copy of a file."""

    file: str
    size: int
    schema: int
    made_at: int | None
    host: str | None
    source: str | None
    devices: tuple[Device, ...]
    records: int


def examine(file: Path) -> Backup:
    """Check *file* whole and tell what it holds; it is not changed.

    Raise `StoreError` with what is wrong and what to do.
    """
    if not is_there(file):
        raise StoreError(f"{file}: there is no such file; name the file that `backup` wrote")
    refuse_unreadable(file)
    try:
        with closing(connect_alone(file)) as database:
            version = _checked_version(database, file)
            if version == SCHEMA_VERSION:
                return _examined(database, file, version)
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
                database.backup(copy)
                migrate(copy, file)
                return _examined(copy, file, version)
    except sqlite3.Error as error:
        raise not_whole(file, str(error)) from error


def is_there(file: Path) -> bool:
    """Tell whether there is a file; raise `StoreError` where one may not look."""
    try:
        return file.is_file()
    except OSError as error:
        raise StoreError(
            f"{file} may not be read by this user ({error.strerror}): run it with sudo"
        ) from error


def refuse_unreadable(file: Path) -> None:
    """Raise `StoreError` where this user may not read *file* or its log."""
    for each in (file, Path(f"{file}-wal")):
        if each.exists() and not os.access(each, os.R_OK, effective_ids=True):
            raise StoreError(f"{each} may not be read by this user: run it with sudo")


def not_whole(file: Path, why: str) -> StoreError:
    """Say that a file cannot be trusted."""
    return StoreError(
        f"{file} is not a whole state file ({why}): nothing was done; take another backup"
    )


def _checked_version(database: sqlite3.Connection, file: Path) -> int:
    (verdict,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise not_whole(file, str(verdict))
    version = version_of(database)
    tables = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'run'")
    if version == 0 or tables.fetchone() == (0,):
        raise not_whole(file, "it has none of the agent's tables")
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{file} has schema {version} and this version knows up to {SCHEMA_VERSION}:"
            " nothing was done; install the version that wrote it"
        )
    return version


def _examined(database: sqlite3.Connection, file: Path, version: int) -> Backup:
    kept = read_contents(database).devices
    lost = [device for device, each in kept.items() if each.text is None]
    if lost:
        raise not_whole(file, f"what it holds of {lost[0]} does not match its checksum")
    saved_at = _counts(database, "SELECT device, max(saved_at) FROM generation GROUP BY device")
    records = _counts(database, "SELECT device, count(*) FROM record GROUP BY device")
    origin = database.execute("SELECT made_at, host, source FROM backup").fetchone()
    made_at, host, source = (None, None, None) if origin is None else origin
    return Backup(
        file=str(file),
        size=file.stat().st_size,
        schema=version,
        made_at=made_at,
        host=host,
        source=source,
        devices=tuple(
            _device(device, each, saved_at.get(device, 0), records.get(device, 0))
            for device, each in kept.items()
        ),
        records=sum(records.values()),
    )


def _counts(database: sqlite3.Connection, select: str) -> dict[str, int]:
    return {str(device): int(count) for device, count in database.execute(select)}


def _device(device: str, kept: Kept, saved_at: int, records: int) -> Device:
    return Device(
        id=device,
        total_kwh=_total_kwh(kept.text or ""),
        condition=kept.condition,
        saved_at=saved_at,
        records=records,
    )


def _total_kwh(text: str) -> float | None:
    try:
        saved: Any = json.loads(text)
        total_mj = cast("object", saved["energy"]["total_mj"])
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    return total_mj / MJ_PER_KWH if isinstance(total_mj, int) else None
