"""The socket as a state machine: whatever comes in any order, these hold.

What holds in every single decision is checked by `Watched`.
"""

import json

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agent.devices.effects import Answer, Raise, Save, SetRelay
from agent.devices.inputs import ButtonEdge, LinkChanged, Measured, Toggle
from agent.devices.socket.socket import Socket
from agent.messages import ActionCall, Command, PropertySet
from agent.model import Origin, OriginKind, Register, StartCause
from tests.devices.socket import bench as benches
from tests.devices.socket.bench import CLOUD, FRAME_S, LOCAL, reading
from tests.devices.socket.watched import Watched

pytestmark = pytest.mark.unmeasured

LOADS = st.sampled_from(
    [(0.0, 0.0), (0.26, 60.0), (3.9, 900.0), (6.0, 1380.0), (9.0, 600.0), (20.0, 4600.0)]
)
VOLTS = st.sampled_from([0.0, 180.0, 230.0, 255.0, 380.0])
WIRE_VALUES = st.one_of(
    st.booleans(), st.integers(-5, 100_000), st.floats(allow_nan=True), st.text(max_size=5)
)
NAMES = st.sampled_from(
    ["power_switch", "count_down", "child_lock", "voltage", "total_energy", "nonsense"]
)
SCHEDULE = Origin(kind=OriginKind.AGENT, name="schedule")
BUTTON = Origin(kind=OriginKind.BUTTON, name="button")
ORIGINS = st.sampled_from([CLOUD, CLOUD, LOCAL, BUTTON, SCHEDULE])
POLICIES = st.sampled_from(["off", "on", "restore"])
ANY_POLICY = st.one_of(
    POLICIES, st.fixed_dictionaries({cause.value: POLICIES for cause in StartCause})
)
PROTECTIONS = st.fixed_dictionaries(
    {
        "profile": st.sampled_from(["bands", "reference"]),
        "reset": st.sampled_from(["any", "any", "local"]),
        "accept_stored_on": st.booleans(),
        "meter_lost": st.sampled_from(["open", "keep"]),
    }
)
BUTTONS = st.fixed_dictionaries(
    {
        "click": st.sampled_from(["toggle", "toggle", "on", "off"]),
        "double_click": st.sampled_from(
            ["none", "toggle", "countdown 5s", "set power_switch = true"]
        ),
        "child_lock": st.booleans(),
    }
)
MOST_KEPT_BYTES = 4000


class SocketMachine(RuleBasedStateMachine):
    """Frames, lies, people, clouds, restarts and time, in any order, under any settings."""

    @initialize(
        protection=PROTECTIONS,
        on_start=ANY_POLICY,
        on_stop=st.sampled_from(["off", "keep"]),
        min_off_s=st.sampled_from([0, 1, 180]),
        voltage_from=st.sampled_from(["load", "mains"]),
        button=BUTTONS,
    )
    def it_is_configured(self, protection, on_start, on_stop, min_off_s, voltage_from, button):
        relay = {"on_start": on_start, "on_stop": on_stop, "min_off_s": min_off_s}
        self.sections = {"clouds": ["tencent"], "relay": relay}
        self.sections |= {"meter": {"voltage_from": voltage_from}, "button": button}
        self.bench = Watched(benches.settings(protection=protection, **self.sections))
        self.total_mj = 0

    # ── the world ──

    @rule(load=LOADS, seconds=st.floats(0.1, 6))
    def frames_arrive(self, load, seconds):
        self.bench.run(seconds, *load)

    @rule(volts=VOLTS, seconds=st.floats(0.1, 7))
    def the_voltage_changes(self, volts, seconds):
        self.bench.registers.volts = volts
        self.bench.run(seconds, 0.26, 60.0)

    @rule(load=LOADS, seconds=st.floats(0.1, 4))
    def a_load_flows_whatever_the_contact_is_told(self, load, seconds):
        end = self.bench.now + seconds
        while self.bench.now < end:
            self.bench.tick_until(self.bench.now + FRAME_S)
            frame = self.bench.registers.frame(self.bench.now, *load, FRAME_S)
            self.bench.give(Measured(reading=frame))

    @rule(watts=st.floats(0, 60_000), amps=st.floats(0, 50), raw=st.integers(0, 1 << 24))
    def a_frame_lies(self, watts, amps, raw):
        self.bench.now += FRAME_S
        registers = [Register(raw=raw, value=v, is_updated=True) for v in (230.0, amps, watts)]
        pulses = int(self.bench.registers.pulses)
        self.bench.give(Measured(reading=reading(*registers, pulses)))

    @rule(seconds=st.one_of(st.floats(0, 20), st.sampled_from([10.0, 200.0, 3600.0])))
    def time_passes(self, seconds):
        self.bench.tick_until(self.bench.now + seconds)

    @rule(is_up=st.booleans())
    def the_link_changes(self, is_up):
        self.bench.give(LinkChanged(cloud="tencent", is_up=is_up))

    # ── people and clouds ──

    def ask(self, origin, request):
        """Give a command; check what a refusal and what a stored one must not do."""
        before = self.bench.state
        effects = self.bench.give(Command(origin=origin, request=request))
        (outcome,) = (effect.outcome for effect in effects if isinstance(effect, Answer))
        after = self.bench.state
        if outcome.refusal is not None and not self.switches_off_all_the_same(request):
            assert after == before
            assert not [e for e in effects if isinstance(e, SetRelay | Save | Raise)]
        elif outcome.refusal is not None:
            assert not self.bench.contact
            assert after.closing_at is None
            assert after.trip == before.trip
        if not request.is_live:
            assert before.trip is None or after.trip == before.trip
            closes = after.closing_at is not None and before.closing_at is None
            if not self.bench.device.settings.protection.accept_stored_on:
                assert not closes
                assert before.relay_on or not after.relay_on
        return outcome

    @staticmethod
    def switches_off_all_the_same(request):
        """Tell whether it is a stored command that may be refused for the rest, and still opens."""
        is_set = isinstance(request, PropertySet) and not request.is_live
        return is_set and request.values.get("power_switch") is False

    @rule(on=st.booleans(), origin=ORIGINS, is_live=st.booleans())
    def someone_switches(self, on, origin, is_live):
        request = PropertySet(request_id="r", values={"power_switch": on}, is_live=is_live)
        outcome = self.ask(origin, request)
        if not on:
            assert outcome.refusal is None
            assert not self.bench.contact
            assert self.bench.state.closing_at is None

    @rule(seconds=st.integers(0, 30), origin=ORIGINS, is_live=st.booleans())
    def someone_starts_a_countdown(self, seconds, origin, is_live):
        values = {"count_down": seconds}
        self.ask(origin, PropertySet(request_id="r", values=values, is_live=is_live))

    @rule(values=st.dictionaries(NAMES, WIRE_VALUES, max_size=4), is_live=st.booleans())
    def a_cloud_sends_anything(self, values, is_live):
        self.ask(CLOUD, PropertySet(request_id="r", values=values, is_live=is_live))

    @rule(name=st.sampled_from(["reset_energy", "open_sesame"]), is_live=st.booleans())
    def someone_calls_an_action(self, name, is_live):
        self.ask(CLOUD, ActionCall(request_id="r", name=name, values={}, is_live=is_live))

    @precondition(lambda self: self.bench.contact)
    @rule()
    def an_overload_opens_the_contact(self):
        self.bench.registers.volts = 230.0
        self.bench.run(8, 20.0, 4600.0)
        assert not self.bench.contact

    @precondition(lambda self: self.bench.state.trip is not None)
    @rule(waits_s=st.sampled_from([0.0, 9.9, 10.0, 10.1, 700.0]), is_live=st.booleans())
    def a_cloud_tries_to_reset(self, waits_s, is_live):
        self.bench.tick_until(self.bench.now + waits_s)
        values = {"power_switch": True}
        self.ask(CLOUD, PropertySet(request_id="r", values=values, is_live=is_live))

    @precondition(lambda self: self.bench.state.trip is not None)
    @rule()
    def a_person_resets(self):
        values = {"power_switch": True}
        outcome = self.ask(LOCAL, PropertySet(request_id="r", values=values))
        assert outcome.refusal is None
        assert self.bench.state.trip is None

    @rule(held_s=st.floats(0, 3) | st.sampled_from([0.1, 0.1, 6.0, 12.0, 16.0]))
    def someone_presses(self, held_s):
        self.bench.give(ButtonEdge(is_pressed=True))
        self.bench.tick_until(self.bench.now + held_s)
        self.bench.give(ButtonEdge(is_pressed=False))

    @rule(origin=ORIGINS)
    def someone_toggles(self, origin):
        was_meant_on = self.bench.contact or self.bench.state.closing_at is not None
        self.bench.give(Toggle(origin=origin))
        if was_meant_on:
            assert not self.bench.contact
            assert self.bench.state.closing_at is None

    # ── the process ──

    @rule(protection=PROTECTIONS)
    def the_settings_are_reloaded(self, protection):
        trip = self.bench.state.trip
        config = benches.settings(protection=protection, **self.sections)
        self.bench.device = Socket(settings=config)
        self.bench.tick_until(self.bench.now + 0.01)
        assert trip is None or self.bench.state.trip == trip

    @rule(cause=st.sampled_from(list(StartCause)), down_s=st.floats(0, 30))
    def the_process_dies_and_starts_again(self, cause, down_s):
        self.starts(cause, down_s)

    @rule(cause=st.sampled_from(list(StartCause)), down_s=st.floats(0, 30))
    def the_process_stops_and_starts_again(self, cause, down_s):
        was_on = self.bench.contact
        state, effects = self.bench.device.stop(self.bench.state, self.bench.now)
        assert isinstance(effects[0], SetRelay)
        keeps = self.bench.device.settings.relay.on_stop == "keep"
        assert effects[0].on == (was_on and keeps and state.trip is None)
        self.bench.effects.extend(effects)
        self.starts(cause, down_s)

    def starts(self, cause, down_s):
        saved = [effect.saved for effect in self.bench.effects if isinstance(effect, Save)][-1]
        assert len(json.dumps(saved)) < MOST_KEPT_BYTES
        self.bench.now += down_s
        self.bench.begin(json.loads(json.dumps(saved)), cause)
        self.total_mj = min(self.total_mj, self.bench.state.energy.total_mj)

    # ── always ──

    @invariant()
    def the_energy_never_falls(self):
        assert self.bench.state.energy.total_mj >= self.total_mj
        self.total_mj = self.bench.state.energy.total_mj

    @invariant()
    def nothing_runs_behind_a_trip(self):
        if self.bench.state.trip is not None:
            assert self.bench.state.countdown_at is None

    @invariant()
    def the_light_is_always_a_color(self):
        light = self.bench.device.light(self.bench.state, self.bench.now)
        assert all(0 <= c <= 255 for c in (light.color.red, light.color.green, light.color.blue))
        assert light.until is None or light.until > self.bench.now

    @invariant()
    def what_is_remembered_of_resets_is_bounded(self):
        assert len(self.bench.state.resets) <= 3


TestSocketMachine = SocketMachine.TestCase
TestSocketMachine.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    report_multiple_bugs=False,
    phases=[phase for phase in Phase if phase is not Phase.explain],
    suppress_health_check=[HealthCheck.too_slow],
)
