"""The lines of a recording, as values."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.devices.effects import SetLevel, SetRelay
from agent.devices.socket.state import State
from agent.drivers.hlw8032.hearing import Hearing
from agent.model import Color, Stamp
from agent.recording.turns import Turn
from agent.reporting import Reported

FORM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a runtime remembers beside the device's state."""

    reported: Reported
    shown: Color | None
    light_until: float | None
    decide_at: float | None
    stuck: SetRelay | SetLevel | None
    retry_at: float
    commands: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What was recorded, and how everything stood when it began at `at` (monotonic seconds).

    `made` is the wall clock's time in Unix seconds, whether it `is_trusted` or not. `settings`
    are the device's own, of no cloud, and `settings_hash` sums them up. `hearing`: how far the
    meter's bytes were understood; None where its driver does not tell its bytes.
    """

    form: int = FORM
    agent: str
    device: str
    kind: str
    made: float
    is_trusted: bool
    at: float
    settings: Mapping[str, object]
    settings_hash: str
    clouds: tuple[str, ...]
    state: State
    standing: Standing
    hearing: Hearing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The clock during one turn: what it said where it was asked."""

    at: float
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """Bytes of the meter as its driver got them; None: the port was opened."""

    at: float
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One turn, and the lines of what came of it, each as it is written."""

    moment: Moment
    turn: Turn
    number: int
    came: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Why the recording ends; `state` sums up the device's, where it is that of the last turn.

    `at` is None where the agent could not be asked any more.
    """

    at: float | None
    why: str
    state: str | None = None


Line = Serial | Taken | End


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A whole file. Without an `end` it was cut: what came of the last turn may be missing."""

    header: Header
    lines: tuple[Line, ...]

    @property
    def end(self) -> End | None:
        """The last line, where the file has one."""
        last = self.lines[-1] if self.lines else None
        return last if isinstance(last, End) else None
