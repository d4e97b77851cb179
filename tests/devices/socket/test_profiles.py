"""The contact opens exactly where the safety rules say, from the mains to the relay."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.profile_table import PROFILES, Profile
from bench.profiles import Played, faults, measure, play

BANDS = ((1.02, 300.0), (1.1, 60.0), (1.3, 10.0), (1.6, 3.0))
WARN_S = 60.0
STEP_S = 0.01
BY_NAME = {profile.name: profile for profile in PROFILES}

Current = Callable[[float], float]


def row(profile: Profile):
    """Only the rows of a rule or a voltage of their own reach lines that no shorter test does."""
    is_rare = profile.settings or " V for " in profile.name
    return pytest.param(profile, marks=() if is_rare else pytest.mark.unmeasured, id=profile.name)


@pytest.mark.parametrize("profile", [row(profile) for profile in PROFILES])
def test_a_profile_trips_where_the_rules_say_and_nowhere_else(profile: Profile):
    found = {
        phase: said
        for phase in range(profile.phases)
        if (said := faults(profile, play(profile, phase)))
    }
    assert not found


def test_the_names_of_the_profiles_are_unique():
    assert len(BY_NAME) == len(PROFILES)


# ── the windows of the table, computed anew ─────────────────────────────────────────────────


def ideal(current_at: Current, volts: float = 230.0, power_factor: float = 1.0) -> float | None:
    """Tell when leaky buckets that see the load itself, without a meter, are full."""
    return _filled(current_at, volts * power_factor, BANDS)


def ideal_warning(current_at: Current, volts: float) -> float | None:
    return _filled(current_at, volts, ((1.02, WARN_S),))


def _filled(current_at: Current, watts_per_a: float, bands: tuple[tuple[float, float], ...]):
    buckets = [0.0] * len(bands)
    for step in range(round(700 / STEP_S)):
        current_a = current_at(step * STEP_S)
        times_rated = max(current_a / 5.0, current_a * watts_per_a / 1100.0)
        for index, (factor, full_s) in enumerate(bands):
            change_s = STEP_S if times_rated > factor else -STEP_S
            buckets[index] = max(0.0, buckets[index] + change_s)
            if buckets[index] >= full_s:
                return (step + 1) * STEP_S
    return None


def steady(current_a: float) -> Current:
    return lambda _at: current_a


def cycle(current_a: float, on_s: float, off_s: float) -> Current:
    return lambda at: current_a if at % (on_s + off_s) < on_s else 0.0


def creep(at: float) -> float:
    return 4.5 + 0.01 * at


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("kettle, 900 W for 15 minutes", ideal(steady(900 / 230))),
        ("kettle, 1000 W", ideal(steady(1000 / 230))),
        ("5.05 A (1.01 x)", ideal(steady(5.05), 220)),
        ("heater, 2 kW (1.74 x)", ideal(steady(2000 / 230))),
        ("compressor starts into a stall (1.49 x)", ideal(steady(7.45), power_factor=0.7)),
        ("motor stalls at PF 0.3, 9 A (1.8 x)", ideal(steady(9), power_factor=0.3)),
        ("slow creep, +0.01 A/s, 220 V", ideal(creep, 220)),
        ("slow creep, +0.01 A/s, 230 V", ideal(creep, 230)),
        ("5.3 A (1.06 x)", ideal(steady(5.3), 220)),
        ("5.3 A at 230 V (1.108 x the power)", ideal(steady(5.3))),
        ("5.6 A (1.12 x)", ideal(steady(5.6), 220)),
        ("5.6 A at PF 0.5", ideal(steady(5.6), power_factor=0.5)),
        ("6.6 A (1.32 x)", ideal(steady(6.6))),
        ("8.5 A (1.7 x)", ideal(steady(8.5))),
        ("7 s at 1.32 x, 9 s without load, twenty times", ideal(cycle(6.6, 7, 9))),
        ("7 s at 1.32 x, 3 s without load", ideal(cycle(6.6, 7, 3))),
    ],
)
def test_the_table_expects_what_ideal_buckets_do(name: str, moment: float | None):
    profile = BY_NAME[name]
    if moment is None:
        assert profile.cause is None
        return
    least_s, most_s = profile.opens_s
    assert profile.cause is not None
    assert least_s <= moment <= most_s


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("slow creep, +0.01 A/s, 220 V", ideal_warning(creep, 220)),
        ("slow creep, +0.01 A/s, 230 V", ideal_warning(creep, 230)),
        ("5.3 A (1.06 x)", ideal_warning(steady(5.3), 220)),
    ],
)
def test_the_table_expects_the_warning_where_an_ideal_bucket_does(name: str, moment: float):
    least_s, most_s = BY_NAME[name].says["overload_warning"]
    assert least_s <= moment <= most_s


# ── how much is known, and how soon ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "profile",
    [profile for profile in PROFILES if profile.cause == "overcurrent" and profile.limit == 2.5],
    ids=lambda profile: profile.name,
)
def test_no_overload_opens_the_contact_on_a_single_measurement(profile: Profile):
    assert play(profile).measurements >= 2


def test_nobody_can_see_13_amperes_at_half_the_power_factor_within_half_a_second():
    profile = replace(BY_NAME["13 A, PF 0.5: only the current register tells"], limit=2.5)
    shown = [play(profile, phase).shown_s for phase in range(profile.phases)]
    assert all(at_s is not None and at_s > 0.5 for at_s in shown)


# ── the table has teeth ─────────────────────────────────────────────────────────────────────

KETTLE = BY_NAME["kettle, 1000 W, from cold"]


def test_a_trip_that_nothing_called_for_is_found():
    small = replace(KETTLE, settings={"protection": {"rated_current_a": 1}})
    assert faults(small, play(small)) == ["trip overcurrent instead of None"]


def test_a_trip_that_does_not_come_is_found():
    awaited = replace(KETTLE, cause="overcurrent", opens_s=(0, 1))
    assert faults(awaited, play(awaited)) == ["trip None instead of overcurrent"]


PLAYED = Played(cause="overcurrent", opened_s=0.7, shown_s=0.1, measurements=2, said=[])


def test_a_trip_at_the_wrong_time_is_found():
    awaited = replace(KETTLE, cause="overcurrent", opens_s=(0, 0.5))
    assert faults(awaited, PLAYED) == ["open after 0.7 s instead of 0-0.5 s"]


def test_what_is_said_twice_late_or_for_nothing_is_found():
    awaited = replace(KETTLE, says={"high_voltage": (5, 6)})
    calm = replace(PLAYED, cause=None, opened_s=None)
    assert faults(awaited, replace(calm, said=[(5.5, "high_voltage")])) == []
    assert faults(awaited, replace(calm, said=[(7, "high_voltage")]))
    assert faults(awaited, replace(calm, said=[(5.5, "high_voltage"), (5.6, "high_voltage")]))
    assert faults(awaited, calm)
    assert faults(KETTLE, replace(calm, said=[(1.0, "contact_welded")]))


async def test_the_table_is_printed_with_what_was_met_and_what_was_not():
    rows = await measure([KETTLE, replace(KETTLE, cause="overpower", opens_s=(0, 1))])
    assert [(row.agent, row.is_met) for row in rows] == [("none", True), ("none", False)]
