"""The countdown in its other form on the wire: a list of countdowns, written into one text."""

import re
from collections.abc import Mapping
from typing import Final

from agent.clouds.aliyun.countdown import LONGEST_S, Countdown
from agent.clouds.aliyun.names import COUNT_DOWN_LIST, COUNT_DOWN_LIST_PARTS
from agent.clouds.names import Names, from_wire
from agent.clouds.payload import Body
from agent.messages import Refusal, RefusalKind
from agent.thing import Kind

LONGEST_TEXT: Final = 2048
MOST_ENTRIES: Final = 32
_ENTRY: Final = re.compile(
    r"(?P<name>\w{1,64})-(?P<on>[01])-(?P<runs>[01])-(?P<left>\d{1,6})(-\d{0,16})?", re.ASCII
)
_FORM: Final = "'SWITCH-ENDS_IN-RUNS-SECONDS-MS', separated by commas"


class CountdownListForm:
    """The struct, by the identifiers of its members and of the switch."""

    def __init__(self, names: Names, switch: str) -> None:
        self.wire_id = names.wire_id(COUNT_DOWN_LIST)
        self._target, self._contents = (names.wire_id(part) for part in COUNT_DOWN_LIST_PARTS)
        self._switch = names.wire_id(switch)

    def write(
        self, seconds: int, *, ends_in: bool | None, wall_time: float | None
    ) -> Mapping[str, str] | None:
        """Write a countdown, or that there is none; None where its end is not known."""
        if seconds and ends_in is None:
            return None
        stamp = "" if wall_time is None else f"-{int(wall_time * 1000)}"
        entry = f"{self._switch}-{int(bool(ends_in))}-1-{min(seconds, LONGEST_S)}{stamp}"
        return {self._target: self._switch, self._contents: entry if seconds else ""}

    def read(self, members: Body) -> Countdown | Refusal:
        """Read the countdown of our switch; one that is not in the list, or does not run, stops."""
        for wire_id, value in members.items():
            is_ours = wire_id in (self._target, self._contents)
            if not is_ours and not isinstance(from_wire(value, Kind.BOOL), bool):
                reason = f"{self.wire_id} has {self._target}, {self._contents} and switches"
                reason = f"{reason}, and nothing called {wire_id:.80}"
                return Refusal(kind=RefusalKind.UNKNOWN_NAME, reason=reason)
        if members.get(self._target, self._switch) != self._switch:
            reason = f"{self.wire_id}.{self._target} is {self._switch}, the only switch here"
            return Refusal(kind=RefusalKind.OUT_OF_RANGE, reason=reason)
        contents = members.get(self._contents)
        if not isinstance(contents, str) or len(contents) > LONGEST_TEXT:
            return self._wrong()
        return self._in_list(contents.strip())

    def _in_list(self, contents: str) -> Countdown | Refusal:
        if not contents:
            return Countdown(0)
        entries = [_ENTRY.fullmatch(each.strip()) for each in contents.split(",", MOST_ENTRIES)]
        known = [entry for entry in entries if entry is not None]
        ours = [entry for entry in known if entry["name"] == self._switch]
        if len(known) < len(entries) or len(ours) > 1:
            return self._wrong()
        if not ours or ours[0]["runs"] == "0":
            return Countdown(0)
        left = int(ours[0]["left"])
        if left < 1:
            reason = f"a countdown that runs in {self.wire_id}.{self._contents} has at least 1 s"
            return Refusal(kind=RefusalKind.OUT_OF_RANGE, reason=reason)
        return Countdown(left, ours[0]["on"] == "1")

    def wrong_shape(self) -> Refusal:
        """Refuse what is no struct."""
        shape = f"an object with {self._target} and {self._contents}"
        return Refusal(kind=RefusalKind.WRONG_TYPE, reason=f"{self.wire_id} takes {shape}")

    def _wrong(self) -> Refusal:
        reason = f"{self.wire_id}.{self._contents} takes {_FORM}, one for each switch"
        return Refusal(kind=RefusalKind.WRONG_TYPE, reason=reason)
