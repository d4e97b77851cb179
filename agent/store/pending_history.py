"""What of the history waits to be written."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agent.history.minutes import Minute, restamped
from agent.model import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How a device's history is kept: by the periods of a zone, and so many of each level."""

    zone: str
    minutes: int
    hours: int = 400 * 24
    days: int = 3_660
    months: int = 1_200


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteRow:
    """A minute of a device, lived in the boot *boot_id*."""

    device_id: str
    boot_id: str
    minute: Minute

    def mended(self, boot_id: str, offset: float, trust: Trust) -> "MinuteRow":
        """Stamp it anew where that holds for it; what is close stays where it is."""
        if boot_id != self.boot_id:
            return self
        stamp = restamped(self.minute.stamp, offset, trust)
        return replace(self, minute=replace(self.minute, stamp=stamp))


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryChanges:
    """What one commit writes: it forgets whole devices first, and makes what is over by *now*."""

    forgotten: Collection[str] = ()
    minutes: Sequence[MinuteRow] = ()
    kept: Mapping[str, Keep] = field(default_factory=dict[str, Keep])
    now: float | None = None

    def __bool__(self) -> bool:
        return bool(self.forgotten or self.minutes or self.kept)


@dataclass(slots=True, kw_only=True)
class PendingHistory:
    """The next commit's share of the history; whoever adds bounds how much of it there is."""

    forgotten: dict[str, None] = field(default_factory=dict[str, None])
    minutes: deque[MinuteRow] = field(default_factory=deque[MinuteRow])
    kept: dict[str, Keep] = field(default_factory=dict[str, Keep])
    now: float | None = None

    def __bool__(self) -> bool:
        return bool(self.forgotten or self.minutes or self.kept)

    def add(self, rows: Collection[MinuteRow], kept: Mapping[str, Keep], now: float | None) -> None:
        """Have minutes written, and made into what is over by *now*."""
        self.minutes.extend(rows)
        self.kept.update(kept)
        self.now = now

    def forget(self, device_id: str) -> None:
        """Have everything of a device forgotten that was written or waits."""
        self.minutes = deque(each for each in self.minutes if each.device_id != device_id)
        self.forgotten[device_id] = None

    def mend(self, boot_id: str, offset: float, trust: Trust) -> None:
        """Stamp anew what waits."""
        self.minutes = deque(each.mended(boot_id, offset, trust) for each in self.minutes)

    def changes(self) -> HistoryChanges:
        """Write it down."""
        return HistoryChanges(
            forgotten=tuple(self.forgotten),
            minutes=tuple(self.minutes),
            kept=dict(self.kept),
            now=self.now,
        )

    def put_back(self, older: "PendingHistory") -> None:
        """Take in what could not be written, under what has come since."""
        stay = [each for each in older.minutes if each.device_id not in self.forgotten]
        self.minutes.extendleft(reversed(stay))
        self.forgotten = {**older.forgotten, **self.forgotten}
        self.kept = {**older.kept, **self.kept}
        self.now = older.now if self.now is None else self.now
