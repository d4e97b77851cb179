"""The parts of a device during a replay: they answer what they answered when it was recorded."""

import json
from collections.abc import Iterator, Sequence
from typing import cast

from agent.errors import DriverError
from agent.model import Color, Stamp
from agent.recording.lines import Moment
from agent.timeline import carried, stamp_of


class Script:
    """A relay, a light, a clock and a timer in one, set to one recorded turn after the other."""

    line: None = None
    descriptor: None = None

    def __init__(self, at: float) -> None:
        self._moment = Moment(at=at)
        self._relay: Iterator[str | None] = iter(())
        self._light: Iterator[str | None] = iter(())

    def begin(self, moment: Moment, came: Sequence[str]) -> None:
        """Be as in this turn: the clock stands at *moment*, the parts refuse what they refused."""
        bodies = [cast("dict[str, object]", json.loads(row)) for row in came]
        self._moment = moment
        self._relay = iter([_error(body) for body in bodies if "relay" in body])
        self._light = iter([_error(body) for body in bodies if "light" in body])

    # ── relay and light ─────────────────────────────────────────────────────────────────────

    def set(self, *, on: bool) -> None:
        """Drive nothing."""
        del on
        _answer(self._relay)

    def show(self, color: Color) -> None:
        """Show nothing."""
        del color
        _answer(self._light)

    # ── clock and timer ─────────────────────────────────────────────────────────────────────

    def now(self) -> float:
        """Tell the turn's time."""
        return self._moment.at

    def stamp(self) -> Stamp:
        """Tell what was said in this turn; where nobody had asked, a time that nobody knows."""
        stamp = self._moment.stamp
        return stamp_of(self._moment.at, None) if stamp is None else stamp

    def wall_time(self) -> float | None:
        """Tell what the wall clock said in this turn."""
        return self.stamp().wall_time

    def since_boot(self) -> float:
        """Tell the seconds since boot in this turn."""
        return self.stamp().at

    def wall_time_at(self, at: float) -> float | None:
        """Tell the wall clock's time of the moment *at*."""
        return carried(self.stamp(), at)

    def learn(self, wall_time: float) -> None:
        """Take nobody's word: what the clock said is recorded."""

    def tls_is_possible(self) -> bool:
        """Tell that it is: nothing connects."""
        return True

    async def sleep(self, seconds: float) -> None:
        """Do not wait."""

    def arm(self, at: float | None) -> None:
        """Call nobody back: the recording says when the device was woken."""


def _error(body: dict[str, object]) -> str | None:
    error = body.get("error")
    return None if error is None else str(error)


def _answer(errors: Iterator[str | None]) -> None:
    error = next(errors, None)
    if error is not None:
        raise DriverError(error)
