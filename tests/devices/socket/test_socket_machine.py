"""The socket as a state machine: whatever comes in any order, these hold."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from agent.devices.inputs import ButtonEdge, LinkChanged, Measured, Toggle
from agent.model import Register, StartCause
from tests.devices.socket import bench as benches
from tests.devices.socket.bench import CLOUD, FRAME_S, LOCAL, Bench, reading

LOADS = st.sampled_from([(0.0, 0.0), (0.26, 60.0), (3.9, 900.0), (6.0, 1380.0), (20.0, 4600.0)])
WIRE_VALUES = st.one_of(
    st.booleans(), st.integers(-5, 100_000), st.floats(allow_nan=True), st.text(max_size=5)
)
NAMES = st.sampled_from(["power_switch", "count_down", "voltage", "total_energy", "nonsense"])


class SocketMachine(RuleBasedStateMachine):
    """Frames, lies, people, clouds, restarts and time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench(benches.settings(clouds=["tencent"], relay={"on_start": "restore"}))
        self.total_mj = 0

    @rule(load=LOADS, seconds=st.floats(0.1, 4))
    def frames_arrive(self, load, seconds):
        self.bench.run(seconds, *load)

    @rule(watts=st.floats(0, 60_000), amps=st.floats(0, 50), raw=st.integers(0, 1 << 24))
    def a_frame_lies(self, watts, amps, raw):
        self.bench.now += FRAME_S
        registers = [Register(raw=raw, value=v, is_updated=True) for v in (230.0, amps, watts)]
        pulses = int(self.bench.registers.pulses)
        self.bench.give(Measured(reading=reading(*registers, pulses)))

    @rule(seconds=st.floats(0, 20))
    def time_passes(self, seconds):
        self.bench.tick_until(self.bench.now + seconds)

    @rule(on=st.booleans(), origin=st.sampled_from([CLOUD, LOCAL]), is_live=st.booleans())
    def someone_switches(self, on, origin, is_live):
        before = self.bench.state
        outcome = self.bench.command(origin, is_live=is_live, power_switch=on)
        if outcome.refusal is not None:
            assert self.bench.state == before
        if not on:
            assert not self.bench.contact
        if before.trip is not None and origin is CLOUD and not is_live:
            assert self.bench.state.trip == before.trip

    @rule(values=st.dictionaries(NAMES, WIRE_VALUES, max_size=4))
    def a_cloud_sends_anything(self, values):
        before = self.bench.state
        if self.bench.command(CLOUD, **values).refusal is not None:
            assert self.bench.state == before

    @rule(held_s=st.floats(0, 3))
    def someone_presses(self, held_s):
        self.bench.give(ButtonEdge(is_pressed=True))
        self.bench.tick_until(self.bench.now + held_s)
        self.bench.give(ButtonEdge(is_pressed=False))

    @rule()
    def someone_toggles(self):
        self.bench.give(Toggle(origin=LOCAL))

    @rule(is_up=st.booleans())
    def the_link_changes(self, is_up):
        self.bench.give(LinkChanged(cloud="tencent", is_up=is_up))

    @rule(cause=st.sampled_from(list(StartCause)))
    def the_process_dies_and_starts_again(self, cause):
        saved = [effect.saved for effect in self.bench.effects if hasattr(effect, "saved")][-1]
        had_trip = self.bench.state.trip is not None
        self.bench.begin(saved, cause)
        assert (self.bench.state.trip is not None) is had_trip
        self.total_mj = 0 if cause is StartCause.FIRST else self.bench.state.energy.total_mj

    @invariant()
    def the_contact_is_what_the_state_says(self):
        assert self.bench.contact is self.bench.state.relay_on

    @invariant()
    def it_is_never_closed_while_tripped(self):
        state = self.bench.state
        if state.trip is not None:
            assert not self.bench.contact
            assert state.closing_at is None
            assert state.countdown_at is None

    @invariant()
    def the_energy_never_falls(self):
        assert self.bench.state.energy.total_mj >= self.total_mj
        self.total_mj = self.bench.state.energy.total_mj

    @invariant()
    def the_light_is_always_a_color(self):
        light = self.bench.device.light(self.bench.state, self.bench.now)
        assert all(0 <= c <= 255 for c in (light.color.red, light.color.green, light.color.blue))
        assert light.until is None or light.until > self.bench.now

    @invariant()
    def what_is_kept_is_plain_json_and_bounded(self):
        assert len(self.bench.state.evidence.samples) <= 24
        assert len(self.bench.state.resets) <= 3


TestSocketMachine = SocketMachine.TestCase
TestSocketMachine.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
