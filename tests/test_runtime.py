"""One door: the relay before everything, and every effect in its order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from agent.devices.effects import MAIN
from agent.devices.inputs import ButtonEdge, Found, Measured, Toggle
from agent.devices.socket.socket import Socket
from agent.devices.socket.state import State
from agent.errors import DriverError
from agent.loop_clock import LoopClock
from agent.messages import Command, EventReport, PropertyReport, PropertySet
from agent.model import Color, Origin, OriginKind, StartCause
from agent.reporting import Policy
from agent.runtime import Runtime
from agent.timeline import stamp_of
from agent.wiring import Wiring
from tests.devices.socket.bench import FRAME_S, LOCAL, Registers, settings


@dataclass
class Told(LoopClock):
    """A relay, light, clock, store and timer in one: it writes down who was told what, in order."""

    time: float = 1000.0
    fails: bool = False
    history: list[tuple[str, object]] = field(default_factory=list)
    armed: float | None = None
    line: None = None
    on_try: Callable[[], None] | None = None

    def set(self, *, on: bool) -> None:
        if self.on_try is not None:
            self.on_try()
        if self.fails:
            raise DriverError("the line is gone")
        self.history.append(("relay", on))

    def show(self, color: Color) -> None:
        self.history.append(("light", color))

    def keep(self, saved: object) -> None:
        self.history.append(("kept", saved))

    def record(self, row: object) -> None:
        self.history.append(("recorded", row))

    def sink(self, message: object) -> None:
        self.history.append(("cloud", message))

    def now(self) -> float:
        return self.time

    def wall_time(self) -> float | None:
        return 1_800_000_000.0 + self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds

    def arm(self, at: float | None) -> None:
        self.armed = at


def _nothing() -> None:
    """Where nobody provisions or forgets."""


def at_work(
    told: Told,
    provision: Callable[[], None] = _nothing,
    forget: Callable[[], None] = _nothing,
    **changes: Any,
) -> Runtime[State]:
    device = Socket(settings=settings(clouds=["tencent"], **changes))
    wiring = Wiring(
        name="s",
        device=device,
        outputs={MAIN: told},
        indicator=told,
        clock=told,
        policy=Policy(min_interval_s=5, max_interval_s=300, changes={}),
        keep=told.keep,
        record=told.record,
        provision=provision,
        forget=forget,
    )
    state, effects = device.start(Found(saved=None, cause=StartCause.FIRST), told.now())
    runtime = Runtime(wiring, state, told)
    runtime.sinks = {"tencent": told.sink}
    runtime.perform(effects)
    told.time += 2
    return runtime


def switch(runtime: Runtime[State], *, on: bool):
    request = PropertySet(request_id="1", values={"power_switch": on})
    return runtime.execute(Command(origin=LOCAL, request=request))


def test_whoever_watches_is_called_after_all_that_came_of_a_decision():
    told = Told()
    runtime = at_work(told)
    runtime.watchers = {lambda: told.history.append(("watched", runtime.state.relay_on))}
    told.history.clear()
    switch(runtime, on=True)
    what = [name for name, _ in told.history]
    assert what[0] == "relay"
    assert "cloud" in what
    assert told.history[-1] == ("watched", True)
    assert what.count("watched") == 1


def feed(runtime, told, registers, seconds, amps, watts):
    end = told.time + seconds
    while told.time < end and (runtime.state.relay_on or not watts):
        told.time += FRAME_S
        frame = registers.frame(told.time, amps, watts, FRAME_S)
        runtime.dispatch(Measured(reading=frame))


def test_overcurrent_opens_the_relay_before_it_tells_anyone():
    told = Told()
    runtime = at_work(told)
    registers = Registers()
    switch(runtime, on=True)
    feed(runtime, told, registers, 5, 0.26, 60)
    told.history.clear()
    feed(runtime, told, registers, 5, 15.0, 3450.0)
    kinds = [kind for kind, _ in told.history]
    last = len(kinds) - 1 - kinds[::-1].index("relay")
    trip = next(i for i, (_, m) in enumerate(told.history) if isinstance(m, EventReport))
    assert told.history[last] == ("relay", False)
    assert last < trip
    after = kinds[last:]
    assert after[0] == "relay"
    assert "kept" in after
    assert "light" in after


def test_a_switch_is_reported_to_every_cloud_with_its_time():
    told = Told()
    runtime = at_work(told)
    switch(runtime, on=True)
    reports = [m for _, m in told.history if isinstance(m, PropertyReport)]
    assert reports[-1].values["power_switch"] is True
    assert reports[-1].wall_time == told.wall_time()


def test_a_relay_that_fails_is_told_once_and_tried_until_it_obeys():
    told = Told()
    runtime = at_work(told)
    switch(runtime, on=True)
    told.fails = True
    switch(runtime, on=False)
    for _ in range(3):
        told.time += 1
        runtime.wake()
    faults = [m for _, m in told.history if isinstance(m, EventReport)]
    assert [fault.name for fault in faults] == ["hardware_fault"]
    assert runtime.output_errors == {MAIN: "the line is gone"}
    assert told.armed is not None
    assert told.armed <= told.time + 1
    told.fails = False
    told.time += 1
    runtime.wake()
    assert [on for kind, on in told.history if kind == "relay"][-1] is False
    assert runtime.output_errors == {}


def test_a_relay_that_fails_is_tried_each_second_whatever_else_happens():
    told = Told()
    runtime = at_work(told)
    switch(runtime, on=True)
    told.fails = True
    switch(runtime, on=False)
    tried_at = []
    told.on_try = lambda: tried_at.append(told.time)
    registers, begin = Registers(), told.time
    while told.time < begin + 5:
        told.time = round(told.time + 0.105, 6)
        runtime.dispatch(Measured(reading=registers.frame(told.time, 0.0, 0.0, FRAME_S)))
        runtime.wake()
    assert len(tried_at) in (4, 5)
    switch(runtime, on=False)
    assert tried_at[-1] == told.time
    told.fails = False
    told.time += 1
    runtime.wake()
    assert [on for kind, on in told.history if kind == "relay"][-1] is False
    assert runtime.state.changed_at == told.time


def test_the_light_is_shown_before_the_ledger_is_written():
    told = Told()
    runtime = at_work(told)
    told.history.clear()
    switch(runtime, on=True)
    kinds = [kind for kind, _ in told.history if kind in ("relay", "light", "recorded", "kept")]
    assert kinds[:2] == ["relay", "light"]
    assert set(kinds[2:]) == {"recorded", "kept"}


def test_the_timer_is_armed_for_what_is_due_next():
    told = Told()
    runtime = at_work(told)
    runtime.state = runtime.state
    request = PropertySet(request_id="1", values={"count_down": 4})
    runtime.execute(Command(origin=LOCAL, request=request))
    assert told.armed is not None
    assert told.armed <= told.time + 4
    told.time += 4
    runtime.wake()
    assert runtime.state.relay_on


@pytest.mark.parametrize("wall_time", [None, 1_800_001_000.0])
def test_a_full_report_holds_what_is_known_and_the_clock_s_trust(wall_time):
    told = Told()
    runtime = at_work(told)
    told.wall_time = lambda: wall_time
    report = runtime.full_report()
    assert report is not None
    assert report.wall_time == wall_time
    assert "voltage" not in report.values
    assert report.values["power_switch"] is False


@pytest.mark.parametrize("wall_time", [None, 1_800_001_000.0])
def test_an_event_has_its_moment_and_the_clock_s_trust(wall_time):
    told = Told()
    runtime = at_work(told)
    told.wall_time = lambda: wall_time
    told.fails = True
    switch(runtime, on=True)
    (event,) = [message for _, message in told.history if isinstance(message, EventReport)]
    expected = stamp_of(told.time, wall_time)
    assert (event.at, event.wall_time, event.trust) == (told.time, wall_time, expected.trust)


def test_a_bug_that_a_callback_swallows_comes_back_at_the_next_wake():
    told = Told()
    runtime = at_work(told)
    runtime.sinks = {"tencent": lambda _message: 1 / 0}
    with pytest.raises(ZeroDivisionError):
        switch(runtime, on=True)
    assert told.armed is not None
    assert told.armed <= told.time
    with pytest.raises(RuntimeError, match="cut a decision short"):
        runtime.wake()


@pytest.mark.parametrize("values", [{"power_switch": False}, {"power_switch": True, "voltage": 1}])
def test_every_cloud_hears_the_real_value_of_what_was_asked_for_whatever_came_of_it(values):
    told = Told()
    runtime = at_work(told)
    runtime.wake()
    told.history.clear()
    request = PropertySet(request_id="7", values=values)
    origin = Origin(kind=OriginKind.CLOUD, name="tencent")
    outcome = runtime.execute(Command(origin=origin, request=request))
    assert (outcome.refusal is None) is (len(values) == 1)
    (report,) = [message for kind, message in told.history if kind == "cloud"]
    assert report.values == {"power_switch": False}


def test_it_counts_the_commands_of_anybody_and_tells_what_it_knows_of_some_names():
    told = Told()
    runtime = at_work(told)
    switch(runtime, on=True)
    runtime.dispatch(Toggle(origin=LOCAL))
    runtime.dispatch(ButtonEdge(is_pressed=True))
    runtime.wake()
    assert runtime.commands == 3
    assert runtime.values(["power_switch", "voltage", "nothing"]) == {"power_switch": False}
    assert runtime.values(()) == {}


def test_a_hold_is_handed_to_whoever_knows_networks_and_the_past_and_the_relay_goes_first():
    told = Told()
    runtime = at_work(
        told,
        provision=lambda: told.history.append(("provision", None)),
        forget=lambda: told.history.append(("forget", None)),
    )
    for held_s, first in ((6, ["provision"]), (11, ["relay", "forget"])):
        switch(runtime, on=True)
        told.history.clear()
        runtime.dispatch(ButtonEdge(is_pressed=True))
        told.time += held_s
        runtime.dispatch(ButtonEdge(is_pressed=False))
        kinds = [kind for kind, _ in told.history if kind not in {"light", "cloud"}]
        assert kinds[: len(first)] == first
        assert set(kinds[len(first) :]) <= {"recorded", "kept"}


def test_a_closing_that_waits_was_asked_for_and_what_asks_for_nothing_is_where_it_is():
    told = Told()
    runtime = at_work(told, relay={"min_off_s": 100})
    assert (runtime.position("power_switch"), runtime.position("nothing")) == (False, None)
    switch(runtime, on=True)
    assert runtime.values(["power_switch"]) == {"power_switch": False}
    assert runtime.position("power_switch") is True
    assert runtime.position("count_down") == 0
