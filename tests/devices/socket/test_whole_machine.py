"""The whole socket: schedules, rules, countdowns and gestures at once, and what must hold then.

Each fires once; nothing fires on a trip; the minimum off time holds (`Watched` checks that).
"""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from agent.devices.effects import Raise, Record, SetRelay
from agent.devices.inputs import ButtonEdge, ClockTold, EditSchedule, Identify
from agent.model import OriginKind
from tests.devices.socket import bench as benches
from tests.devices.socket.bench import LOCAL
from tests.devices.socket.planned import unix
from tests.devices.socket.test_rules_machine import TEXTS, RuledMachine
from tests.devices.socket.test_socket_machine import PROTECTIONS
from tests.devices.socket.watched import Watched

pytestmark = pytest.mark.unmeasured

ZONE = "Europe/Berlin"
MORNING = unix("2026-03-29T01:58", ZONE)
"""Two minutes before an hour of the local day is left out."""

SCHEDULES = {
    "wake": "on at 02:00",
    "gap": "off at 02:30",
    "again": "toggle cron */1 * * * *",
    "pulse": "cycle 1m/2m 01:00-04:00",
    "once": "on at 2026-03-29 03:05 missed run",
    "late": "set count_down = 20 cron */2 * * * *",
    "tell": "event morning at 03:01 random 1m",
}
AUTOMATIC = ("schedule", "rule", "countdown")


class WholeWatched(Watched):
    """Knows what moved the contact by itself, and which run was carried out when."""

    def __init__(self, config):
        self.runs = []
        super().__init__(config)

    def give(self, event):
        before = self.state
        effects = super().give(event)
        rows = [effect for effect in effects if isinstance(effect, Record)]
        self._check_moves(before, rows, effects)
        self.runs += [
            (row.details["schedule"], row.details["at"])
            for row in rows
            if row.topic == "schedule" and row.name in ("ran", "skipped", "refused")
        ]
        return effects

    def _check_moves(self, before, rows, effects):
        moves = [row for row in rows if row.topic == "relay"]
        assert len(moves) <= 1, "one decision moved the contact twice"
        for row in moves:
            is_automatic = row.details.get("why") in AUTOMATIC
            if before.trip is not None:
                assert not is_automatic, "something fired on a trip"
            if is_automatic and row.name == "on":
                assert self.state.trip is None
        if before.trip is not None and self.state.trip is not None:
            assert not [e for e in effects if isinstance(e, SetRelay) and e.on]
            fired = [row for row in rows if row.topic == "rule" and row.name == "fired"]
            assert not fired, "a rule fired on a trip"


class WholeMachine(RuledMachine):
    """Whatever a socket can do by itself, while anybody does anything."""

    @initialize(
        protection=PROTECTIONS,
        on_start=st.sampled_from(["off", "restore"]),
        min_off_s=st.sampled_from([0, 1, 30]),
        double_click=st.sampled_from(["none", "countdown 30s", "off", "event rang"]),
        child_lock=st.booleans(),
    )
    def it_is_configured(self, protection, on_start, min_off_s, double_click, child_lock):
        relay = {"on_start": on_start, "on_stop": "keep", "min_off_s": min_off_s}
        self.sections = {
            "clouds": ["tencent"],
            "relay": relay,
            "rules": {f"r{number}": text for number, text in enumerate(TEXTS)},
            "schedules": SCHEDULES,
            "button": {"double_click": double_click, "child_lock": child_lock},
        }
        self.bench = WholeWatched(benches.settings(protection=protection, **self.sections))
        self.total_mj = 0
        self.offset = self.furthest = MORNING - self.bench.now
        self.bench.give(ClockTold(offset=self.offset, zone=ZONE))

    @rule(by_s=st.sampled_from([None, 0.0, 3.0, -3.0, 90.0, -3000.0]))
    def the_clock_is_set_or_not_known(self, by_s):
        if by_s is None:
            self.bench.give(ClockTold(offset=None, zone=ZONE))
            return
        # Steps back that add up to more than two hours say that the time before was wrong.
        self.offset = max(self.offset + by_s, self.furthest - 6000)
        self.furthest = max(self.furthest, self.offset)
        self.bench.give(ClockTold(offset=self.offset, zone=ZONE))

    @rule(offset=st.none())
    def the_time_becomes_known_or_unknown(self, offset):
        self.bench.give(ClockTold(offset=offset, zone=ZONE))

    @rule(minutes=st.integers(1, 5))
    def minutes_pass(self, minutes):
        self.bench.tick_until(self.bench.now + 60 * minutes)

    @rule(
        name=st.sampled_from([*SCHEDULES, "new"]),
        text=st.sampled_from([None, "on at 03:10", "off cron */3 * * * *"]),
        is_enabled=st.sampled_from([None, True, False]),
        removes=st.booleans(),
    )
    def a_schedule_is_edited(self, name, text, is_enabled, removes):
        self.bench.give(
            EditSchedule(
                name=name,
                origin=LOCAL,
                text=None if removes else text,
                is_enabled=is_enabled,
                removes=removes,
            )
        )

    @rule(held_s=st.sampled_from([0.1, 0.2, 4.9, 5.0, 9.9, 10.0, 14.9, 15.0]))
    def someone_holds_the_button(self, held_s):
        self.bench.give(ButtonEdge(is_pressed=True))
        self.bench.tick_until(self.bench.now + held_s)
        self.bench.give(ButtonEdge(is_pressed=False))

    @rule()
    def someone_clicks_twice(self):
        for _ in range(2):
            self.bench.give(ButtonEdge(is_pressed=True))
            self.bench.tick_until(self.bench.now + 0.08)
            self.bench.give(ButtonEdge(is_pressed=False))
            self.bench.tick_until(self.bench.now + 0.08)

    @rule(locked=st.booleans(), is_cloud=st.booleans())
    def someone_sets_the_child_lock(self, locked, is_cloud):
        origin = self.origin_of(is_cloud=is_cloud)
        self.ask(origin, self.request(child_lock=locked))

    @rule(seconds=st.sampled_from([0.0, 2.0]))
    def someone_looks_for_it(self, seconds):
        self.bench.give(Identify(seconds=seconds, origin=LOCAL))

    def origin_of(self, *, is_cloud):
        return benches.CLOUD if is_cloud else LOCAL

    def request(self, **values):
        return benches.PropertySet(request_id="r", values=values)

    @invariant()
    def each_run_takes_place_once(self):
        assert len(self.bench.runs) == len(set(self.bench.runs))

    @invariant()
    def nobody_but_a_person_resets_the_energy_shown(self):
        rows = [e for e in self.bench.effects if isinstance(e, Record) and e.topic == "energy"]
        resets = [row for row in rows if row.name == "factory_reset"]
        assert all(row.details["by"] == OriginKind.BUTTON.value for row in resets)

    @invariant()
    def an_event_of_a_schedule_is_raised_once(self):
        told = [e for e in self.bench.effects if isinstance(e, Raise) and e.event == "notice"]
        names = [e.values["name"] for e in told]
        assert names.count("morning") <= 1


TestWholeMachine = WholeMachine.TestCase
TestWholeMachine.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    report_multiple_bugs=False,
    phases=[phase for phase in Phase if phase is not Phase.explain],
    suppress_health_check=[HealthCheck.too_slow],
)
