"""What the kernel tells about a process, and about this machine."""

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a process has used until `at` (monotonic seconds), all its threads together."""

    at: float
    cpu_s: float
    wakes: int


def usage(pid: int) -> Usage:
    """Read the processor time to the nanosecond, and how often the process was woken."""
    clock = (~pid << 3) | 2  # the kernel's name for the CPU clock of another process
    return Usage(at=time.monotonic(), cpu_s=time.clock_gettime(clock), wakes=_wakes(pid))


def memory_mb(pid: int) -> tuple[float, float]:
    """Read RSS, and PSS: shared pages divided among those who share them."""
    fields = _fields((PROC / str(pid) / "smaps_rollup").read_text().partition("\n")[2])
    return _kib(fields["Rss"]) / 1024, _kib(fields["Pss"]) / 1024


def description() -> str:
    """Say what was measured on."""
    cores = os.cpu_count()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    load = os.getloadavg()[0]
    return f"{cores} cores, {platform.machine()}, Linux, {python}; load before: {load:.2f}"


def _wakes(pid: int) -> int:
    tasks = (PROC / str(pid) / "task").iterdir()
    return sum(
        int(_fields((task / "status").read_text())["voluntary_ctxt_switches"]) for task in tasks
    )


def _fields(text: str) -> dict[str, str]:
    pairs = (line.partition(":")[::2] for line in text.splitlines())
    return {name: value.strip() for name, value in pairs}


def _kib(text: str) -> int:
    return int(text.removesuffix("kB"))
