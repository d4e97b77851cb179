"""A year of a household's schedules in virtual time, counted by hand beside it."""

from collections import Counter
from datetime import date, timedelta

import pytest

from tests.devices.socket.planned import Clocked

pytestmark = pytest.mark.unmeasured

SCHEDULES = {
    "morning": "event morning at 06:30 mon-fri",
    "gap": "event gap at 02:30",
    "evening": "event evening at sunset-15m",
    "away": "event away at 21:00 sat,sun random 30m",
    "monthly": "event monthly cron 0 9 1 * *",
    "often": "event often cron 0 */6 * * *",
    "pump": "cycle 2h/4h 08:00-20:00 mon,wed,fri",
    "party": "event party at 2026-12-31 23:59",
    "never": "disabled on at 12:00",
}
PLACES = {
    "Asia/Shanghai": (31.23, 121.47),
    "Europe/Berlin": (52.52, 13.41),
    "America/New_York": (40.71, -74.01),
}


def counted_by_hand():
    """Count days, and nothing of the planner's: the year has 365 days."""
    days = [date(2026, 1, 1) + timedelta(days=each) for each in range(365)]
    pump_days = sum(day.weekday() in (0, 2, 4) for day in days)
    return Counter(
        morning=sum(day.weekday() < 5 for day in days),
        gap=len(days),
        evening=len(days),
        away=sum(day.weekday() > 4 for day in days),
        monthly=12,
        often=4 * len(days) - 1,  # the midnight at which it begins is not counted
        pump=pump_days * 5,  # on at 8 and 14, off at 10, 16 and 20
        party=1,
    )


@pytest.mark.parametrize("zone", PLACES)
def test_a_year_of_schedules_runs_as_often_as_the_calendar_says(zone):
    latitude, longitude = PLACES[zone]
    place = {"latitude": latitude, "longitude": longitude, "timezone": zone}
    bench = Clocked("2026-01-01T00:00", zone=zone, schedules=SCHEDULES, place=place)
    bench.tell()
    began = bench.now
    for day in range(1, 366):
        bench.tick_until(began + day * 86_400 - 0.5)
    runs = Counter(str(details["schedule"]) for name, details in bench.rows() if name == "ran")
    runs["pump"] += sum(move.endswith(" pump") for move in bench.moved())
    assert runs == counted_by_hand()
    assert not [row for row in bench.rows() if row[1].get("missed")]
