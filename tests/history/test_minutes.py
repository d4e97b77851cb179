"""Samples become minutes: means by time, gaps that stay gaps, and no pulse twice or never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.devices.socket.energy import Energy
from agent.devices.socket.state import Metering, State
from agent.devices.socket.thing_table import SOCKET
from agent.history.minutes import gathered, restamped, safe, sampled
from agent.history.stats import Numbers, Switched, Used
from agent.model import Stamp, Trust
from tests.history.samples import NOON, minutes_of, sample


def test_a_mean_is_weighted_by_time():
    steps = [(0, 100.0), (45, 100.0), (46, 500.0), (49, 300.0)]
    found = [sample(at, {"active_power": watts}) for at, watts in steps]
    (minute,) = minutes_of(found)
    power = minute.stats["active_power"]
    assert (power.known_s, power.minimum, power.maximum) == (9, 100, 500)
    assert power.mean == pytest.approx((6 * 100 + 3 * 500) / 9)


def test_a_switch_says_how_long_it_was_on_and_where_it_ended():
    found = [sample(at, {"power_switch": at >= 3}) for at in range(10)]
    (minute,) = minutes_of(found)
    assert minute.stats["power_switch"] == Switched(known_s=9, on_s=6, last=True)


def test_what_is_not_known_leaves_a_gap_and_no_zero():
    found = [sample(at, {"voltage": None if at < 30 else 230.0}) for at in range(60)]
    (minute,) = minutes_of(found)
    assert minute.stats["voltage"] == Numbers(known_s=29, mean=230, minimum=230, maximum=230)
    (silent,) = minutes_of([sample(at, {"voltage": None}) for at in range(60)])
    assert "voltage" not in silent.stats


def test_a_value_holds_no_longer_than_a_few_seconds_without_another_sample():
    (minute,) = minutes_of([sample(0, {"voltage": 230.0}), sample(50, {"voltage": 230.0})])
    assert minute.stats["voltage"].known_s == 5


def test_the_second_that_two_minutes_share_is_cut_between_them():
    first, second = minutes_of([sample(59.5, {"voltage": 230.0}), sample(60.5, {"voltage": 1.0})])
    assert (first.stamp.wall_time, second.stamp.wall_time) == (NOON, NOON + 60)
    assert first.stats["voltage"].known_s == second.stats["voltage"].known_s == 0.5
    assert second.stats["voltage"].maximum == 230


def test_a_minute_is_stamped_with_a_whole_minute_of_the_wall_clock():
    (minute,) = minutes_of([sample(100.25, wall=NOON - 70)])
    assert minute.stamp == Stamp(at=70, wall_time=NOON, trust=Trust.SYNCHRONISED)


def test_without_a_wall_clock_it_is_a_whole_minute_since_boot():
    minutes = minutes_of([sample(at, wall=None) for at in (119.0, 121.0, 179.9)])
    assert [each.stamp.at for each in minutes] == [60, 120]
    assert minutes[0].stamp.wall_time is None


@pytest.mark.parametrize("wall", [NOON + 3_600, NOON - 5, None])
def test_a_clock_that_is_set_ends_the_minute(wall):
    minutes = minutes_of([sample(10, count=5), sample(11, count=6), sample(12, count=9, wall=wall)])
    assert [each.stats["energy"].count for each in minutes] == [0 + 1, 3]


def test_a_clock_that_runs_a_little_differently_does_not():
    assert len(minutes_of([sample(10), sample(11, wall=NOON + 0.4)])) == 1


def test_what_was_counted_since_the_last_process_belongs_to_the_first_minute():
    (minute,) = minutes_of([sample(0, count=700), sample(1, count=750)], {"energy": 500})
    assert minute.stats["energy"] == Used(known_s=1, count=250, end=750)


def test_the_first_minute_of_all_counts_from_its_first_sample():
    (minute,) = minutes_of([sample(0, count=700), sample(1, count=750)])
    assert minute.stats["energy"].count == 50


def test_a_count_that_has_fallen_begins_anew():
    (minute,) = minutes_of([sample(0, count=700), sample(1, count=0), sample(2, count=30)])
    assert minute.stats["energy"].count == 30
    (after,) = minutes_of([sample(0, count=10), sample(1, count=40)], {"energy": 500})
    assert after.stats["energy"].count == 30


def test_a_silent_meter_is_told_from_one_that_counts_nothing():
    (silent,) = minutes_of([sample(at, is_known=False) for at in range(9)])
    assert silent.stats["energy"] == Used(known_s=0, count=0, end=0)


def test_a_minute_is_cut_where_the_day_of_the_books_began():
    first, second = minutes_of(
        [sample(59.5, count=100), sample(60.5, count=140, day_began=110)],
    )
    assert (first.stats["energy"].count, second.stats["energy"].count) == (10, 30)
    assert (first.stats["energy"].end, second.stats["energy"].end) == (110, 140)


def test_a_day_that_began_elsewhere_cuts_nothing():
    first, second = minutes_of([sample(59.5, count=100), sample(60.5, count=140, day_began=90)])
    assert (first.stats["energy"].count, second.stats["energy"].count) == (0, 40)


def test_a_count_that_comes_later_begins_with_its_first_sample():
    gathering, _ = gathered(None, sample(0), {})
    bare = type(gathering.last)(stamp=gathering.last.stamp, values={}, counts={})
    gathering, _ = gathered(None, bare, {})
    gathering, _ = gathered(gathering, sample(1, count=80), {})
    assert gathering.minute.stats["energy"].count == 0
    later, _ = gathered(gathered(None, bare, {})[0], sample(61, count=90), {})
    assert later.minute.stats["energy"].count == 0


walks = st.lists(
    st.tuples(
        st.floats(0.1, 400, allow_nan=False),
        st.integers(0, 10**9),
        st.sampled_from([None, NOON, NOON + 0.3, NOON + 7_200, NOON - 90]),
        st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


@given(walks, st.integers(0, 10**6))
def test_whatever_happens_every_pulse_is_in_exactly_one_minute(steps, known):
    at, count, day, samples = 0.0, known, 0, []
    for seconds, pulses, wall, is_new_day in steps:
        at, before, count = at + seconds, count, count + pulses
        day = (before + count) // 2 if is_new_day else day
        samples.append(sample(at, {"p": 1.0}, count, wall=wall, day_began=day))
    minutes = minutes_of(samples, {"energy": known})
    assert sum(each.stats["energy"].count for each in minutes) == count - known
    assert minutes[-1].stats["energy"].end == count
    assert all(each.stats["energy"].known_s <= 60.001 for each in minutes)


def test_a_socket_is_sampled_by_its_table():
    metering = Metering(last_at=1.0, voltage_v=230.0, current_a=2.0, power_w=400.0)
    energy = Energy(total_mj=7_200_000_001)
    state = State(
        relay_on=True, changed_at=0, metering=metering, energy=energy, published_mj=7_000_000_000
    )
    found = sampled(SOCKET, state, 2.0, Stamp(at=2.0, wall_time=None, trust=Trust.UNKNOWN))
    assert found.values == {
        "power_switch": True,
        "voltage": 230.0,
        "current": 2.0,
        "active_power": 400.0,
        "apparent_power": 460.0,
        "power_factor": 0.87,
        "energy_today": None,
        "temperature": None,
    }
    assert found.counts["energy"].count == 7_200_000_001
    assert found.counts["energy"].is_known
    assert safe(SOCKET, state) == {"energy": 7_000_000_000}


@pytest.mark.parametrize(
    ("stamp", "trust", "after"),
    [
        ((None, 0), 2, (1_000.0, 2)),
        ((1_000.4, 1), 2, (1_000.4, 2)),
        ((900.0, 1), 2, (1_000.0, 2)),
        ((900.0, 3), 2, (900.0, 3)),
    ],
)
def test_a_stamp_follows_what_is_known_better(stamp, trust, after):
    found = restamped(Stamp(at=100, wall_time=stamp[0], trust=Trust(stamp[1])), 900.0, Trust(trust))
    assert (found.wall_time, found.trust) == after
