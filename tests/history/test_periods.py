"""Hours, days and months of a zone: when clocks change, and everywhere else."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from agent.history.assembling import Frame, Piece, assembled, grouped
from agent.history.periods import Level, end_of, is_time, start_of
from agent.history.stats import Numbers, Switched, Used
from agent.history.telling import Unit, told, values_of

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    "UTC",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Europe/Berlin",
    "America/Havana",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Apia",
    "Asia/Beirut",
]


def at(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def length_h(level, moment, zone=BERLIN):
    start = start_of(level, moment, zone)
    return (end_of(level, start, zone) - start) / 3_600


def test_days_are_23_24_and_25_hours_long():
    assert length_h(Level.DAY, at("2026-03-29T12:00")) == 23
    assert length_h(Level.DAY, at("2026-03-30T12:00")) == 24
    assert length_h(Level.DAY, at("2026-10-25T12:00")) == 25


def test_months_are_as_long_as_the_calendar_says():
    assert length_h(Level.MONTH, at("2026-02-10T12:00")) == 28 * 24
    assert length_h(Level.MONTH, at("2026-10-10T12:00")) == 31 * 24 + 1
    assert length_h(Level.MONTH, at("2026-12-31T23:59")) == 31 * 24


def test_an_hour_that_comes_twice_is_two_hours():
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    starts = [start_of(Level.HOUR, first.replace(fold=fold).timestamp(), BERLIN) for fold in (0, 1)]
    assert starts[1] - starts[0] == 3_600


def test_hours_begin_with_the_hour_of_the_zone():
    start = start_of(
        Level.HOUR, at("2026-06-01T12:31", ZoneInfo("Asia/Kolkata")), ZoneInfo("Asia/Kolkata")
    )
    assert datetime.fromtimestamp(start, UTC).minute == 30


moments = st.floats(1e9, 4e9, allow_nan=False)


@given(moments, st.sampled_from(ZONES), st.sampled_from(list(Level)))
def test_every_moment_is_in_its_period(moment, name, level):
    zone = ZoneInfo(name)
    start = start_of(level, moment, zone)
    assert start <= moment
    if not (name == "Australia/Lord_Howe" and level is Level.HOUR):
        assert moment < end_of(level, start, zone)
        assert start_of(level, start, zone) == start


@given(moments, st.sampled_from(ZONES), st.sampled_from([Level.DAY, Level.MONTH]))
def test_the_next_period_begins_where_one_ends(moment, name, level):
    zone = ZoneInfo(name)
    start = start_of(level, moment, zone)
    assert start_of(level, end_of(level, start, zone), zone) == end_of(level, start, zone)


def test_only_what_a_calendar_has_is_a_time():
    assert is_time(0)
    assert not is_time(-1)
    assert not is_time(1e15)


def piece(moment, count, known_s=60.0):
    return Piece(wall_time=moment, stats={"energy": Used(known_s=known_s, count=count, end=0)})


def test_a_period_is_put_together_from_what_is_made_and_what_is_not():
    day = start_of(Level.DAY, at("2026-10-25T00:30"), BERLIN)
    pieces = [piece(day + 60 * n, 1) for n in range(26 * 60)]
    made = {day: {"energy": Used(known_s=0, count=1_000, end=0)}}
    frame = Frame(level=Level.DAY, zone=BERLIN)
    found = assembled(frame, made, pieces, day + 26 * 3_600)
    assert [each.stats["energy"].count for each in found] == [1_000 + 25 * 60, 60]
    assert [each.is_over for each in found] == [True, False]
    assert not assembled(frame, made, pieces, None)[0].is_over


def test_only_the_periods_that_were_asked_for_are_given_the_newest_first_kept():
    pieces = [piece(at("2026-06-01T00:30") + 3_600 * n, n) for n in range(6)]
    start = start_of(Level.HOUR, pieces[0].wall_time, BERLIN)
    frame = Frame(level=Level.HOUR, zone=BERLIN, since=start + 1, until=start + 4 * 3_600, limit=2)
    found = assembled(frame, {}, pieces, None)
    assert [each.stats["energy"].count for each in found] == [3, 4]


def test_a_piece_of_no_calendar_is_left_out():
    assert not grouped(Level.HOUR, BERLIN, [piece(1e15, 1), piece(-5, 1)])


def test_a_period_is_told_with_units_and_without_what_is_unknown():
    start = int(at("2026-06-01T00:00"))
    stats = {
        "active_power": Numbers(known_s=59.96, mean=100.12345, minimum=0, maximum=2000),
        "power_switch": Switched(known_s=60, on_s=20, last=True),
        "energy": Used(known_s=0, count=1_800_000_000, end=0),
        "silent": Used(known_s=0, count=0, end=0),
    }
    made = assembled(Frame(level=Level.DAY, zone=BERLIN), {start: stats}, [], None)
    names = ("active_power", "power_switch", "energy", "silent", "voltage")
    found = told(made[0], names, {"energy": Unit(text="kWh", per_unit=3_600_000_000)})
    assert found == {
        "start": start,
        "end": start + 86_400,
        "is_over": False,
        "values": {
            "active_power": {"mean": 100.123, "min": 0.0, "max": 2000.0, "known_s": 60.0},
            "power_switch": {"on_s": 20, "last": True, "known_s": 60},
            "energy": {"used": 0.5, "known_s": 0.0},
        },
    }
    assert values_of(stats) == {"active_power": 100.12345, "power_switch": True}
