"""A wall clock that jumps moves nothing that is counted in seconds."""

from collections.abc import Sequence
from functools import cache

import pytest

from agent import BUILD_TIME
from agent.clock import SystemClock
from agent.devices.effects import MAIN
from agent.devices.inputs import Found, Measured
from agent.devices.socket.socket import Socket
from agent.keepers import SyncFacts
from agent.messages import Command, PropertyReport, PropertySet
from agent.model import Origin, OriginKind, StartCause, Trust
from agent.reporting import Policy
from agent.runtime import Runtime
from agent.wiring import Wiring
from tests.devices.socket.bench import FRAME_S, Registers, settings

BEGIN = 1000.0
NOW = BUILD_TIME + 86_400.0
IDLE_S = 2.5
"""Frames may come so seldom while nothing happens."""
CLOUD = Origin(kind=OriginKind.CLOUD, name="tencent")


class House:
    """A socket at work, its contact and what it reports, under a wall clock that is set."""

    def __init__(self, jumps: Sequence[tuple[float, float]] = ()) -> None:
        self.at, self.wall = BEGIN, NOW
        self.jumps = list(jumps)
        self.moves: list[tuple[float, bool]] = []
        self.reports: list[PropertyReport] = []
        self.registers = Registers()
        self.amps = 0.0
        self.clock = SystemClock(
            probe=SyncFacts,
            wall=lambda: self.wall,
            monotonic=lambda: self.at,
            boot=lambda: self.at,
        )
        device = Socket(settings=settings(clouds=["tencent"], relay={"min_off_s": 30}))
        wiring = Wiring(
            name="s",
            device=device,
            outputs={MAIN: self},
            indicator=None,
            clock=self.clock,
            policy=Policy(min_interval_s=5, max_interval_s=300, changes={}),
            keep=lambda _: None,
            record=lambda _: None,
        )
        state, effects = device.start(Found(saved=None, cause=StartCause.FIRST), self.at)
        self.runtime = Runtime(wiring, state, self)
        self.runtime.sinks = {"tencent": self.reports.append}
        self.runtime.perform(effects)

    line = descriptor = None

    def arm(self, at: float | None) -> None:
        """Let every step wake the runtime."""

    def set(self, *, on: bool) -> None:
        if not self.moves or self.moves[-1][1] is not on:
            self.moves.append((round(self.at - BEGIN, 1), on))

    def pass_(self, seconds: float, step_s: float = FRAME_S) -> "House":
        end = self.at + seconds
        while self.at < end:
            self.at += step_s
            self.wall += step_s
            if self.jumps and self.at - BEGIN >= self.jumps[0][0]:
                self.wall = self.jumps.pop(0)[1]
            is_on = self.runtime.state.relay_on
            amps = self.amps if is_on else 0.0
            self.registers.volts = 230.0 if is_on else 0.0
            frame = self.registers.frame(self.at, amps, 230 * amps, step_s)
            self.runtime.dispatch(Measured(reading=frame))
            self.runtime.wake()
        return self

    def ask(self, **values: object) -> bool:
        request = PropertySet(request_id="", values=values)
        return self.runtime.execute(Command(origin=CLOUD, request=request)).refusal is None


def a_busy_hour(house: House) -> list[bool]:
    """Count down, wait for min_off_s, trip, and reset a trip more often than an hour allows."""
    house.pass_(40)
    house.ask(power_switch=True)
    house.ask(count_down=60)
    house.pass_(62)
    house.ask(power_switch=True)
    house.pass_(40)
    answers = []
    for _ in range(4):
        house.amps = 8.5
        house.pass_(6)
        house.amps = 0.0
        house.pass_(32, IDLE_S)
        answers.append(house.ask(power_switch=True))
        house.pass_(2)
    house.pass_(3600, IDLE_S)
    answers.append(house.ask(power_switch=True))
    return answers


@cache
def steady_moves() -> Sequence[tuple[float, bool]]:
    """What the contact does under a clock that nobody sets."""
    house = House()
    a_busy_hour(house)
    return tuple(house.moves)


JUMPS = {
    "forward, and back": [(60.0, NOW + 8 * 3600), (130.0, NOW - 3600)],
    "to 1970": [(60.0, 0.0)],
    "from 1970, to 2038": [(0.0, 0.0), (70.0, 2.0**31 - 30), (180.0, 0.0)],
}


@pytest.mark.parametrize("name", list(JUMPS))
def test_what_is_counted_in_seconds_does_not_feel_a_clock_that_is_set(name: str):
    house = House(JUMPS[name])
    assert a_busy_hour(house) == [True, True, True, False, True]
    assert not house.jumps
    assert tuple(house.moves) == steady_moves()
    (_, _), (on, _), (off, _), (on_again, _) = house.moves[:4]
    assert off - on == pytest.approx(60, abs=FRAME_S)
    assert on_again - off == pytest.approx(30, abs=FRAME_S)


def test_reports_and_the_moment_they_tell_of():
    house = House([(20.0, 0.0)]).pass_(10)
    report = house.reports[-1]
    assert (report.trust, report.is_change) == (Trust.PLAUSIBLE, False)
    assert report.wall_time == pytest.approx(NOW + 10, abs=6)
    assert report.at == pytest.approx(report.wall_time - NOW + BEGIN)
    house.pass_(20).ask(power_switch=True)
    report = house.reports[-1]
    assert (report.at, report.wall_time) == (house.at, None)
    assert (report.trust, report.is_change) == (Trust.UNKNOWN, True)
    full = house.runtime.full_report()
    assert full is not None
    assert full.is_change
    assert full.at == house.at
