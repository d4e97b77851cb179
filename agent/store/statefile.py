"""The state file: one SQLite file, used by one thread, that outlives power cuts and damage."""

import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

import structlog

from agent.errors import StoreError
from agent.model import Condition
from agent.store.build import build
from agent.store.connection import connect, transaction
from agent.store.contents import Changes, Contents, Kept, Row, following
from agent.store.damage import code_of, damage, is_damage, size_of
from agent.store.history_table import make_periods, write_minutes
from agent.store.install import DAMAGED, current_of, drafted, finish, free_name, install
from agent.store.outbox_table import write_outboxes
from agent.store.salvage import Rescued, looked_through, rescue, salvage
from agent.store.schema import SCHEMA_VERSION, migrate, version_of
from agent.store.tables import (
    Pruning,
    Query,
    read_contents,
    read_records,
    remove,
    write_entries,
    write_generation,
    write_repair,
    write_requests,
    write_run,
)

log = structlog.get_logger()

T = TypeVar("T")

GOOD: Final = Condition.GOOD


class StateFile:
    """The file at *path*; every method blocks, and raises `StoreError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._known = Contents()
        self._was_there: bool | None = None
        self._run_number: int | None = None
        self._pruning = Pruning()

    def open(self) -> Contents:
        """Read all; a damaged file is set aside, never deleted, and a new one begun.

        One that was there and is empty is damaged: only where there was none is all new.
        """
        try:
            self._finish_installation()
            opened = self._connect()
        except sqlite3.Error as error:
            if not is_damage(error, self._path):
                self._disconnect()
                raise self._failed(error) from error
            opened = self._begin_anew(error)
        except OSError as error:
            raise self._failed(error) from error
        self._known = opened.newest(self._known)
        return self._known

    def read_copy(self) -> Contents | None:
        """Read a file that cannot be opened in its place, such as on a read-only disk.

        A trip that was latched must be known even then. None: nothing can be read.
        """
        path = self._path
        try:
            path = current_of(self._path)
            if self._was_there is False or not path.exists():
                return Contents()
            with TemporaryDirectory(prefix="polycloud-") as folder:
                return _read_copied(path, Path(folder) / "copy")
        except (OSError, sqlite3.Error) as error:
            log.warning("store.unreadable", file=str(path), error=str(error))
        found = salvage(path)
        return found if found.devices else None

    def write(self, changes: Changes) -> None:
        """Write *changes* in one transaction that is on the disk when this returns."""
        if self._database is None:
            self.open()
        try:
            self._commit(changes)
        except sqlite3.Error as error:
            if code_of(error) == sqlite3.SQLITE_FULL:
                raise self._failed(error) from error
            if not is_damage(error, self._path):
                self._disconnect()
                raise self._failed(error) from error
            self._known = self._begin_anew(error)
            self._commit_or_fail(changes)
        self._known = self._known.advanced(changes)

    def records(self, query: Query) -> list[Row]:
        """Read the newest rows of the journal that fit; none while the file cannot be read."""
        if self._database is None:
            return []
        try:
            return read_records(self._database, query)
        except sqlite3.Error as error:
            log.warning("store.unreadable", file=str(self._path), error=str(error))
            return []

    def work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do *work* in one transaction, and give what it gives."""
        if self._database is None:
            self.open()
        assert self._database is not None, "it has been opened"
        try:
            with transaction(self._database):
                return work(self._database)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._disconnect()

    # ── opening ─────────────────────────────────────────────────────────────────────────────

    def _finish_installation(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        old = finish(self._path, aside=DAMAGED)
        if old is not None:
            log.warning("store.installed", file=str(self._path), kept_as=str(old))
        if self._was_there is None:
            self._was_there = self._path.exists() or size_of(self._path, "-wal") > 0

    def _connect(self) -> Contents:
        if self._was_there and not size_of(self._path):
            raise damage("it is empty")  # SQLite would begin a new one, and delete its log
        database = self._database = connect(self._path)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise damage(str(verdict))
        if self._was_there and version_of(database) == 0:
            raise damage("it holds nothing, and neither does its log")
        try:
            before = migrate(database, self._path)
        except StoreError:
            self._disconnect()
            raise
        if 0 < before < SCHEMA_VERSION:
            log.info("store.migrated", file=str(self._path), before=before, now=SCHEMA_VERSION)
        self._was_there = True
        return self._mended(read_contents(database))

    def _mended(self, contents: Contents) -> Contents:
        """Say where a generation was damaged; put an older one in the place of what is lost."""
        bad = [id_ for id_, kept in contents.devices.items() if kept.condition is not GOOD]
        lost = [id_ for id_ in bad if contents.devices[id_].text is None]
        if lost:
            contents = looked_through(contents, self._path)
            self._copy_aside()
            self._write_over(lost, contents.devices)
        for device in bad:
            condition = contents.devices[device].condition.value
            log.warning("store.generation_damaged", device=device, found=condition)
        return contents

    def _write_over(self, lost: Iterable[str], devices: Mapping[str, Kept]) -> None:
        assert self._database is not None
        # Where that fails nothing is worse than it was: the next start tries again.
        with suppress(sqlite3.Error), transaction(self._database):
            for device in lost:
                remove(self._database, device)
                kept = devices[device]
                if kept.text is not None:
                    write_generation(self._database, device, None, replace(kept, slot=0))

    def _copy_aside(self) -> None:
        """Keep a copy of a file whose damage is about to be written over, while few are kept."""
        aside = free_name(self._path, DAMAGED)
        if aside is None:
            log.warning("store.many_damaged", file=str(self._path))
            return
        try:
            shutil.copyfile(self._path, aside)
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{self._path}-wal", f"{aside}-wal")
        except OSError as error:
            log.warning("store.not_copied", file=str(self._path), error=str(error))

    # ── damage ──────────────────────────────────────────────────────────────────────────────

    def _begin_anew(self, why: sqlite3.Error) -> Contents:
        """Begin a new file with what is known and what can be read; set the damaged one aside."""
        rescued = Rescued() if self._database is None else rescue(self._database)
        found = salvage(self._path, rescued).newest(self._known)
        self._run_number = None
        try:
            with drafted(self._path) as draft:
                build(draft, found, rescued)
                aside = install(self._path, draft, aside=DAMAGED)
            self._disconnect()  # not before: closing deletes a log that still has its name
            opened = self._connect()
        except (sqlite3.Error, OSError) as error:
            self._disconnect()
            raise self._failed(error) from error
        log.warning(
            "store.damaged",
            file=str(self._path),
            kept_as=str(aside),
            error=str(why),
            salvaged=sorted(found.devices),
            records=len(rescued.entries),
        )
        devices = {
            id_: replace(kept, condition=found.devices[id_].condition)
            for id_, kept in opened.devices.items()
        }
        return replace(opened, devices=devices, is_damaged=True)

    def _disconnect(self) -> None:
        if self._database is not None:
            with suppress(sqlite3.Error):  # closing cannot lose what was committed
                self._database.close()
            self._database = None

    # ── writing ─────────────────────────────────────────────────────────────────────────────

    def _commit(self, changes: Changes) -> None:
        database = self._database
        assert database is not None
        number = self._run_number
        with transaction(database):
            for device, text in changes.saved.items():
                before = self._known.devices.get(device)
                write_generation(database, device, before, following(before, text))
            if changes.run is not None:
                number = write_run(database, changes.run, number)
            write_entries(database, changes.entries, self._pruning)
            write_requests(database, changes)
            write_outboxes(database, changes.outbox)
            write_minutes(database, changes.history)
            if changes.repair is not None:
                write_repair(database, changes.repair)
            make_periods(database, changes.history)
        self._run_number = number

    def _commit_or_fail(self, changes: Changes) -> None:
        try:
            self._commit(changes)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: sqlite3.Error | OSError) -> StoreError:
        return StoreError(
            f"{self._path}: {error}: the state cannot be kept; look at free space (df) and at"
            f" whether the agent's user may write to {self._path.parent}"
        )


def _read_copied(path: Path, copy: Path) -> Contents:
    """Read a copy of the file and its log; what is damaged or newer is looked through instead."""
    shutil.copyfile(path, copy)
    with suppress(FileNotFoundError):
        shutil.copyfile(f"{path}-wal", f"{copy}-wal")
    with closing(connect(copy)) as database:
        version = version_of(database)
        if 0 < version <= SCHEMA_VERSION:
            migrate(database, path)
            return looked_through(read_contents(database), path)
    return salvage(path)
