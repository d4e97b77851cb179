"""The same machine with rules at work: what held without them holds with them."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from agent.automation.rules.rule import MAX_PER_HOUR
from agent.devices.inputs import ClockTold, EditRule
from tests.devices.socket import bench as benches
from tests.devices.socket.bench import LOCAL
from tests.devices.socket.test_socket_machine import PROTECTIONS, SocketMachine
from tests.devices.socket.watched import Watched

pytestmark = pytest.mark.unmeasured

TEXTS = (
    "when power_switch == off for 5s: on; event closed",
    "when active_power > 50 for 3s after > 20: off; event much",
    "when voltage > 240 rest 1s: set count_down = 10",
    "when active_power < 5 for 2s between 08:00 and 20:00: toggle",
    "when count_down > 0 for 2s rest 5s: set power_switch = on",
)


class RuledMachine(SocketMachine):
    """Rules that close, open, toggle and count down, beside everything else."""

    @initialize(
        protection=PROTECTIONS,
        on_start=st.sampled_from(["off", "restore"]),
        on_stop=st.sampled_from(["off", "keep"]),
        min_off_s=st.sampled_from([0, 1, 180]),
        voltage_from=st.sampled_from(["load", "mains"]),
    )
    def it_is_configured(self, protection, on_start, on_stop, min_off_s, voltage_from):
        relay = {"on_start": on_start, "on_stop": on_stop, "min_off_s": min_off_s}
        rules = {f"r{number}": text for number, text in enumerate(TEXTS)}
        self.sections = {"clouds": ["tencent"], "relay": relay, "rules": rules}
        self.sections |= {"meter": {"voltage_from": voltage_from}}
        self.bench = Watched(benches.settings(protection=protection, **self.sections))
        self.total_mj = 0

    @rule(offset=st.sampled_from([None, 1.8e9, 1.8e9 + 40_000]))
    def the_time_becomes_known_or_unknown(self, offset):
        self.bench.give(ClockTold(offset=offset, zone="Asia/Shanghai"))

    @rule(number=st.integers(0, 5), is_enabled=st.booleans())
    def a_rule_is_turned_on_or_off(self, number, is_enabled):
        self.bench.give(EditRule(name=f"r{number}", origin=LOCAL, is_enabled=is_enabled))

    @rule(number=st.integers(0, 3), text=st.sampled_from(TEXTS), removes=st.booleans())
    def a_rule_is_written_or_removed(self, number, text, removes):
        text = None if removes else text
        event = EditRule(name=f"added-{number}", origin=LOCAL, text=text, removes=removes)
        self.bench.give(event)

    @invariant()
    def no_rule_fires_too_often(self):
        rows = self.bench.state.rules.memory
        assert all(len(each.memory.fired) <= MAX_PER_HOUR for each in rows)


TestRuledMachine = RuledMachine.TestCase
TestRuledMachine.settings = settings(
    max_examples=30,  # the whole socket's machine plays all of this too
    stateful_step_count=30,
    deadline=None,
    report_multiple_bugs=False,
    phases=[phase for phase in Phase if phase is not Phase.explain],
    suppress_health_check=[HealthCheck.too_slow],
)
