"""When a schedule runs: in three zones, over gaps and folds, by the sun, and moved at random."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.automation.local_time import zone as zone_of
from agent.automation.schedules import Place, next_run, parse_schedule
from agent.automation.schedules.planner import Where, last_of, next_of
from tests.automation.schedules.drawn import SCHEDULES

SHANGHAI, BERLIN, NEW_YORK = "Asia/Shanghai", "Europe/Berlin", "America/New_York"
ZONES = st.sampled_from([SHANGHAI, BERLIN, NEW_YORK, "Pacific/Apia", "Australia/Lord_Howe"])
PLACES = {
    SHANGHAI: Place(latitude=31.23, longitude=121.47),
    BERLIN: Place(latitude=52.52, longitude=13.41),
    NEW_YORK: Place(latitude=40.71, longitude=-74.01),
}


def unix(text: str, zone: str = "UTC") -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone_of(zone))).timestamp())


def runs(text, begin, zone, count, place=None, salt="x"):
    """The local times of the first runs after a local time, with their offsets from UTC."""
    found, after = [], float(unix(begin, zone))
    for _ in range(count):
        at = next_run(parse_schedule(text), after, zone, place or PLACES.get(zone), salt)
        if at is None:
            break
        found.append(datetime.fromtimestamp(at, zone_of(zone)).strftime("%m-%d %H:%M %z"))
        after = at
    return found


@pytest.mark.parametrize(
    ("text", "zone", "begin", "expected"),
    [
        ("on at 07:00", SHANGHAI, "2026-03-01T07:00", ["03-02 07:00 +0800"]),
        ("on at 07:00", SHANGHAI, "2026-03-01T06:59:59", ["03-01 07:00 +0800"]),
        (
            "on at 07:00 mon,fri",
            BERLIN,
            "2026-03-25T12:00",
            ["03-27 07:00 +0100", "03-30 07:00 +0200", "04-03 07:00 +0200"],
        ),
        ("on at 2026-12-24 18:00", NEW_YORK, "2026-03-01T00:00", ["12-24 18:00 -0500"]),
        ("on at 2026-12-24 18:00", NEW_YORK, "2026-12-24T18:00", []),
        (
            "on cron 0 12 1 * *",
            NEW_YORK,
            "2026-02-01T12:00",
            ["03-01 12:00 -0500", "04-01 12:00 -0400"],
        ),
        ("on cron 0 0 29 2 *", BERLIN, "2026-03-01T00:00", ["02-29 00:00 +0100"]),
    ],
)
def test_runs_come_at_local_times(text, zone, begin, expected):
    assert runs(text, begin, zone, max(1, len(expected))) == expected


@pytest.mark.parametrize(
    ("text", "zone", "begin", "expected"),
    [
        ("on at 02:30", BERLIN, "2026-03-28T12:00", ["03-29 03:00 +0200", "03-30 02:30 +0200"]),
        ("on at 02:30", NEW_YORK, "2026-03-07T12:00", ["03-08 03:00 -0400", "03-09 02:30 -0400"]),
        (
            "on cron 30 2 * * *",
            BERLIN,
            "2026-03-28T12:00",
            ["03-29 03:00 +0200", "03-30 02:30 +0200"],
        ),
        ("on at 2026-03-29 02:59", BERLIN, "2026-03-28T12:00", ["03-29 03:00 +0200"]),
        ("on at 03:00", BERLIN, "2026-03-28T12:00", ["03-29 03:00 +0200", "03-30 03:00 +0200"]),
        ("on at 02:15", "Australia/Lord_Howe", "2026-10-03T12:00", ["10-04 02:30 +1100"]),
        ("on at 02:30", SHANGHAI, "2026-03-28T12:00", ["03-29 02:30 +0800"]),
    ],
)
def test_a_local_time_that_does_not_exist_runs_when_the_gap_ends(text, zone, begin, expected):
    assert runs(text, begin, zone, len(expected)) == expected


@pytest.mark.parametrize(
    ("text", "zone", "begin", "expected"),
    [
        ("on at 02:30", BERLIN, "2026-10-24T12:00", ["10-25 02:30 +0200", "10-26 02:30 +0100"]),
        ("on at 01:30", NEW_YORK, "2026-10-31T12:00", ["11-01 01:30 -0400", "11-02 01:30 -0500"]),
        (
            "on cron 30 2 * * *",
            BERLIN,
            "2026-10-24T12:00",
            ["10-25 02:30 +0200", "10-26 02:30 +0100"],
        ),
        ("on cron 30 2 * * *", BERLIN, "2026-10-25T02:10+01:00", ["10-26 02:30 +0100"]),
        ("on at 02:30", BERLIN, "2026-10-25T02:10+01:00", ["10-26 02:30 +0100"]),
    ],
)
def test_a_local_time_that_comes_twice_runs_once(text, zone, begin, expected):
    assert runs(text, begin, zone, len(expected)) == expected


def test_a_cron_that_comes_every_hour_comes_in_both_of_a_double_hour():
    assert runs("on cron 0 * * * *", "2026-10-25T01:00", BERLIN, 3) == [
        "10-25 02:00 +0200",
        "10-25 02:00 +0100",
        "10-25 03:00 +0100",
    ]


@pytest.mark.parametrize(
    ("text", "begin", "expected"),
    [
        (
            "cycle 10m/20m 22:00-23:00 mon",
            "2026-03-01T00:00",
            ["on 02 22:00", "off 02 22:10", "on 02 22:30", "off 02 22:40", "off 02 23:00"],
        ),
        (
            "cycle 10m/20m 22:00-22:35 mon",
            "2026-03-02T22:09",
            ["off 02 22:10", "on 02 22:30", "off 02 22:35", "on 09 22:00"],
        ),
        (
            "cycle 7h/7h 20:00-06:00 mon,tue",
            "2026-03-02T12:00",
            ["on 02 20:00", "off 03 03:00", "off 03 06:00", "on 03 20:00"],
        ),
        (
            "cycle 7h/7h",
            "2026-03-02T00:00",
            ["off 02 07:00", "on 02 14:00", "off 02 21:00", "on 03 00:00", "off 03 07:00"],
        ),
        (
            "cycle 20h/7h mon",
            "2026-03-02T12:00",
            ["off 02 20:00", "off 03 00:00", "on 09 00:00"],
        ),
        (
            "cycle 1h/1h 00:00-06:00 sun",
            "2026-03-28T23:00",
            ["on 29 00:00", "off 29 01:00", "on 29 03:00", "off 29 04:00", "on 29 05:00"],
        ),
    ],
)
def test_a_cycle_counts_real_durations_in_its_window(text, begin, expected):
    found, after = [], unix(begin, BERLIN)
    for _ in expected:
        run = next_of(parse_schedule(text), after, Where(zone=BERLIN))
        local = datetime.fromtimestamp(run.at, zone_of(BERLIN))
        found.append(f"{'on' if run.doing.on else 'off'} {local:%d %H:%M}")
        after = run.at
    assert found == expected


def test_a_window_that_a_gap_swallows_does_not_switch():
    assert runs("cycle 10m/20m 02:00-02:30 sun", "2026-03-28T12:00", BERLIN, 1) == [
        "04-05 02:00 +0200"
    ]


# Published: Berlin by an astronomer's page (latest sunrise and earliest sunset of 2002, in UT),
# the others as almanacs print them for the solstices of 2024.
@pytest.mark.parametrize(
    ("event", "zone", "published"),
    [
        ("sunrise", BERLIN, "2002-12-30T07:17:00+00:00"),
        ("sunset", BERLIN, "2002-12-14T14:52:00+00:00"),
        ("sunrise", BERLIN, "2024-06-21T04:43:00+02:00"),
        ("sunset", BERLIN, "2024-06-21T21:33:00+02:00"),
        ("sunrise", NEW_YORK, "2024-06-20T05:25:00-04:00"),
        ("sunset", NEW_YORK, "2024-06-20T20:31:00-04:00"),
        ("sunrise", NEW_YORK, "2024-12-21T07:17:00-05:00"),
        ("sunset", NEW_YORK, "2024-12-21T16:32:00-05:00"),
        ("sunrise", SHANGHAI, "2024-06-21T04:50:00+08:00"),
        ("sunset", SHANGHAI, "2024-06-21T19:01:00+08:00"),
        ("sunrise", SHANGHAI, "2024-12-21T06:49:00+08:00"),
        ("sunset", SHANGHAI, "2024-12-21T16:56:00+08:00"),
    ],
)
def test_the_sun_rises_and_sets_as_the_almanac_says(event, zone, published):
    at = unix(published)
    schedule = parse_schedule(f"on at {event}")
    found = next_run(schedule, at - 6 * 3600, zone, PLACES[zone], "")
    assert found == pytest.approx(at, abs=120)
    moved = next_run(parse_schedule(f"on at {event}-30m"), at - 6 * 3600, zone, PLACES[zone], "")
    assert moved == found - 1800


def test_a_day_without_a_sunset_has_no_run():
    tromso = Place(latitude=69.65, longitude=18.96)
    (first,) = runs("on at sunset", "2026-06-01T12:00", "Europe/Oslo", 1, tromso)
    assert "07-20" < first < "08-01"
    pole = Place(latitude=90, longitude=0)
    assert len(runs("on at sunset", "2026-01-01T12:00", "UTC", 400, pole)) < 5
    svalbard = Place(latitude=78.22, longitude=15.65)
    (after_summer,) = runs("on at sunset", "2026-04-25T12:00", "Europe/Oslo", 1, svalbard)
    assert after_summer.startswith("08-2")


def test_days_by_the_sun_are_those_on_which_it_rises():
    found = runs("on at sunrise-30m sat", "2026-03-01T00:00", BERLIN, 2)
    assert [each[:5] for each in found] == ["03-07", "03-14"]


def test_the_sun_needs_a_place():
    assert next_run(parse_schedule("on at sunset"), 1.8e9, BERLIN, None, "") is None


@pytest.mark.parametrize("after", [-1.0, 7.3e9, 1e18])
def test_a_clock_that_cannot_be_right_plans_nothing(after):
    assert next_run(parse_schedule("on at 07:00"), after, BERLIN, None, "") is None


def test_what_never_comes_ends_the_search():
    assert next_run(parse_schedule("on cron 0 0 */31 2 MON#5"), 1.8e9, BERLIN, None, "") is None


def test_moved_runs_stay_within_their_bounds_and_are_the_same_again():
    text, day_s = "on at 07:00 random 15m", 86_400
    schedule, begin = parse_schedule(text), unix("2026-03-01T12:00", SHANGHAI)
    planned = [unix("2026-03-02T07:00", SHANGHAI) + n * day_s for n in range(50)]
    for salt in ("a", "b"):
        found, after = [], float(begin)
        for _ in planned:
            after = next_run(schedule, after, SHANGHAI, None, salt)
            found.append(after)
        moved = [at - plan for at, plan in zip(found, planned, strict=True)]
        assert max(map(abs, moved)) <= 900
        assert len(set(moved)) > 40
        again = [next_run(schedule, at - 1, SHANGHAI, None, salt) for at in found]
        assert again == found
    other = next_run(schedule, begin, SHANGHAI, None, "a")
    assert other != next_run(schedule, begin, SHANGHAI, None, "b")


@given(
    schedule=SCHEDULES,
    after=st.integers(946_684_800, 4_000_000_000),
    zone=ZONES,
    place=st.builds(Place, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180)),
)
@settings(max_examples=300, deadline=None)
def test_runs_are_later_than_what_was_asked_and_in_order(schedule, after, zone, place):
    found: list[float] = []
    at: float | None = after - 0.5
    while at is not None and len(found) < 5:
        found.append(at)
        at = next_run(schedule, at, zone, place, "salt")
    assert all(earlier < later for earlier, later in pairwise(found))


@given(
    schedule=SCHEDULES,
    after=st.integers(1_500_000_000, 2_000_000_000),
    length=st.integers(0, 3 * 86_400),
    zone=ZONES,
)
@settings(deadline=None)
def test_the_last_run_is_the_last_of_all_of_them(schedule, after, length, zone):
    where = Where(zone=zone, place=PLACES[BERLIN], salt="s")
    last, at = None, after
    for _ in range(500):
        run = next_of(schedule, at, where)
        if run is None or run.at > after + length:
            assert last_of(schedule, after, after + length, where) == last
            return
        last, at = run, run.at


@given(at=st.integers(0, 4_000_000_000), zone=ZONES)
def test_every_minute_of_a_day_is_found_again(at, zone):
    local = datetime.fromtimestamp(at // 60 * 60, zone_of(zone))
    text = f"on at {local:%Y-%m-%d %H:%M}" if local.year >= 2000 else "on at 2000-01-01 00:00"
    found = next_run(parse_schedule(text), 0, zone, None, "")
    if local.year >= 2000 and not local.fold:
        assert found == local.astimezone(UTC).timestamp()
