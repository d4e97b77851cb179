"""The generic device as a state machine: whatever comes in any order, these hold."""

import json

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agent.devices.effects import Answer, Raise, Save, SetLevel, SetRelay
from agent.devices.generic.switching import is_meant_on
from agent.devices.inputs import ClockTold, EditRule, RelayObeyed, Tick, Toggle
from agent.messages import ActionCall, Command, PropertySet
from agent.model import StartCause
from tests.devices.generic import bench as benches
from tests.devices.generic.bench import CLOUD, LOCAL, MONDAY_NOON, Bench, sensor

pytestmark = pytest.mark.unmeasured

SWITCHES = ("A", "B")
DIMMERS = ("D",)
SENSORS = ("S", "P")
NAMES = st.sampled_from([*SWITCHES, *DIMMERS, *SENSORS, "nonsense"])
ANYTHING = st.one_of(st.booleans(), st.integers(-5, 200), st.floats(allow_nan=True), st.text())
POLICIES = st.sampled_from(["off", "on", "restore"])
CONTACTS = st.fixed_dictionaries(
    {
        "on_start": POLICIES,
        "on_stop": st.sampled_from(["off", "keep"]),
        "min_off_s": st.sampled_from([0, 1, 180]),
    }
)
RULES = st.sampled_from(
    [
        {},
        {"hot": "when S > 30: off; set D = 0", "cold": "when S < 10 for 20s: set B = on"},
        {"loop": "when A == on: set B = on", "back": "when B == on: set A = off"},
        {"seen": "when P == on: toggle; event seen"},
    ]
)
SCHEDULES = st.sampled_from([{}, {"a": "on at 12:01", "b": "set D = 50 at 12:02"}])
MOST_KEPT_BYTES = 4000


class GenericMachine(RuleBasedStateMachine):
    """Values, commands, rules, restarts and time, in any order, under any settings."""

    @initialize(
        contacts=st.tuples(CONTACTS, CONTACTS),
        level=st.sampled_from([0, 40, "restore"]),
        accepts=st.booleans(),
        rules=RULES,
        schedules=SCHEDULES,
    )
    def it_is_configured(self, contacts, level, accepts, rules, schedules):
        self.accepts = accepts
        self.bench = Bench(
            benches.settings(
                sensors={
                    "S": sensor(range=[-20, 60], filter="median 3", warm_up="30s"),
                    "P": sensor(value=False),
                },
                switches={
                    name: {"driver": "simulated", **each}
                    for name, each in zip(SWITCHES, contacts, strict=True)
                },
                dimmers={"D": {"driver": "simulated", "on_start": level}},
                accept_stored_on=accepts,
                rules=rules,
                schedules=schedules,
            )
        )

    # ── the world ──

    @rule(value=st.one_of(st.none(), st.floats(-30, 70), st.floats()), name=st.sampled_from("SP"))
    def a_sensor_says(self, value, name):
        self.bench.sense(name, value)

    @rule(is_on=st.booleans())
    def somebody_is_seen(self, is_on):
        self.bench.sense("P", is_on)

    @rule(seconds=st.one_of(st.floats(0, 20), st.sampled_from([30.0, 200.0])))
    def time_passes(self, seconds):
        self.bench.wait(seconds)

    @rule()
    def a_tick_comes_too_often(self):
        self.bench.give(Tick())

    @rule(offset=st.sampled_from([None, MONDAY_NOON - 1000.0]))
    def the_clock_is_told(self, offset):
        self.bench.give(ClockTold(offset=offset, zone="UTC"))

    @rule(name=st.sampled_from(SWITCHES), on=st.booleans())
    def a_contact_obeys_late(self, name, on):
        self.bench.give(RelayObeyed(on=on, output=name))

    # ── people and clouds ──

    def ask(self, request, origin=CLOUD):
        before = self.bench.state
        effects = self.bench.give(Command(origin=origin, request=request))
        (outcome,) = (each.outcome for each in effects if isinstance(each, Answer))
        if outcome.refusal is not None and not getattr(request, "is_live", True):
            if not self.bench.device.settings.rules:
                assert not [each for each in effects if isinstance(each, SetRelay) and each.on]
        elif outcome.refusal is not None:
            assert self.bench.state == before
            assert not [e for e in effects if isinstance(e, SetRelay | SetLevel | Save | Raise)]
        return outcome

    @rule(values=st.dictionaries(NAMES, ANYTHING, max_size=4), is_live=st.booleans())
    def a_cloud_sends_anything(self, values, is_live):
        self.ask(PropertySet(request_id="r", values=values, is_live=is_live))

    @rule(name=st.sampled_from(SWITCHES), on=st.booleans(), is_live=st.booleans())
    def someone_switches(self, name, on, is_live):
        has_rules = bool(self.bench.device.settings.rules)
        was_meant_on = is_meant_on(self.bench.state.switches[name])
        outcome = self.ask(PropertySet(request_id="r", values={name: on}, is_live=is_live))
        if not on and not has_rules:
            assert outcome.refusal is None
            assert self.bench.outputs[name] is False
            assert self.bench.state.switches[name].closing_at is None
        if on and not is_live and not self.accepts and not was_meant_on:
            assert outcome.refusal is not None

    @rule(level=st.integers(0, 100), is_live=st.booleans())
    def someone_dims(self, level, is_live):
        before = self.bench.state.dimmers["D"].level
        outcome = self.ask(PropertySet(request_id="r", values={"D": level}, is_live=is_live))
        if not is_live and not self.accepts and level > before:
            assert outcome.refusal is not None

    @rule()
    def someone_toggles(self):
        self.bench.give(Toggle(origin=LOCAL))

    @rule(name=st.text(max_size=5))
    def someone_calls_an_action(self, name):
        request = ActionCall(request_id="r", name=name, values={})
        assert self.ask(request).refusal is not None

    @rule(text=st.sampled_from(["when S > 20: set A = on", "when A == on: off", "nonsense"]))
    def someone_writes_a_rule(self, text):
        self.bench.give(EditRule(name="extra", origin=LOCAL, text=text))

    # ── the process ──

    @rule(cause=st.sampled_from(list(StartCause)), away_s=st.floats(0, 30))
    def the_process_dies_and_starts_again(self, cause, away_s):
        self.starts(cause, away_s)

    @rule(cause=st.sampled_from(list(StartCause)), away_s=st.floats(0, 30), opens=st.booleans())
    def the_process_stops_and_starts_again(self, cause, away_s, opens):
        before = dict(self.bench.outputs)
        self.bench.stop(opens=opens)
        sections = self.bench.device.settings.switches
        for name in SWITCHES:
            keeps = sections[name].on_stop == "keep" and not opens
            assert self.bench.outputs[name] is (before[name] and keeps)
        self.starts(cause, away_s)

    def starts(self, cause, away_s):
        """Start again; what was restored stands where it stood, or closes later."""
        text = json.dumps(self.bench.saves[-1].saved)
        assert len(text) < MOST_KEPT_BYTES
        kept = json.loads(text)["switches"]
        self.bench.now += away_s
        self.bench.begin(json.loads(text), cause)
        for name, section in self.bench.device.settings.switches.items():
            contact = self.bench.state.switches[name]
            is_meant_on = contact.is_on or contact.closing_at is not None
            wanted = {"off": False, "on": True, "restore": kept[name]["on"]}[section.on_start]
            assert is_meant_on is wanted

    # ── always ──

    @invariant()
    def the_outputs_stand_where_the_state_says(self):
        assert self.bench.outputs == self.bench.device.outputs(self.bench.state)

    @invariant()
    def what_is_kept_is_where_the_outputs_are_meant_to_stand(self):
        kept = self.bench.saves[-1].saved
        for name, contact in self.bench.state.switches.items():
            is_meant_on = contact.is_on or contact.closing_at is not None
            assert kept["switches"][name]["on"] is is_meant_on
        assert kept["dimmers"]["D"] == self.bench.state.dimmers["D"].level

    @invariant()
    def a_contact_that_waits_is_open(self):
        for contact in self.bench.state.switches.values():
            assert not (contact.is_on and contact.closing_at is not None)

    @invariant()
    def every_value_fits_its_field(self):
        for row in self.bench.device.thing.properties:
            value = row.read(self.bench.state, self.bench.now)
            assert value is None or row.field.fault(value) is None

    @invariant()
    def nothing_is_known_before_it_has_warmed_up(self):
        sensor_state = self.bench.state.sensors["S"]
        assert sensor_state.value is None or self.bench.now >= sensor_state.ready_at

    @invariant()
    def the_description_is_json(self):
        json.dumps(self.bench.device.describe(self.bench.state, self.bench.now), allow_nan=False)


TestGenericMachine = GenericMachine.TestCase
TestGenericMachine.settings = settings(
    max_examples=80,
    stateful_step_count=30,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],
)
