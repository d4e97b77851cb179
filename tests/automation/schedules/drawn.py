"""Schedules of every kind, drawn."""

from datetime import date

from hypothesis import strategies as st

from agent.automation.doing import Assign, Switch, Tell
from agent.automation.schedules.schedule import (
    ByCron,
    BySun,
    Cycle,
    Missed,
    Once,
    Schedule,
    Weekly,
)

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
PROPERTIES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,10}", fullmatch=True)
DAYS = st.frozensets(st.integers(0, 6), min_size=1)
MINUTES = st.integers(0, 1439)
DOINGS = st.one_of(
    st.builds(Switch, on=st.sampled_from([True, False, None])),
    st.builds(Assign, name=PROPERTIES, value=st.one_of(st.booleans(), st.integers(-9999, 9999))),
    st.builds(Tell, name=NAMES),
)
CRONS = st.tuples(
    st.one_of(st.just("*"), st.integers(0, 59).map(str), st.sampled_from(["*/7", "0-30/10"])),
    st.one_of(st.just("*"), st.integers(0, 23).map(str), st.sampled_from(["1-3", "*/5"])),
    st.one_of(st.just("*"), st.integers(1, 28).map(str), st.sampled_from(["L", "LW"])),
    st.one_of(st.just("*"), st.integers(1, 12).map(str)),
    st.one_of(st.just("*"), st.sampled_from(["MON-FRI", "SUN", "TUE#2", "5L"])),
).map(" ".join)
TIMES = st.one_of(
    st.builds(Weekly, minute=MINUTES, days=DAYS),
    st.builds(Once, day=st.dates(date(2000, 1, 1), date(2199, 12, 31)), minute=MINUTES),
    st.builds(
        BySun,
        event=st.sampled_from(["sunrise", "sunset"]),
        offset_s=st.integers(-21_600, 21_600),
        days=DAYS,
    ),
)
CYCLES = st.builds(
    Cycle,
    on_s=st.integers(60, 86_400),
    off_s=st.integers(60, 86_400),
    start=MINUTES,
    end=MINUTES,
    days=DAYS,
)
MISSED = st.sampled_from(Missed)
SCHEDULES = st.one_of(
    st.builds(
        Schedule,
        doing=DOINGS,
        when=TIMES,
        random_s=st.one_of(st.just(0), st.integers(60, 7200)),
        missed=MISSED,
        is_enabled=st.booleans(),
    ),
    st.builds(
        Schedule,
        doing=DOINGS,
        when=CRONS.map(lambda fields: ByCron(fields=fields)),
        missed=MISSED,
        is_enabled=st.booleans(),
    ),
    st.builds(Schedule, when=CYCLES, missed=MISSED, is_enabled=st.booleans()),
)
