"""A clock that is set from outside, and its keeper: libfaketime, and timesyncd's folder."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.keepers import TIMESYNCD
from chaos.report import MissingError

LIBRARY: Final = "*/faketime/libfaketimeMT.so.1"


def library() -> Path:
    """Find libfaketime; raise `MissingError` where it is not."""
    found = sorted(Path("/usr/lib").glob(LIBRARY))
    if not found:
        raise MissingError("the Debian package faketime")
    return found[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faked:
    """The wall clock of one process, which alone is faked: seconds since boot go on.

    `truth_s` is how far its true time is from this machine's.
    """

    folder: Path
    truth_s: float = 0.0

    @property
    def program(self) -> Sequence[str]:
        """Tell what runs the agent with a keeper of its own."""
        return ["-m", "chaos.clocks.kept_clock", str(self._root)]

    @property
    def environ(self) -> Mapping[str, str]:
        """Tell what the process needs around it."""
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # CLOCK_BOOTTIME is one of these
            # Else whoever waits for the interpreter's lock is woken at once, and spins.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1",
        }

    def now(self) -> float:
        """Tell the true time."""
        return time.time() + self.truth_s

    def set(self, wrong_s: float) -> None:
        """Set the clock so far from the truth."""
        (self._root / TIMESYNCD).mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".new")
        draft.write_text(f"{round(self.truth_s + wrong_s):+d}", encoding="ascii")
        draft.replace(self._file)  # the process reads it at any moment

    def keep(self) -> None:
        """Let the keeper set the clock right, and note that."""
        self.set(0.0)
        mark = self._root / TIMESYNCD / "synchronized"
        mark.touch()
        os.utime(mark, (self.now(), self.now()))

    @property
    def _root(self) -> Path:
        return self.folder / "root"

    @property
    def _file(self) -> Path:
        return self.folder / "faketime"
