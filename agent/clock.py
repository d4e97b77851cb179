"""The machine's clock: monotonic time for logic, wall time only while it can be trusted."""

import asyncio
import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from agent import BUILD_TIME
from agent.chrony import ChronyQuery

PROBE_INTERVAL_S: Final = 5.0

TIMESYNCD: Final = Path("run/systemd/timesync")
"""timesyncd's folder while it runs; the file in it appears with the first synchronisation."""

_STA_UNSYNC: Final = 0x40
_TIME_ERROR: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFacts:
    """What each source says: synchronised or not; None where it cannot tell."""

    timesyncd: bool | None = None
    chrony: bool | None = None
    kernel: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whether the wall clock is trusted, and why in words."""

    is_trusted: bool
    reason: str


def judge(facts: SyncFacts, *, wall_time: float, mode: Literal["auto", "system"]) -> Trust:
    """Decide whether *wall_time* is trusted: by mode, by who keeps the clock, by the release."""
    if mode == "system":
        return Trust(is_trusted=True, reason='clock = "system" trusts it always')
    said = {
        "timesyncd": facts.timesyncd,
        "chrony": facts.chrony,
        "the kernel": facts.kernel,
    }
    for name, is_synchronised in said.items():
        if is_synchronised:
            return Trust(is_trusted=True, reason=f"{name} says that it is synchronised")
    for name, is_synchronised in said.items():
        if is_synchronised is False:
            return Trust(is_trusted=False, reason=f"{name} has not synchronised it yet")
    if wall_time > BUILD_TIME:
        return Trust(is_trusted=True, reason="nobody keeps it, and it is later than this release")
    return Trust(is_trusted=False, reason="it is earlier than this release")


def since_boot() -> float:
    """Seconds since the machine booted, those of a suspend too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SystemClock:
    """The clock of this machine; asking it is cheap, as its keepers are asked seldom."""

    def __init__(
        self,
        mode: Literal["auto", "system"] = "auto",
        *,
        probe: Callable[[], SyncFacts] | None = None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        boot: Callable[[], float] = since_boot,
    ) -> None:
        self._mode: Literal["auto", "system"] = mode
        self._probe = probe or Probe()
        self._wall = wall
        self._monotonic = monotonic
        self._boot = boot
        self._facts = SyncFacts()
        self._probe_at = float("-inf")

    def now(self) -> float:
        """Monotonic seconds, the loop's own."""
        return self._monotonic()

    def wall_time(self) -> float | None:
        """Unix seconds, or None while the clock is not trusted."""
        wall_time = self._wall()
        return wall_time if self._judge(wall_time).is_trusted else None

    def since_boot(self) -> float:
        """Seconds since the machine booted, those of a suspend too."""
        return self._boot()

    def wall_time_at(self, at: float) -> float | None:
        """Unix seconds of the moment *at* of this boot, as they are known now."""
        now = self.wall_time()
        return None if now is None else now - (self._boot() - at)

    def trust(self) -> Trust:
        """Tell whether the clock is trusted now, and why."""
        return self._judge(self._wall())

    def tls_is_possible(self) -> bool:
        """Tell whether the clock can check a certificate (it is not before the build date)."""
        return self._mode == "system" or self._wall() >= BUILD_TIME

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def _judge(self, wall_time: float) -> Trust:
        now = self._monotonic()
        if self._mode == "auto" and now >= self._probe_at:
            self._facts = self._probe()
            self._probe_at = now + PROBE_INTERVAL_S
        return judge(self._facts, wall_time=wall_time, mode=self._mode)


class Probe:
    """Asks who keeps the clock. It opens no file and never waits for an answer twice."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._timesyncd = root / TIMESYNCD
        self._chrony = ChronyQuery(root)

    def __call__(self) -> SyncFacts:
        """Gather what timesyncd, the kernel and, where those do not say yes, chrony tell."""
        timesyncd = self._ask_timesyncd()
        kernel = _ask_kernel()
        chrony = None if timesyncd or kernel else self._chrony.ask()
        return SyncFacts(timesyncd=timesyncd, chrony=chrony, kernel=kernel)

    def _ask_timesyncd(self) -> bool | None:
        if not self._timesyncd.is_dir():
            return None
        return (self._timesyncd / "synchronized").exists()


class _Timex(ctypes.Structure):
    """The head of the kernel's `struct timex`, and room for the rest of any architecture."""

    _fields_ = (
        ("modes", ctypes.c_int),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def kernel_says(result: int, status: int) -> bool | None:
    """Understand adjtimex(2): what it returned, and its status bits.

    Unsynchronised is how every clock starts, and stays where nobody keeps it: that tells nothing.
    Nor does a refusal (-1): a sandboxed service may not ask (ProtectClock=).
    """
    is_synchronised = 0 <= result < _TIME_ERROR and not status & _STA_UNSYNC
    return True if is_synchronised else None


def _ask_kernel() -> bool | None:
    state = _Timex()
    try:
        result = ctypes.CDLL(None).adjtimex(ctypes.byref(state))
    except (AttributeError, OSError):
        return None
    return kernel_says(result, state.status)
