"""A crash between any two writes: the store's own file, cut after every operation."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from agent.errors import AgentError
from agent.store import Store
from chaos.disks.disk import Cut, Image, Kind, Operation, Variant
from chaos.disks.mounts import drive, lay_out
from chaos.kept import STATE_FILE, TOPIC, Found, find
from chaos.report import Row, judged

PART: Final = "prefix"
DEVICE: Final = "socket-1"
SAVES: Final = 15
TORN: Final = 4
"""Random disks for each cut."""

BEGUN: Final = "begun-"
DONE: Final = "done-"
BUGS: Final = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)
RAM: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


class Outcome(IntEnum):
    """What was found after a cut, the best first."""

    BEING_WRITTEN = 0
    ACKNOWLEDGED = 1
    EMPTY_SET_ASIDE = 2
    OLDER = 3
    MIXED = 4
    LOST = 5
    REFUSED = 6
    SET_ASIDE = 7
    CRASHED = 8

    @property
    def is_allowed(self) -> bool:
        """Tell whether nothing that was acknowledged is gone."""
        return self <= Outcome.EMPTY_SET_ASIDE

    @property
    def text(self) -> str:
        """Say it."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Which save was acknowledged last, and which was begun last (-1: none)."""

    done: int = -1
    begun: int = -1

    def after(self, mark: str) -> "Progress":
        """Take note of a mark."""
        if mark.startswith(BEGUN):
            return Progress(done=self.done, begun=int(mark.removeprefix(BEGUN)))
        if mark.startswith(DONE):
            return Progress(done=int(mark.removeprefix(DONE)), begun=self.begun)
        return self


def content(number: int) -> Mapping[str, object]:
    """Make the save of that number: of another size each time, and known by any part of it."""
    text = f"{number:04}" * (1 + number * 977 % 2500)
    return {"number": number, "relay_on": number % 2 == 0, "text": text, "again": number}


def rows_until(number: int) -> list[str]:
    """Name the rows that stand in the journal once that save is on the disk."""
    return [f"save-{each}" for each in range(number + 1)]


def judge(found: Found, progress: Progress) -> Outcome:
    """Tell what *found* is, of what was there to be found."""
    is_empty = found.saved is None and not found.rows
    if found.is_set_aside or found.failures:
        return _helped(found, is_rightly_empty=is_empty and progress.done < 0)
    if found.saved is None:
        return Outcome.ACKNOWLEDGED if is_empty and progress.done < 0 else Outcome.LOST
    number = found.saved.get("number")
    if not isinstance(number, int) or not _is_whole(found, number):
        return Outcome.MIXED
    if number == progress.done:
        return Outcome.ACKNOWLEDGED
    return Outcome.BEING_WRITTEN if progress.done < number <= progress.begun else Outcome.OLDER


def _helped(found: Found, *, is_rightly_empty: bool) -> Outcome:
    if not found.is_set_aside:
        return Outcome.REFUSED
    return Outcome.EMPTY_SET_ASIDE if is_rightly_empty else Outcome.SET_ASIDE


def _is_whole(found: Found, number: int) -> bool:
    return found.saved == content(number) and list(found.rows) == rows_until(number)


async def outcome_of(folder: Path, progress: Progress) -> Outcome:
    """Open what a cut left; an error that gets out of the store would end the agent's start."""
    try:
        return judge(await find(folder, DEVICE), progress)
    except (AgentError, sqlite3.Error, *BUGS):
        return Outcome.CRASHED


async def scenario(folder: Path, mark: Callable[[str], None]) -> None:
    """Use the store as the agent does: start, saves, a clean stop, another start, more saves."""
    path = folder / STATE_FILE
    async with Store(path) as store:
        await _save(store, range(1), mark)
        await store.begin_run("boot-1", "1")
        await _save(store, range(1, SAVES - 6), mark)
        await store.end_run()
    async with Store(path) as store:
        await store.begin_run("boot-2", "1")
        await _save(store, range(SAVES - 6, SAVES - 3), mark)
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA wal_checkpoint(FULL)")
        await _save(store, range(SAVES - 3, SAVES), mark)
        await store.end_run()
    mark("end")


async def _save(store: Store, numbers: range, mark: Callable[[str], None]) -> None:
    for number in numbers:
        mark(f"{BEGUN}{number}")
        store.save(DEVICE, content(number))
        store.record(DEVICE, TOPIC, rows_until(number)[-1], {"number": number})
        if await store.flush():
            mark(f"{DONE}{number}")


async def record(folder: Path) -> list[Operation]:
    """Let the store work on a disk that logs, and return the log."""
    with drive(folder) as disk:
        await scenario(disk.folder, disk.mark)
        return disk.operations()


class Trial:
    """Cuts at every operation; equal disks are opened once for each progress."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[int, Progress], Outcome] = {}
        self.outcomes: dict[Variant, Counter[Outcome]] = {each: Counter() for each in Variant}
        self.faults: dict[Variant, list[str]] = {each: [] for each in Variant}

    async def run(self, operations: Sequence[Operation], seeds: Sequence[int]) -> None:
        """Cut before the first operation, and after each."""
        cut, progress = Cut(), Progress()
        await self._try(cut, progress, 0, seeds)
        for number, operation in enumerate(operations, start=1):
            cut.apply(operation)
            if operation.kind is Kind.MARK:
                progress = progress.after(operation.name)
            await self._try(cut, progress, number, seeds)

    async def _try(self, cut: Cut, progress: Progress, number: int, seeds: Sequence[int]) -> None:
        for variant, image in _images(cut, number, seeds):
            outcome = await self._open(image, progress)
            self.outcomes[variant][outcome] += 1
            if not outcome.is_allowed:
                self.faults[variant].append(f"after operation {number}: {outcome.text}")

    async def _open(self, image: Image, progress: Progress) -> Outcome:
        key = hash(tuple(sorted(image.items()))), progress
        if key not in self._known:
            self._known[key] = await outcome_of(lay_out(image, self._folder), progress)
        return self._known[key]

    def rows(self) -> list[Row]:
        """Tell, for each variant, how many cuts there were and the worst that was found."""
        rows: list[Row] = []
        for variant, outcomes in self.outcomes.items():
            newer = outcomes[Outcome.BEING_WRITTEN]
            figures = f"{outcomes.total()} cuts, {newer} with the save under way; worst: "
            worst = max(outcomes).text
            done = f"store and journal cut after every write: {variant.value}"
            rows.append(judged(PART, done, figures + worst, self.faults[variant]))
        return rows


def _images(cut: Cut, number: int, seeds: Sequence[int]) -> Iterator[tuple[Variant, Image]]:
    for variant in (Variant.PROCESS, Variant.SYNCED, Variant.SYNCED_NAMES):
        yield variant, cut.image(variant)
    for seed in seeds:
        yield Variant.TORN, cut.image(Variant.TORN, number * 1000 + seed)


async def run(seed: int, torn: int = TORN) -> list[Row]:
    """Record once, cut everywhere; *torn* random disks for each."""
    memory = RAM if RAM.is_dir() else None  # the disks to be opened are many
    with TemporaryDirectory(prefix="polycloud-chaos-", dir=memory) as temporary:
        folder = Path(temporary)
        operations = await record(folder / "recorded")
        trial = Trial(folder / "cut")
        await trial.run(operations, range(seed, seed + torn))
    return trial.rows()
