"""Who keeps the machine's clock, and how far its wall time is trusted for that."""

import ctypes
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

from agent import BUILD_TIME
from agent.chrony import ChronyQuery
from agent.model import Trust

Mode = Literal["auto", "system"]
"""Who may vouch for the clock: its keepers, or the configuration always."""

ALWAYS: Final = 'clock = "system" trusts it always'

TIMESYNCD: Final = Path("run/systemd/timesync")
"""timesyncd's folder while it runs; the file in it is touched with each synchronisation."""

_STA_UNSYNC: Final = 0x40
_TIME_ERROR: Final = 5


class Source(StrEnum):
    """Who vouches for a wall time."""

    SETTING = "setting"
    TIMESYNCD = "timesyncd"
    CHRONY = "chrony"
    KERNEL = "kernel"
    PLATFORM = "platform"
    RELEASE = "release"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFacts:
    """What each source says: synchronised or not; None where it cannot tell.

    `set_at` is when its keeper set the clock last, by that clock; None where that is not told.
    """

    timesyncd: bool | None = None
    chrony: bool | None = None
    kernel: bool | None = None
    set_at: float | None = None

    @property
    def said(self) -> Mapping[Source, bool | None]:
        """What is said, by who says it."""
        return {
            Source.TIMESYNCD: self.timesyncd,
            Source.CHRONY: self.chrony,
            Source.KERNEL: self.kernel,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How far a wall time is trusted, who vouches for it, and why in words."""

    trust: Trust
    source: Source
    reason: str

    @property
    def is_trusted(self) -> bool:
        """Tell whether it may be used."""
        return self.trust > Trust.UNKNOWN


def judge(
    facts: SyncFacts, *, wall_time: float, mode: Mode, doubted: float | None = None
) -> Judgement:
    """Decide how far *wall_time* is trusted: by mode, by who keeps the clock, by the release.

    *doubted*: somebody has set the clock, and this is when its keeper had done so before. What
    the keeper says counts again when it has set the clock once more; the kernel forgets at once.
    """
    if mode == "system":
        return Judgement(trust=Trust.SYNCHRONISED, source=Source.SETTING, reason=ALWAYS)
    is_doubted = doubted is not None and facts.set_at == doubted
    for source, is_synchronised in facts.said.items():
        if is_synchronised and (source is Source.KERNEL or not is_doubted):
            reason = f"{_named(source)} says that it is synchronised"
            return Judgement(trust=Trust.SYNCHRONISED, source=source, reason=reason)
    for source, is_synchronised in facts.said.items():
        if is_synchronised is not None:
            reason = f"{_named(source)} has not synchronised it yet"
            if is_synchronised:
                reason = f"somebody has set it, and {_named(source)} has not set it right yet"
            return Judgement(trust=Trust.UNKNOWN, source=Source.NOBODY, reason=reason)
    if wall_time > BUILD_TIME:
        reason = "nobody keeps it, and it is later than this release"
        return Judgement(trust=Trust.PLAUSIBLE, source=Source.RELEASE, reason=reason)
    reason = "it is earlier than this release"
    return Judgement(trust=Trust.UNKNOWN, source=Source.NOBODY, reason=reason)


def _named(source: Source) -> str:
    return "the kernel" if source is Source.KERNEL else source.value


class Probe:
    """Asks who keeps the clock. It opens no file and never waits for an answer twice."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._timesyncd = root / TIMESYNCD
        self._chrony = ChronyQuery(root)

    def __call__(self) -> SyncFacts:
        """Gather what timesyncd, the kernel and, where those do not say yes, chrony tell."""
        timesyncd, set_at = self._ask_timesyncd()
        kernel = _ask_kernel()
        if timesyncd or kernel:
            return SyncFacts(timesyncd=timesyncd, kernel=kernel, set_at=set_at)
        said = self._chrony.ask()
        if said is None:
            return SyncFacts(timesyncd=timesyncd, kernel=kernel)
        chrony, set_at = said.is_synchronised, said.set_at
        return SyncFacts(timesyncd=timesyncd, chrony=chrony, kernel=kernel, set_at=set_at)

    def _ask_timesyncd(self) -> tuple[bool | None, float | None]:
        if not self._timesyncd.is_dir():
            return None, None
        with suppress(OSError):
            return True, (self._timesyncd / "synchronized").stat().st_mtime
        return False, None


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
