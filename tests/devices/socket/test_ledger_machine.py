"""The energy ledger against a reference that counts every pulse: equal, or explained."""

import json
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from agent.devices.effects import Effect, Record, Save
from agent.devices.inputs import Measured
from agent.model import COUNTER_MODULUS, StartCause
from tests.devices.socket import bench as benches
from tests.devices.socket.bench import FRAME_S, PULSE_J, PULSE_PJ, Bench, reading, register

pytestmark = pytest.mark.unmeasured

SAME_BOOT = (StartCause.RESTART, StartCause.CRASH, StartCause.UPDATE)
PJ_PER_MJ = 10**9
SAVE_EVERY_S = 60.0
SAVE_EVERY_MJ = 36_000_000
SURE_GAP_S = 100.0
"""In so short a gap nothing that a socket carries brings the counter half round."""

MAY_GO_ROUND_S = 14.0
"""In a longer gap a counter that went through zero may have begun again instead."""

RESET_SHOWS = range(10_000, 120_000)
"""Where a counter that begins again at zero can be told from one that went on."""


class Kept(NamedTuple):
    """What is on the disk: written at *at*, with the counter as it was heard at *heard_at*."""

    saved: object
    heard_at: float
    at: float
    total_mj: int
    counter: int
    knows_counter: bool


class LedgerMachine(RuleBasedStateMachine):
    """Frames, lost frames, wraps, chip resets and deaths of the process, in any order."""

    @initialize(counter=st.sampled_from([0, 65_500, 100_000, COUNTER_MODULUS - 40]))
    def it_begins(self, counter):
        relay = {"on_start": "on", "on_stop": "keep"}
        protection = {"meter_lost": "keep", "rated_current_a": 16}
        self.bench = Bench(benches.settings(relay=relay, protection=protection))
        self.counter = self.heard_counter = counter
        self.part_j = 0.0
        self.reference_pj: int | None = None  # None: before the first frame
        self.heard_at = self.bench.now
        self.may_differ = self.is_explained = self.is_heard = False
        self.saves: list[Kept] = []
        self.seen = 0
        self.went_round_at = self.began_again_at = float("-inf")
        self.note_effects()

    # ── the chip ──

    def flow(self, watts: float, seconds: float) -> None:
        """Let pulses come while nobody hears them."""
        self.part_j += watts * seconds
        pulses, self.part_j = divmod(self.part_j, PULSE_J)
        if self.counter + pulses >= COUNTER_MODULUS:
            self.went_round_at = self.bench.now + seconds
        self.counter = int(self.counter + pulses) % COUNTER_MODULUS
        if self.reference_pj is not None:
            self.reference_pj += int(pulses) * PULSE_PJ
        self.bench.tick_until(self.bench.now + seconds)

    def hear(self, watts: float) -> None:
        gap_s, has_gone_round = self.bench.now - self.heard_at, self.went_round_at >= self.heard_at
        self.may_differ |= gap_s > (MAY_GO_ROUND_S if has_gone_round else SURE_GAP_S)
        amps = watts / 230
        registers = (register(230.0, raw=1), register(amps, raw=2), register(watts, raw=3))
        self.is_heard = True
        self.bench.give(Measured(reading=reading(*registers, self.counter)))
        self.heard_at, self.heard_counter = self.bench.now, self.counter
        self.note_effects()
        self.compare()

    def note_effects(self) -> None:
        """Take in what was said and kept since the last time."""
        fresh, self.seen = self.bench.effects[self.seen :], len(self.bench.effects)
        self.is_explained |= any(is_explanation(effect) for effect in fresh)
        for effect in fresh:
            if isinstance(effect, Save):
                saved = json.loads(json.dumps(effect.saved))
                total_mj = self.bench.state.energy.total_mj
                self.saves.append(
                    Kept(
                        saved,
                        self.heard_at,
                        self.bench.now,
                        total_mj,
                        self.heard_counter,
                        self.is_heard,
                    )
                )

    def compare(self) -> None:
        total_mj = self.bench.state.energy.total_mj
        if self.reference_pj is None:
            self.reference_pj = total_mj * PJ_PER_MJ
        missing_mj = self.reference_pj / PJ_PER_MJ - total_mj
        assert missing_mj >= -1, "energy was invented"
        if missing_mj > 1:
            assert self.may_differ, f"{missing_mj} mJ are lost without need"
            assert self.is_explained, f"{missing_mj} mJ are lost without a word"
            self.reference_pj = total_mj * PJ_PER_MJ
        self.may_differ = self.is_explained = False

    @rule(watts=st.sampled_from([0.0, 60.0, 900.0, 1000.0]), frames=st.integers(1, 60))
    def frames_arrive(self, watts, frames):
        for _ in range(frames):
            self.flow(watts, FRAME_S)
            self.hear(watts)
            self.check_what_a_power_cut_would_cost()

    @rule(watts=st.sampled_from([900.0, 1000.0]), minutes=st.integers(1, 5))
    def minutes_pass_with_a_frame_now_and_then(self, watts, minutes):
        for _ in range(minutes * 6):
            self.flow(watts, 10.0)
            self.hear(watts)

    @rule(watts=st.sampled_from([60.0, 1000.0]), seconds=st.floats(0.1, 14))
    def frames_are_lost(self, watts, seconds):
        self.flow(watts, seconds)

    @rule(watts=st.sampled_from([0.0, 1000.0]), seconds=st.sampled_from([30.0, 90.0, 1000.0]))
    def the_line_is_broken_for_long(self, watts, seconds):
        self.flow(watts, seconds)

    @precondition(lambda self: self.shows_a_reset())
    @rule(watts=st.sampled_from([60.0, 1000.0]))
    def the_chip_begins_again(self, watts):
        self.may_differ = True
        self.began_again_at = self.bench.now
        self.counter, self.part_j = 0, 0.0
        self.flow(watts, 1.0)
        self.hear(watts)

    # ── the process ──

    @rule(cause=st.sampled_from(SAME_BOOT), down_s=st.floats(0, 20), back=st.integers(0, 1))
    def the_process_dies(self, cause, down_s, back):
        """Die; with *back* the last save had not reached the disk."""
        self.flow(1000.0, down_s)
        self.saves = self.saves[: max(1, len(self.saves) - back)]
        self.starts(self.saves[-1], cause)
        if back and not self.saves[-1].knows_counter:
            self.may_differ = self.is_explained = True

    @rule(down_s=st.floats(0, 20))
    def the_service_is_restarted(self, down_s):
        before_mj = self.bench.state.energy.total_mj
        _, effects = self.bench.device.stop(self.bench.state, self.bench.now)
        self.bench.effects.extend(effects)
        self.note_effects()
        self.flow(1000.0, down_s)
        self.starts(self.saves[-1], StartCause.RESTART)
        assert self.bench.state.energy.total_mj == before_mj

    @rule(cause=st.sampled_from([StartCause.REBOOT, StartCause.POWER_LOSS]))
    def the_machine_loses_its_power(self, cause):
        self.flow(1000.0, 15.0)
        self.is_heard = False
        self.starts(self.saves[-1], cause)
        assert self.bench.state.energy.total_mj == self.saves[-1].total_mj
        self.may_differ = True
        del self.saves[:-1]  # what another boot wrote is that boot's

    def starts(self, kept, cause):
        """Start from *kept*; the gap that counts is the one since it was taken."""
        self.bench.begin(kept.saved, cause)
        if self.reference_pj is not None:
            assert self.bench.state.energy.total_mj <= self.reference_pj / PJ_PER_MJ + 1
        self.heard_at, self.is_heard = kept.heard_at, self.is_heard and kept.knows_counter
        self.may_differ |= self.began_again_at > kept.heard_at
        self.note_effects()

    def shows_a_reset(self) -> bool:
        kept = [save.counter for save in self.saves[-2:]]
        return all(one in RESET_SHOWS for one in (self.counter, self.heard_counter, *kept))

    def check_what_a_power_cut_would_cost(self) -> None:
        kept = self.saves[-1]
        unsaved_mj = self.bench.state.energy.total_mj - kept.total_mj
        assert unsaved_mj < SAVE_EVERY_MJ
        assert unsaved_mj == 0 or self.bench.now - kept.at < SAVE_EVERY_S


def is_explanation(effect: Effect) -> bool:
    """Tell whether a row of the ledger says why."""
    return isinstance(effect, Record) and effect.topic == "energy"


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    report_multiple_bugs=False,
    phases=[phase for phase in Phase if phase is not Phase.explain],
    suppress_health_check=[HealthCheck.too_slow],
)
