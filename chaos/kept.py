"""What the agent's own store finds in a folder."""

import logging
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog

from agent.store import Store

STATE_FILE: Final = "state.db"
PJ_PER_MJ: Final = 10**9
TOPIC: Final = "chaos"
MANY: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was kept of a device, and whether the store had to help itself.

    *rows*: the names in the journal, of the topic that this harness writes. *is_set_aside*: the
    file counted as damaged; *failures*: it could not be read in its place.
    """

    saved: Mapping[str, object] | None
    rows: Sequence[str] = ()
    is_set_aside: bool = False
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A device's energy as it was kept: the exact total, and the counter it was taken at."""

    total_pj: int
    counter: int | None


def quiet() -> None:
    """Keep the store's own warnings out of the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


async def find(folder: Path, device: str) -> Found:
    """Open the state in *folder* as the agent does at its start."""
    async with Store(folder / STATE_FILE) as store:
        saved = store.load(device)
        rows = await store.records(device, topics=[TOPIC], limit=MANY)
        failures = store.failures
    return Found(
        saved=saved,
        rows=[row.name for row in rows],
        is_set_aside=_is_set_aside(folder),
        failures=failures,
    )


async def count(folder: Path, device: str) -> Count | None:
    """Read the energy from a copy of the state in *folder*; None where none is kept."""
    with TemporaryDirectory(prefix="polycloud-chaos-") as temporary:
        found = await find(_copied(folder, Path(temporary)), device)
    return counted(found.saved)


def counted(saved: Mapping[str, object] | None) -> Count | None:
    """Find the energy in what was saved, wherever it stands there."""
    energy = None if saved is None else _holder(saved, "total_mj")
    if energy is None:
        return None
    counter = energy.get("counter")
    total_pj = _whole(energy["total_mj"]) * PJ_PER_MJ + _whole(energy.get("rest_pj", 0))
    return Count(total_pj=total_pj, counter=None if counter is None else _whole(counter))


def _is_set_aside(folder: Path) -> bool:
    return any("damaged" in path.name for path in folder.iterdir())


def _copied(folder: Path, copy: Path) -> Path:
    for path in folder.glob(f"{STATE_FILE}*"):
        with suppress(FileNotFoundError):  # the agent may be tidying up
            shutil.copyfile(path, copy / path.name)
    return copy


def _holder(fields: Mapping[str, object], key: str) -> Mapping[str, object] | None:
    if key in fields:
        return fields
    inner = (value for value in fields.values() if isinstance(value, Mapping))
    return next((found for each in inner if (found := _holder(each, key)) is not None), None)


def _whole(value: object) -> int:
    assert isinstance(value, int), f"energy is kept in whole numbers, not as {value!r}"
    return value
