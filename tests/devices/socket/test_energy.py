"""Energy: every pulse once, nothing invented, never less than before."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.devices.socket import energy as energies
from agent.devices.socket.energy import Energy, Flow, Reason
from agent.model import COUNTED_HERE, Reading, Register

SILENT = Register(raw=0, value=None, is_updated=False)
CHIP = (187_000, 15_830, 5_115_000)
PULSE_PJ = 5_115_000 * 3_108_000  # 15.9 J
MOST_W = 5000.0
MODULUS = 1 << 17


def frame(pulses: int, pulse_pj: int = PULSE_PJ, chip: tuple[int, ...] = CHIP) -> Reading:
    return Reading(
        voltage_v=None,
        current_a=None,
        power_w=None,
        pulses=pulses,
        pulse_pj=pulse_pj,
        voltage=SILENT,
        current=SILENT,
        power=SILENT,
        chip=chip,
    )


def advance(energy, pulses, pulse_pj, now, most_w, chip=CHIP):
    """Advance, and give only the breaks: a baseline is none."""
    flow = Flow(likely_w=most_w, most_w=most_w)
    after, broken = energies.advance(energy, frame(pulses, pulse_pj, chip), flow, now)
    is_break = broken is not None and broken.reason not in QUIET
    return after, broken if is_break else None


QUIET = {Reason.BASELINE, Reason.METER_GAP}


def run(*frames: tuple[int, float]) -> tuple[Energy, list[Reason]]:
    energy, reasons = Energy(), []
    for pulses, now in frames:
        energy, broken = advance(energy, pulses, PULSE_PJ, now, MOST_W)
        reasons += [] if broken is None else [broken.reason]
    return energy, reasons


def pulses_in(energy: Energy) -> int:
    whole, rest = divmod(energy.total_mj * 10**9 + energy.rest_pj, PULSE_PJ)
    assert rest == 0
    return whole


def test_the_first_frame_is_only_a_baseline():
    energy, reasons = run((50_000, 0.0))
    assert energy == Energy(counter=50_000, counter_at=0.0, chip=CHIP, pulse_pj=PULSE_PJ)
    assert reasons == []


def test_a_thousand_pulses_of_the_manuals_example_are_its_kilowatt_hours():
    # PP 5351000, Kv 1.88, Ki 1: 357 857 pulses per kWh.
    worth_pj = 5_351_000 * 1_880_000
    energy, _ = advance(Energy(), 0, worth_pj, 0.0, MOST_W)
    energy, _ = advance(energy, 1000, worth_pj, 10.0, MOST_W)
    assert energy.total_mj / 3.6e9 == pytest.approx(0.00279441, rel=1e-5)


def test_the_counter_goes_round_through_the_toggle():
    energy, reasons = run((MODULUS - 3, 0.0), (65_536 % MODULUS, 0.1), (2, 0.2))
    assert reasons == [Reason.IMPOSSIBLE_STEP, Reason.CHIP_RESET]
    energy, reasons = run((MODULUS - 3, 0.0), (2, 0.1))
    assert (pulses_in(energy), reasons) == (5, [])
    energy, reasons = run((65_535, 0.0), (65_537, 0.1))
    assert (pulses_in(energy), reasons) == (2, [])


def test_an_impossible_step_is_a_new_baseline():
    energy, reasons = run((1000, 0.0), (50_000, 0.1), (50_003, 0.2))
    assert (pulses_in(energy), reasons) == (3, [Reason.IMPOSSIBLE_STEP])


def test_a_chip_that_began_again_is_credited_with_what_it_counted_since():
    energy, reasons = run((90_000, 0.0), (12, 1.0), (14, 1.1))
    assert (pulses_in(energy), reasons) == (14, [Reason.CHIP_RESET])


def test_a_gap_in_which_the_counter_is_unambiguous_loses_nothing():
    energy, reasons = run((1000, 0.0), (1000 + 41_000, 200.0))
    assert (pulses_in(energy), reasons) == (41_000, [])


@pytest.mark.parametrize("gap_s", [209.0, 86_400.0, -1.0])
def test_a_gap_that_may_hide_half_a_round_is_a_new_baseline(gap_s):
    energy, reasons = run((1000, 0.0), (1005, gap_s), (1006, gap_s + 0.1))
    assert (pulses_in(energy), reasons) == (1, [Reason.AMBIGUOUS_GAP])


def test_a_break_tells_what_happened():
    energy, _ = advance(Energy(), 90_000, PULSE_PJ, 10.0, MOST_W)
    _, broken = advance(energy, 12, PULSE_PJ, 11.0, MOST_W)
    assert (broken.gap_s, broken.step, broken.credited) == (1.0, 12 - 90_000 + MODULUS, 12)


def test_pulses_of_unknown_worth_wait():
    energy, _ = advance(Energy(), 10, PULSE_PJ, 0.0, MOST_W)
    unknown, broken = advance(energy, 13, 0, 0.1, MOST_W)
    assert (unknown, broken) == (energy, None)
    energy, _ = advance(unknown, 15, PULSE_PJ, 0.2, MOST_W)
    assert pulses_in(energy) == 5


def test_bunched_frames_count_like_spaced_ones():
    energy, reasons = run((0, 5.0), (20, 5.0), (40, 5.0))
    assert (pulses_in(energy), reasons) == (40, [])


@given(st.lists(st.integers(0, 30), max_size=200), st.integers(0, MODULUS - 1))
@settings(max_examples=60, deadline=None)
def test_possible_steps_add_up_exactly(steps, first):
    energy, _ = advance(Energy(), first, PULSE_PJ, 0.0, MOST_W)
    counter = first
    for number, step in enumerate(steps, start=1):
        counter = (counter + step) % MODULUS
        energy, broken = advance(energy, counter, PULSE_PJ, number * 0.105, MOST_W)
        assert broken is None
    assert pulses_in(energy) == sum(steps)


@given(st.lists(st.tuples(st.integers(0, MODULUS - 1), st.floats(0, 300)), max_size=60))
@settings(max_examples=100, deadline=None)
def test_the_total_never_falls_and_never_outruns_the_possible(frames):
    energy, now = Energy(), 0.0
    for pulses, gap_s in frames:
        now += gap_s
        after, _ = advance(energy, pulses, PULSE_PJ, now, MOST_W)
        gained_mj = after.total_mj - energy.total_mj
        assert 0 <= gained_mj <= MOST_W * (gap_s + 0.5) * 1000 + 1
        assert 0 <= after.rest_pj < 10**9
        energy = after


def test_the_chip_counts_on_while_the_process_is_away():
    energy, _ = run((1000, 0.0), (1010, 1.0))
    again = energies.resumed(energy, knows_counter=True)
    flow = Flow(likely_w=MOST_W, most_w=MOST_W)
    after, row = energies.advance(again, frame(1500), flow, 20.0)
    assert (row.reason, row.credited, row.gap_s) == (Reason.RESTART, 490, 19.0)
    assert pulses_in(after) == 500
    assert row.credited_mj == after.total_mj - energy.total_mj
    _, row = energies.advance(after, frame(1501), flow, 20.1)
    assert row is None


def test_after_a_reboot_the_counter_means_nothing():
    energy, _ = run((1000, 0.0), (1010, 1.0))
    again = energies.resumed(energy, knows_counter=False)
    after, row = energies.advance(again, frame(1500), Flow(likely_w=1, most_w=1), 20.0)
    assert (row.reason, after.total_mj) == (Reason.BASELINE, energy.total_mj)


def test_another_chip_begins_a_new_baseline():
    energy, _ = run((1000, 0.0), (1010, 1.0))
    after, row = advance(energy, 1015, PULSE_PJ, 1.1, MOST_W, chip=(1, 2, 3))
    assert (row.reason, after.total_mj) == (Reason.METER_CHANGED, energy.total_mj)


def test_a_counter_of_our_own_that_began_anew_is_no_round_of_the_old_one():
    first, second = (COUNTED_HERE, 7), (COUNTED_HERE, 8)
    energy, _ = advance(Energy(), 119_000, PULSE_PJ, 0.0, MOST_W, chip=first)
    energy, _ = advance(energy, 119_050, PULSE_PJ, 1.0, MOST_W, chip=first)
    again = energies.resumed(energy, knows_counter=True)
    after, row = advance(again, 20, PULSE_PJ, 60.0, MOST_W, chip=second)
    assert (row.reason, row.credited, row.gap_s) == (Reason.COUNTER_BEGAN, 20, 59.0)
    assert pulses_in(after) == 70
    after, row = advance(after, 25, PULSE_PJ, 60.1, MOST_W, chip=second)
    assert (row, pulses_in(after)) == (None, 75)


def test_a_counter_of_our_own_cannot_have_counted_more_than_flowed():
    energy, _ = advance(Energy(), 5, PULSE_PJ, 0.0, MOST_W, chip=(COUNTED_HERE, 7))
    after, row = advance(energy, 90_000, PULSE_PJ, 1.0, MOST_W, chip=(COUNTED_HERE, 8))
    assert (row.reason, row.credited, pulses_in(after)) == (Reason.COUNTER_BEGAN, 0, 0)


@pytest.mark.parametrize("chips", [(CHIP, (COUNTED_HERE, 8)), ((COUNTED_HERE, 8), CHIP)])
def test_a_counter_of_our_own_in_the_place_of_a_chips_is_another_meter(chips):
    before, then = chips
    energy, _ = advance(Energy(), 5, PULSE_PJ, 0.0, MOST_W, chip=before)
    after, row = advance(energy, 9, PULSE_PJ, 1.0, MOST_W, chip=then)
    assert (row.reason, after.total_mj) == (Reason.METER_CHANGED, 0)


def test_one_large_pulse_is_possible_on_a_small_rating():
    worth_pj = 672 * 10**12
    energy, _ = advance(Energy(), 5, worth_pj, 0.0, 60.0)
    energy, row = advance(energy, 6, worth_pj, 0.1, 60.0)
    assert (row, energy.total_mj) == (None, 672_000)


def test_pulses_of_another_worth_are_counted_at_it_and_told():
    energy, _ = run((1000, 0.0), (1010, 1.0))
    after, row = advance(energy, 1011, 2 * PULSE_PJ, 1.1, MOST_W)
    assert (row.reason, row.credited) == (Reason.RESCALED, 1)
    assert pulses_in(after) == 12


def test_a_silent_meter_of_some_seconds_is_told_and_loses_nothing():
    energy, _ = run((1000, 0.0))
    flow = Flow(likely_w=MOST_W, most_w=MOST_W)
    after, row = energies.advance(energy, frame(1400), flow, 9.0)
    assert (row.reason, pulses_in(after)) == (Reason.METER_GAP, 400)


def test_what_flowed_last_bounds_how_long_a_gap_is_unambiguous():
    energy, _ = run((1000, 0.0), (1010, 1.0))
    flow = Flow(likely_w=100.0, most_w=MOST_W)
    _, row = energies.advance(energy, frame(3000), flow, 300.0)
    assert row.reason is Reason.METER_GAP
    high = energies.replace(energy, power_w=MOST_W)
    _, row = energies.advance(high, frame(3000), flow, 300.0)
    assert row.reason is Reason.AMBIGUOUS_GAP


@pytest.mark.parametrize(
    ("power_w", "reason", "credited"),
    [
        (1000.0, None, 1258),
        (450.0, Reason.AMBIGUOUS_GAP, 458),
        (2200.0, Reason.AMBIGUOUS_GAP, 458),
        (0.0, Reason.AMBIGUOUS_GAP, 458),
    ],
)
def test_a_counter_that_goes_round_in_a_gap_is_believed_where_it_fits_the_load(
    power_w, reason, credited
):
    energy, _ = run((MODULUS - 900, 0.0), (MODULUS - 800, 1.0))
    energy = energies.replace(energy, power_w=power_w)
    after, broken = advance(energy, 458, PULSE_PJ, 21.0, MOST_W)
    assert (None if broken is None else broken.reason) is reason
    assert pulses_in(after) - pulses_in(energy) == credited


def test_a_counter_that_goes_round_once_in_months_loses_nothing_in_days():
    wide = 1 << 24
    energy = Energy()
    for pulses, now in ((9_000_000, 0.0), (9_000_001, 1.0), (9_064_010, 48 * 3600.0)):
        reading = replace(frame(pulses, 673 * 10**12), modulus=wide)
        energy, told = energies.advance(energy, reading, Flow(likely_w=1100, most_w=4400), now)
    assert told is not None
    assert (told.reason, told.step) == (Reason.METER_GAP, 64_009)
    assert energy.total_mj == 64_010 * 673_000


def test_a_counter_that_stays_astray_is_told_once_until_it_counts_again():
    frames = [(0, 0.0), *((50_000 * n, 0.1 * n) for n in range(1, 20)), (950_003, 2.0)]
    energy, reasons = run(*((pulses % MODULUS, now) for pulses, now in frames))
    assert (pulses_in(energy), reasons) == (3, [Reason.IMPOSSIBLE_STEP])
    again, broken = advance(energy, 50_000, PULSE_PJ, 2.1, MOST_W)
    assert broken is not None
    assert again.total_mj == energy.total_mj
