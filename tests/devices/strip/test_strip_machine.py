"""The strip as a state machine: whatever comes in any order, these hold in every decision."""

import json

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agent.devices.effects import Answer, Save, SetRelay
from agent.devices.inputs import ButtonEdge, RelayObeyed, Tick, Toggle
from agent.messages import Command, PropertySet
from agent.model import Origin, OriginKind, StartCause
from agent.settings.strip import StripSettings
from tests.devices.socket.bench import CLOUD, LOCAL
from tests.devices.strip.bench import StripBench

pytestmark = pytest.mark.unmeasured

NAMES = ("1", "2", "3")
AGENT = Origin(kind=OriginKind.AGENT, name="schedule")
BUTTON = Origin(kind=OriginKind.BUTTON, name="button")
ORIGINS = st.sampled_from([CLOUD, CLOUD, LOCAL, BUTTON, AGENT])
POLICIES = st.sampled_from(["off", "on", "restore"])
OUTLETS = st.fixed_dictionaries(
    {
        "driver": st.just("simulated"),
        "on_start": POLICIES,
        "on_stop": st.sampled_from(["off", "keep"]),
        "min_off_s": st.sampled_from([0, 1, 60]),
    }
)
SWITCHES = ["power_switch", *(f"power_switch_{name}" for name in NAMES), "power_switch_4"]
VALUES = st.dictionaries(
    st.sampled_from([*SWITCHES, *SWITCHES, "count_down", "child_lock", "voltage"]),
    st.one_of(st.booleans(), st.booleans(), st.integers(0, 20)),
    max_size=4,
)
WATTS = st.sampled_from([0.0, 60.0, 600.0, 1200.0, 2000.0])
SAME_BOOT = (StartCause.RESTART, StartCause.CRASH, StartCause.UPDATE)
TINY_S = 1e-6


class Watched(StripBench):
    """Checks every single decision; knows apart from the state when each contact opened."""

    def __init__(self, config: StripSettings) -> None:
        self.opened: dict[str, float] = {}
        super().__init__(config)

    def give(self, event):
        before, were = self.state, dict(self.contacts)
        effects = super().give(event)
        after = self.state
        moves = [effect for effect in effects if isinstance(effect, SetRelay)]
        assert list(effects[: len(moves)]) == moves, "the contacts do not come first"
        assert len({move.output for move in moves}) == len(moves), "a contact driven twice"
        closings = [move.on for move in moves]
        assert closings == sorted(closings), "a contact closes before another opens"
        assert self.device.outputs(after) == self.contacts
        assert after.relay_on is any(self.contacts.values())
        assert not (after.relay_on and after.trip), "closed while tripped"
        assert not (after.closing_at is not None and after.trip), "a closing waits behind a trip"
        assert any(each.is_wanted for each in after.outlets)
        if moves:
            assert any(isinstance(effect, Save) for effect in effects), "moved, and not kept"
        self._check_minimum(were)
        if before.trip is not None and after.trip is None:
            self._check_reset(event)
        if isinstance(event, Tick):
            due = self.device.next_deadline(after, self.now)
            assert due is None or due > self.now, "a deadline that is due stays due"
        return effects

    def _check_minimum(self, were) -> None:
        for name, is_on in self.contacts.items():
            minimum = self.device.settings.by_output[name].min_off_s
            if is_on and not were[name]:
                assert self.now >= self.opened.get(name, -1e9) + minimum - TINY_S
            if were[name] and not is_on:
                self.opened[name] = self.now

    def _check_reset(self, event) -> None:
        if isinstance(event, ButtonEdge | Tick):
            return  # a click, or one that waited
        assert isinstance(event, Command | Toggle), "a trip was reset by no person"
        assert event.origin.kind is not OriginKind.AGENT
        if isinstance(event, Command):
            assert event.request.is_live


class StripMachine(RuleBasedStateMachine):
    """Loads, people, clouds, late contacts, restarts and time, in any order."""

    @initialize(outlets=st.tuples(OUTLETS, OUTLETS, OUTLETS), accepts=st.booleans())
    def it_is_configured(self, outlets, accepts):
        protection = {"accept_stored_on": accepts, "meter_lost": "keep"}
        whole = {"id": "s", "kind": "strip", "outlets": outlets, "protection": protection}
        whole["rules"] = {"follow": "when power_switch_1 == on: set power_switch_3 = on"}
        self.config = StripSettings.model_validate(whole)
        self.bench = Watched(self.config)

    @rule(values=VALUES, origin=ORIGINS, is_live=st.booleans())
    def someone_sets(self, values, origin, is_live):
        bench = self.bench
        before = bench.state
        request = PropertySet(request_id="r", values=values, is_live=is_live)
        effects = bench.give(Command(origin=origin, request=request))
        (outcome,) = (effect.outcome for effect in effects if isinstance(effect, Answer))
        if outcome.refusal is not None:
            assert bench.state == before
            assert not [e for e in effects if isinstance(e, SetRelay | Save)]
            return
        for name in NAMES:
            row = bench.device.thing.property(f"power_switch_{name}")
            asked = values.get(row.field.name)
            assert asked is not True or row.position(bench.state) or before.trip is not None
            follows = name == "3" and bench.contacts["1"]
            assert asked is not False or follows or not bench.contacts[name]
        if values.get("power_switch") is False:
            assert not any(bench.contacts.values())
        if not is_live and not self.config.protection.accept_stored_on:
            came = {n for n, o in zip(NAMES, bench.state.outlets, strict=True) if o.is_on}
            had = {n for n, o in zip(NAMES, before.outlets, strict=True) if o.is_on}
            assert came - had <= {"3"}  # by the rule, which a stored command may set off

    @rule(origin=ORIGINS)
    def someone_toggles(self, origin):
        self.bench.give(Toggle(origin=origin))

    @rule(held_s=st.sampled_from([0.2, 6, 12]))
    def someone_presses(self, held_s):
        self.bench.give(ButtonEdge(is_pressed=True))
        self.bench.tick_until(self.bench.now + held_s)
        self.bench.give(ButtonEdge(is_pressed=False))
        self.bench.tick_until(self.bench.now + 1)

    @rule(watts=st.tuples(WATTS, WATTS, WATTS), seconds=st.floats(0.1, 3))
    def loads_flow(self, watts, seconds):
        self.bench.run(seconds, dict(zip(NAMES, watts, strict=True)))

    @rule(seconds=st.sampled_from([0.5, 5.0, 61.0, 3600.0]))
    def time_passes(self, seconds):
        self.bench.tick_until(self.bench.now + seconds)

    @rule(output=st.sampled_from([*NAMES, "", "9"]), on=st.booleans())
    def a_contact_obeys_late(self, output, on):
        self.bench.give(RelayObeyed(on=on, output=output))

    @rule(
        cause=st.sampled_from(list(StartCause)),
        is_clean=st.booleans(),
        opens=st.booleans(),
        away_s=st.sampled_from([0.1, 5.0, 100.0]),
        is_held=st.booleans(),
    )
    def it_starts_anew(self, cause, is_clean, opens, away_s, is_held):
        bench = self.bench
        wanted = bench.state.is_meant_on and bench.state.outlets
        restores = {each.name for each in wanted or () if each.is_wanted}
        trip, total_mj = bench.state.trip, bench.state.energy.total_mj
        if is_clean:
            bench.stop(opens=opens)
            kept = {n for n, each in self.config.by_output.items() if each.on_stop == "keep"}
            assert bench.closed <= (set() if opens else kept)
        saved = json.loads(json.dumps(bench.saved))
        held = dict(bench.contacts) if is_held else {}
        bench.now = bench.now + away_s if cause in SAME_BOOT else 5000.0
        bench.opened = {}
        bench.begin(saved, cause, held=held)
        assert bench.device.outputs(bench.state) == bench.contacts
        assert (bench.state.trip is None) is (trip is None)
        assert bench.state.energy.total_mj <= total_mj
        for name in bench.closed:
            policy = self.config.by_output[name].on_start
            follows = name == "3" and "1" in bench.closed
            assert policy == "on" or (policy == "restore" and name in restores) or follows
        assert not (trip and bench.closed)

    @invariant()
    def what_is_kept_can_be_written(self):
        if hasattr(self, "bench"):
            assert len(json.dumps(self.bench.saved)) < 4000


TestStripMachine = StripMachine.TestCase
TestStripMachine.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    report_multiple_bugs=False,
    phases=[phase for phase in Phase if phase is not Phase.explain],
    suppress_health_check=[HealthCheck.too_slow],
)
