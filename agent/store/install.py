"""Put a new state file in the place of one that is set aside, so that a crash leaves one whole.

The new file is first made beside the old one under a name of its own. From the moment it stands
there as `….new` it is complete, and whoever opens the state next finishes what was begun.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger()

LOG_SUFFIXES: Final = ("-wal", "-shm", "-journal")
DAMAGED: Final = "damaged"
MOST_DAMAGED: Final = 1000
MOST_OTHERS: Final = 100_000


@contextmanager
def drafted(path: Path) -> Generator[Path]:
    """Give the place where the new file is written; what is left there in the end goes."""
    draft = path.with_name(f"{path.name}.draft")
    discard(draft)
    try:
        yield draft
    finally:
        discard(draft)


def discard(draft: Path) -> None:
    """Delete a file that nobody needs, and what SQLite put beside it."""
    for suffix in ("", *LOG_SUFFIXES):
        Path(f"{draft}{suffix}").unlink(missing_ok=True)


def install(path: Path, draft: Path, *, aside: str) -> Path | None:
    """Put the closed file *draft* at *path*; tell what the old one is called now."""
    sync(draft)
    draft.replace(_new(path))
    sync_folder(path.parent)
    return finish(path, aside=aside)


def finish(path: Path, *, aside: str) -> Path | None:
    """Finish an installation that was begun, if one was; tell what the old file is called now."""
    new = _new(path)
    if not new.exists():
        return None
    old = set_aside(path, aside)
    sync_folder(path.parent)
    new.replace(path)
    sync_folder(path.parent)
    return old


def current_of(path: Path) -> Path:
    """Tell which file counts: one whose installation was begun is the newer."""
    new = _new(path)
    return new if new.exists() else path


def set_aside(path: Path, aside: str) -> Path | None:
    """Rename the file and its log to a free name; the log first, or the next file would take it.

    Of `DAMAGED` ones there are `MOST_DAMAGED` at most: when all names are taken the last one
    goes to the newest, whose contents are in the file that follows it, and the others stay.
    """
    free = free_name(path, aside)
    if free is None:
        free = _named(path, aside, MOST_DAMAGED)
        log.warning("store.many_damaged", file=str(path), replaced=str(free))
        discard(free)
    for suffix in (*LOG_SUFFIXES, ""):
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{free}{suffix}")
    return free if free.exists() else None


def free_name(path: Path, aside: str) -> Path | None:
    """Find a name beside *path* that nothing has; None where `MOST_DAMAGED` have one."""
    most = MOST_DAMAGED if aside == DAMAGED else MOST_OTHERS
    names = (_named(path, aside, number) for number in range(1, most + 1))
    return next((name for name in names if not name.exists()), None)


def _named(path: Path, aside: str, number: int) -> Path:
    return path.with_name(f"{path.name}.{aside}-{number}")


def _new(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def sync(path: Path) -> None:
    """Make what was written to *path* last."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* last."""
    sync(folder)
