"""What the history knows of one device between two looks."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agent.history.minutes import Gathering, Minute
from agent.history.stats import Used, ends, merged


@dataclass(slots=True, kw_only=True)
class Watched:
    """One device: its minute that goes on, those that wait, and where its counts stood last."""

    ends: Mapping[str, int] | None = field(default_factory=dict[str, int])
    """None: the disk has not said yet."""
    begun: Mapping[str, int] = field(default_factory=dict[str, int])
    """Where the counts stood when the first minute began."""
    gathering: Gathering | None = None
    over: deque[Minute] = field(default_factory=deque[Minute])
    is_losing: bool = False

    def close(self) -> None:
        """End the minute that goes on: what comes next is counted from where it ends."""
        if self.gathering is not None:
            minute, self.gathering = self.gathering.minute, None
            self.over.append(minute)
            self.ends = {**(self.ends or {}), **ends(minute.stats)}

    def learn(self, ends: Mapping[str, int]) -> None:
        """Take in late where the counts stood: the oldest minute has what was used since."""
        self.ends = ends
        late = {
            name: Used(known_s=0.0, count=max(0, begun - ends.get(name, begun)), end=begun)
            for name, begun in self.begun.items()
        }
        if self.over:
            oldest = self.over.popleft()
            self.over.appendleft(replace(oldest, stats=merged(late, oldest.stats)))
        elif self.gathering is not None:
            minute = self.gathering.minute
            minute = replace(minute, stats=merged(late, minute.stats))
            self.gathering = replace(self.gathering, minute=minute)
