"""The light says the most urgent thing, in the colours of the theme, as bright as is set."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.automation.local_time import LocalTime
from agent.devices.button import Finger
from agent.devices.socket.contact import FAILED, WELDED
from agent.devices.socket.indication import MUST_BE_SEEN, SEEN, light, load, showing
from agent.devices.socket.state import Metering, State, Trip
from agent.devices.socket.themes import LOADS, THEMES, Showing, cycle_of
from agent.model import BLACK
from tests.devices.socket.bench import settings

NOW = 1200.0
TRIP = Trip(
    cause="overcurrent", value=15, limit=12.5, duration_s=0, evidence="pulse counter", at=0.0
)
OFF = State(relay_on=False, changed_at=0.0)
SOON = NOW + 1
HELD = Finger(pressed_at=NOW - 6)
HELD_LONG = Finger(pressed_at=NOW - 11)
URGENT_FIRST = (
    (Showing.UNPLUG, {"fault": WELDED}),
    (Showing.HELD, {"finger": HELD}),
    (Showing.REFUSED, {"refused_until": SOON}),
    (Showing.FIND_ME, {"find_until": SOON}),
    (Showing.TRIPPED, {"trip": TRIP}),
    (Showing.RESET, {"reset_until": SOON}),
    (Showing.PROVISIONING, {"provisioning_until": SOON}),
    (Showing.CONNECTING, {"links_up": frozenset()}),
    (Showing.LOAD_1, {"relay_on": True}),
    (Showing.IDLE, {}),
)
"""Each with what alone makes it true; the table of docs/socket.md in this order."""

CALM = replace(OFF, links_up=frozenset({"tencent"}))
ONLINE = settings(clouds=["tencent"])


def shown(state, config=ONLINE, now=NOW):
    return light(state, config, now)


def watts(power_w):
    return replace(CALM, relay_on=True, metering=Metering(power_w=power_w))


@pytest.mark.parametrize("place", range(len(URGENT_FIRST)))
def test_of_all_that_is_true_the_most_urgent_is_shown(place):
    rest = {name: value for _, change in URGENT_FIRST[place:] for name, value in change.items()}
    assert showing(replace(CALM, **rest), ONLINE, NOW) is URGENT_FIRST[place][0]


def test_each_of_them_is_shown_where_it_alone_is_true():
    for what, change in URGENT_FIRST:
        assert showing(replace(CALM, **change), ONLINE, NOW) is what


def test_the_order_is_that_of_the_declaration():
    order = [what for what, _ in URGENT_FIRST]
    assert order == [what for what in Showing if what in order]
    assert set(Showing) - set(order) == {Showing.HELD_LONG, *LOADS[1:]}


def test_a_socket_without_clouds_waits_for_none():
    assert showing(OFF, settings(), NOW) is Showing.IDLE


def test_a_relay_that_failed_is_no_reason_to_unplug():
    assert showing(replace(CALM, fault=FAILED), ONLINE, NOW) is Showing.IDLE


@pytest.mark.parametrize("cause", ["overcurrent", "overvoltage", "overtemperature", "meter_lost"])
def test_every_trip_blinks_red(cause):
    assert showing(replace(CALM, trip=replace(TRIP, cause=cause)), ONLINE, NOW) is Showing.TRIPPED


@pytest.mark.parametrize(
    ("held_s", "what"),
    [
        (4.9, Showing.IDLE),
        (5.0, Showing.HELD),
        (9.9, Showing.HELD),
        (10.0, Showing.HELD_LONG),
        (14.9, Showing.HELD_LONG),
        (15.0, Showing.IDLE),
    ],
)
def test_while_the_button_is_held_the_light_tells_what_letting_go_would_do(held_s, what):
    held = replace(CALM, finger=Finger(pressed_at=NOW - held_s))
    assert showing(held, ONLINE, NOW) is what
    assert showing(replace(held, child_lock=True), ONLINE, NOW) is Showing.IDLE


def test_a_light_that_rests_wakes_when_a_hold_reaches_its_tier():
    held = replace(CALM, finger=Finger(pressed_at=NOW))
    assert shown(held).until == NOW + 5
    assert shown(replace(held, child_lock=True)).until is None


# ── the load's colours ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("power_w", "what"),
    [
        (0, Showing.LOAD_1),
        (100, Showing.LOAD_1),
        (100.1, Showing.LOAD_2),
        (300, Showing.LOAD_2),
        (300.1, Showing.LOAD_3),
        (500, Showing.LOAD_3),
        (500.1, Showing.LOAD_4),
        (800, Showing.LOAD_4),
        (800.1, Showing.LOAD_5),
        (3000, Showing.LOAD_5),
    ],
)
def test_a_load_has_the_references_colour(power_w, what):
    assert showing(watts(power_w), ONLINE, NOW) is what


def test_an_unknown_load_is_the_smallest():
    assert showing(watts(None), ONLINE, NOW) is Showing.LOAD_1


def test_the_steps_of_the_load_are_settings():
    config = settings(indicator={"load_steps": [10, 20, 30, 40]})
    assert showing(watts(35), config, NOW) is Showing.LOAD_4
    assert load(40.1, config.indicator.load_steps) is Showing.LOAD_5


def test_the_theme_is_a_setting():
    assert (shown(CALM).color.green, shown(CALM).color.blue) == (255, 0)
    other = settings(indicator={"theme": "colour_blind"}, clouds=["tencent"])
    assert (shown(CALM, other).color.green, shown(CALM, other).color.blue) == (158, 115)


# ── brightness ──────────────────────────────────────────────────────────────────────────────

ZONE = "Asia/Shanghai"
OFFSET = 1_700_000_000.0
MIDNIGHT = datetime(2026, 5, 10, 16, 0, tzinfo=UTC).timestamp() - OFFSET
KNOWS_TIME = LocalTime(offset=OFFSET, zone=ZONE)


def nightly(**more):
    night = {"from": "22:00", "to": "07:00", "brightness": 0.1, **more.pop("night", {})}
    return settings(clouds=["tencent"], indicator={"night": night, **more})


def green(state, config, now):
    return shown(state, config, now).color.green


def test_brightness_is_a_limit():
    half = settings(clouds=["tencent"], indicator={"brightness": 0.5})
    assert green(CALM, half, NOW) == 128


def test_a_light_without_brightness_is_dark_and_rests():
    dark = settings(clouds=["tencent"], indicator={"brightness": 0})
    for _, change in URGENT_FIRST:
        told = shown(replace(CALM, **change), dark)
        assert told.color == BLACK
        assert told.until in (None, SOON, HELD.pressed_at + 10)


def test_at_night_it_is_darker_from_one_time_of_day_to_another():
    calm = replace(CALM, local=KNOWS_TIME)
    evening, morning = MIDNIGHT - 2 * 3600, MIDNIGHT + 7 * 3600
    assert shown(calm, nightly(), evening - 1).until == evening
    assert [green(calm, nightly(), at) for at in (evening - 1, evening)] == [255, 26]
    assert shown(calm, nightly(), evening).until == morning
    assert [green(calm, nightly(), at) for at in (morning - 1, morning)] == [26, 255]


def test_while_the_time_is_not_known_it_is_day():
    assert shown(CALM, nightly(), MIDNIGHT).color.green == 255
    assert shown(CALM, nightly(), MIDNIGHT).until is None


def test_a_night_is_never_brighter_than_the_limit():
    dim = nightly(brightness=0.04)
    assert green(replace(CALM, local=KNOWS_TIME), dim, MIDNIGHT) == 10


@pytest.mark.parametrize("what", list(Showing))
def test_what_must_be_seen_is_seen_at_night(what):
    change = next((change for each, change in URGENT_FIRST if each is what), None)
    if what is Showing.HELD_LONG:
        change = {"finger": HELD_LONG}
    if change is None:
        return
    moved = {
        name: MIDNIGHT + (value - NOW) if name.endswith("_until") else value
        for name, value in change.items()
    }
    if "finger" in moved:
        moved["finger"] = Finger(pressed_at=MIDNIGHT + change["finger"].pressed_at - NOW)
    state = replace(CALM, local=KNOWS_TIME, **moved)
    assert showing(state, ONLINE, MIDNIGHT) is what
    level = SEEN if what in MUST_BE_SEEN else 0.0
    expected = cycle_of("reference", what, level).at(MIDNIGHT).color
    assert shown(state, nightly(night={"brightness": 0}), MIDNIGHT).color == expected


def test_an_alarm_at_night_stays_below_the_limit():
    tripped = replace(CALM, local=KNOWS_TIME, trip=TRIP)
    assert shown(tripped, nightly(), MIDNIGHT).color.red == 51
    assert shown(tripped, nightly(brightness=0.1), MIDNIGHT).color.red == 26
    assert shown(tripped, nightly(night={"brightness": 0.6}), MIDNIGHT).color.red == 153


# ── the next change ─────────────────────────────────────────────────────────────────────────


def test_a_steady_light_waits_for_nothing():
    assert shown(CALM).until is None


@given(
    now=st.floats(0, 1e6) | st.integers(0, 10**7).map(lambda step: step * 0.1),
    changes=st.fixed_dictionaries(
        {},
        optional={
            "relay_on": st.just(value=True),
            "trip": st.just(TRIP),
            "fault": st.just(WELDED),
            "links_up": st.just(frozenset()),
            "refused_until": st.floats(0, 1e6),
            "find_until": st.floats(0, 1e6),
            "reset_until": st.floats(0, 1e6),
            "provisioning_until": st.floats(0, 1e6),
            "finger": st.floats(0, 1e6).map(lambda at: Finger(pressed_at=at)),
            "local": st.just(KNOWS_TIME),
        },
    ),
    theme=st.sampled_from(list(THEMES)),
    brightness=st.sampled_from([0, 0.02, 1]),
)
def test_it_changes_later_than_now_or_not_at_all(now, changes, theme, brightness):
    config = nightly(theme=theme, brightness=brightness)
    told = light(replace(CALM, **changes), config, now)
    assert told.until is None or told.until > now


@given(
    now=st.floats(0, 1e5),
    share=st.floats(0, 0.999),
    find=st.floats(0, 1e5),
    pressed=st.floats(0, 1e5),
    power_w=st.sampled_from([50.0, 600.0]),
)
def test_until_then_the_colour_holds(now, share, find, pressed, power_w):
    state = replace(watts(power_w), find_until=find, finger=Finger(pressed_at=pressed))
    told = shown(state, now=now)
    assert told.until is not None
    between = now + (told.until - now) * share
    if between < told.until - 1e-5:
        assert shown(state, now=between).color == told.color
