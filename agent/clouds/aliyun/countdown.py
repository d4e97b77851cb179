"""The countdown: seconds in the thing, a struct on the wire."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from agent.clouds.aliyun.names import COUNT_DOWN, COUNT_DOWN_PARTS
from agent.clouds.names import Names, from_wire
from agent.clouds.payload import Body
from agent.messages import Refusal, RefusalKind
from agent.thing import Kind

LONGEST_S: Final = 86_399
"""The most that the standard model's TimeLeft holds."""


class Countdown(NamedTuple):
    """A countdown that somebody asks for: 0 stops it; `ends_in` says where it shall end."""

    seconds: int
    ends_in: bool | None = None


class CountdownForm:
    """The struct, by the identifiers of its members."""

    def __init__(self, names: Names) -> None:
        self._id = names.wire_id(COUNT_DOWN)
        self._running, self._left, self._switch, self._stamp = (
            names.wire_id(part) for part in COUNT_DOWN_PARTS
        )

    def write(
        self, seconds: int, *, ends_in: bool | None, wall_time: float | None
    ) -> Mapping[str, int | float | str]:
        """Write a countdown and where it ends; leave out what is unknown."""
        stamp = {} if wall_time is None else {self._stamp: str(int(wall_time * 1000))}
        target = {} if ends_in is None else {self._switch: int(ends_in)}
        running = {self._running: int(seconds > 0), self._left: min(seconds, LONGEST_S)}
        return {**running, **target, **stamp}

    def read(self, members: Body) -> Countdown | Refusal:
        """Read a countdown; one that does not run is stopped, whatever else it says."""
        known = (self._running, self._left, self._switch, self._stamp)
        for wire_id in members:
            if wire_id not in known:
                reason = f"{self._id} has {', '.join(known)}, and nothing called {wire_id:.80}"
                return Refusal(kind=RefusalKind.UNKNOWN_NAME, reason=reason)
        is_running = from_wire(members.get(self._running), Kind.BOOL)
        if not isinstance(is_running, bool):
            return self._wrong(self._running, "0 or 1")
        return self._running_one(members) if is_running else Countdown(0)

    def _running_one(self, members: Body) -> Countdown | Refusal:
        left = from_wire(members.get(self._left), Kind.INT)
        if isinstance(left, bool) or not isinstance(left, int):
            return self._wrong(self._left, "a whole number of seconds")
        if left < 1:
            reason = f"{self._id}.{self._left} is at least 1 while {self._running} is 1"
            return Refusal(kind=RefusalKind.OUT_OF_RANGE, reason=reason)
        ends_in = from_wire(members.get(self._switch), Kind.BOOL)
        if self._switch in members and not isinstance(ends_in, bool):
            return self._wrong(self._switch, "0 or 1")
        return Countdown(left, ends_in if isinstance(ends_in, bool) else None)

    def wrong_shape(self) -> Refusal:
        """Refuse what is no struct."""
        shape = f"an object with {self._running}, {self._left} and {self._switch}"
        return Refusal(kind=RefusalKind.WRONG_TYPE, reason=f"{self._id} takes {shape}")

    def _wrong(self, member: str, allowed: str) -> Refusal:
        reason = f"{self._id}.{member} takes {allowed}"
        return Refusal(kind=RefusalKind.WRONG_TYPE, reason=reason)
