"""Copy a state file whole while an agent works on it, and put such a copy in the place of one."""

import os
import socket
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp
from typing import Final

from agent.clock import since_boot
from agent.errors import StoreError
from agent.model import Trust
from agent.store.connection import connect, connect_alone, transaction
from agent.store.contents import RESTORED_RUN, Entry
from agent.store.copying import copied, copy_of, is_full
from agent.store.examine import Backup, examine, is_there, not_whole, refuse_unreadable
from agent.store.generation import to_json
from agent.store.install import LOG_SUFFIXES, discard, drafted, install, sync, sync_folder
from agent.store.schema import migrate
from agent.store.start import read_boot_id
from agent.store.tables import Pruning, write_entries, write_run

BEFORE_RESTORE: Final = "before-restore"
OWN_SUFFIXES: Final = ("", *LOG_SUFFIXES, ".new", ".draft")
"""What the names of the files end with that the agent itself makes and takes for its state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put where; `kept_as` is the state file that was there before."""

    backup: Backup
    file: str
    kept_as: str | None


def make_backup(source: Path, target: Path, *, replaces: bool = False) -> Backup:
    """Copy the state file *source* to *target*, checked, and readable by its owner only.

    It may be in use. Raise `StoreError` with what to do; an existing file stays unless
    *replaces*.
    """
    if not is_there(source):
        raise StoreError(
            f"{source}: there is no state file here; say where the agent keeps its state"
            " (--config or --state-dir), or let it run once"
        )
    refuse_unreadable(source)
    _refuse_folders(target)
    _refuse_the_state_itself(source, target)
    if is_there(target) and not replaces:
        raise _taken(target)
    try:
        descriptor, name = mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(descriptor)
    except OSError as error:
        raise _not_written(target, error) from error
    draft = Path(name)
    try:
        _copy(source, draft, target)
        _note_origin(source, draft, target)
        backup = examine(draft)
        _publish(draft, target, replaces=replaces)
    finally:
        discard(draft)
    return replace(backup, file=str(target))


def restore(file: Path, target: Path, wall_time: float | None) -> Restored:
    """Put a backup in the place of the state file *target*, which is set aside.

    No agent may be working on it. The next start takes nothing for granted that held in the
    boot in which the backup was made. Raise `StoreError` with what to do.
    """
    backup = examine(file)
    _refuse_if_in_use(target)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with drafted(target) as draft:
            draft.touch(mode=0o600, exist_ok=False)
            with closing(connect_alone(file)) as source, closing(connect(draft)) as database:
                source.backup(database)
                database.execute("PRAGMA journal_mode = DELETE")
                migrate(database, file)
                _forget_the_boot(database, backup, wall_time)
            _give_to_owner(draft, target)
            aside = install(target, draft, aside=BEFORE_RESTORE)
    except (OSError, sqlite3.Error) as error:
        raise _not_written(target, error) from error
    kept_as = None if aside is None else str(aside)
    return Restored(backup=backup, file=str(target), kept_as=kept_as)


# ── making one ──────────────────────────────────────────────────────────────────────────────


def _refuse_the_state_itself(source: Path, target: Path) -> None:
    """Refuse what is the state file or belongs to it, by whatever name, there or not yet."""
    place = target.parent.resolve() / target.name
    for suffix in OWN_SUFFIXES:
        own = Path(f"{source.resolve()}{suffix}")
        with suppress(OSError):  # what cannot be looked at is judged by its name
            if target.samefile(own):
                raise _is_the_state(target, source)
        if own in (place, target.resolve()):
            raise _is_the_state(target, source)


def _is_the_state(target: Path, source: Path) -> StoreError:
    return StoreError(
        f"{target} is the agent's own state ({source}), or a part of it: nothing was done; name"
        " another file for the backup"
    )


def _refuse_folders(target: Path) -> None:
    try:
        if target.is_dir():
            raise StoreError(
                f"{target} is a folder: name a file in it, such as {target / 'polycloud.backup'}"
            )
        if not target.parent.is_dir():
            raise StoreError(
                f"{target.parent}: there is no such folder: make it first"
                f" (mkdir -p {target.parent}), or name another"
            )
    except OSError as error:
        raise _not_written(target, error) from error


def _copy(source: Path, draft: Path, target: Path) -> None:
    """Copy *source* as it is, with the log in which its newest state may stand."""
    try:
        if not _is_copied_live(source, draft):
            discard(draft)
            draft.touch(mode=0o600)
            with TemporaryDirectory(prefix="polycloud-") as folder:
                copy_of(copied(source, Path(folder)), draft)
    except (sqlite3.Error, OSError) as error:
        if is_full(error):
            raise _not_written(target, error) from error
        raise StoreError(
            f"{source}: {error}: it cannot be copied; run this as root (sudo) or as the agent's"
            " user. A damaged file is mended by the agent's next start"
        ) from error


def _is_copied_live(source: Path, draft: Path) -> bool:
    """Copy a file that is in use; tell whether it is one, and may be looked into in its place.

    Without a log nobody uses it, and SQLite would leave one there. With a log it cannot be
    read where nothing may be made beside it.
    """
    if not Path(f"{source}-wal").exists():
        return False
    try:
        copy_of(source, draft)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            return False
        raise
    return True


def _note_origin(source: Path, draft: Path, target: Path) -> None:
    values = (int(time.time()), socket.gethostname(), str(source.absolute()))
    try:
        with closing(connect(draft)) as database:
            migrate(database, source)
            database.execute("DELETE FROM backup")
            database.execute("INSERT INTO backup (made_at, host, source) VALUES (?, ?, ?)", values)
    except sqlite3.Error as error:
        if is_full(error):
            raise _not_written(target, error) from error
        raise not_whole(source, str(error)) from error


def _publish(draft: Path, target: Path, *, replaces: bool) -> None:
    """Give a finished file its name, at once and for good."""
    try:
        sync(draft)
        if not replaces:
            target.touch(mode=0o600, exist_ok=False)  # a stick's file system may know no links
        draft.replace(target)
        sync_folder(target.parent)
    except FileExistsError as error:
        raise _taken(target) from error
    except OSError as error:
        raise _not_written(target, error) from error


def _taken(target: Path) -> StoreError:
    return StoreError(f"{target} exists: choose another name, or replace it with --force")


def _not_written(target: Path, error: OSError | sqlite3.Error) -> StoreError:
    if is_full(error):
        return StoreError(
            f"{target}: the disk is full: nothing was changed; make room on it (df"
            f" {target.parent}), or name another"
        )
    return StoreError(
        f"{target}: {error}: nothing was changed; look at free space (df) and at whether you"
        f" may write to {target.parent} (sudo)"
    )


# ── putting one in place ────────────────────────────────────────────────────────────────────


def _refuse_if_in_use(target: Path) -> None:
    """Make the old file one without a log; that is possible only while nobody has it open."""
    if not is_there(target):
        return
    with suppress(sqlite3.DatabaseError), closing(connect(target, "rw")) as database:
        try:
            database.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise in_use(target) from error
            raise


def in_use(target: Path) -> StoreError:
    """Say that an agent must be stopped first."""
    return StoreError(
        f"an agent is working on {target}: stop it first (sudo systemctl stop polycloud-agent),"
        " restore, and start it again; nothing was done"
    )


def _forget_the_boot(database: sqlite3.Connection, backup: Backup, wall_time: float | None) -> None:
    """Let the next start count as one after a power loss, of a restored state; tell why."""
    origin = {
        "file": backup.file,
        "made_at": backup.made_at,
        "host": backup.host,
        "source": backup.source,
    }
    entries = [_restored(device.id, origin, wall_time) for device in backup.devices]
    with transaction(database):
        write_run(database, RESTORED_RUN, None)
        write_entries(database, entries, Pruning())
        database.execute("DELETE FROM backup")


def _restored(device_id: str, origin: Mapping[str, object], wall_time: float | None) -> Entry:
    return Entry(
        device_id=device_id,
        topic="energy",
        name="restored",
        wall_time=wall_time,
        boot_id=read_boot_id(),
        at=since_boot(),
        trust=Trust.UNKNOWN if wall_time is None else Trust.PLAUSIBLE,
        details=to_json(origin),
    )


def _give_to_owner(draft: Path, target: Path) -> None:
    """Let whoever owns the state own the new file too."""
    if os.geteuid() == 0:
        owner = (target if target.exists() else target.parent).stat()
        os.chown(draft, owner.st_uid, owner.st_gid)
