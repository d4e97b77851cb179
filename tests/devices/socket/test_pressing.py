"""A person at the button: gestures, child lock, provisioning, whatever the network does."""

from dataclasses import replace

import pytest

from agent.devices.effects import Provision, Raise, Record
from agent.devices.inputs import ButtonEdge, LinkChanged, Toggle
from agent.devices.socket.themes import Showing
from tests.devices.socket.bench import CLOUD, LOCAL, Bench, settings
from tests.devices.socket.pressed import (
    PATIENT,
    bench_with,
    click,
    clicks,
    press,
    rows,
    shows,
    trip,
)


def test_a_click_switches_on_and_off():
    bench = bench_with()
    click(bench)
    assert bench.contact
    click(bench)
    assert not bench.contact
    why = [row.details for row in rows(bench, "relay") if row.details["why"] == "command"]
    assert why == [{"why": "command", "by": "button", "live": True, "gesture": "click"}] * 2


@pytest.mark.parametrize("held_s", [1.0, 3.0, 4.9])
def test_a_press_that_is_no_click_and_no_hold_does_nothing(held_s):
    bench = bench_with()
    before = bench.state
    press(bench, held_s)
    assert bench.state == before
    assert rows(bench, "button") == []


def test_a_button_that_was_held_at_the_start_does_nothing_when_it_is_let_go():
    bench = bench_with()
    before = bench.state
    bench.give(ButtonEdge(is_pressed=False))
    assert bench.state == before


@pytest.mark.parametrize(
    ("action", "positions"),
    [
        ("toggle", [True, False, True]),
        ("on", [True, True, True]),
        ("off", [False, False, False]),
        ("none", [False, False, False]),
        ("set power_switch = true", [True, True, True]),
    ],
)
def test_what_a_click_does_is_a_setting(action, positions):
    bench = bench_with(click=action)
    found = []
    for _ in positions:
        click(bench)
        found.append(bench.contact)
        bench.tick_until(bench.now + 5)
    assert found == positions


def test_a_click_with_every_cloud_down_works():
    bench = Bench(settings(clouds=["tencent"]))
    bench.tick_until(bench.now + 2)
    click(bench)
    assert bench.contact


# ── double click ────────────────────────────────────────────────────────────────────────────


def test_only_a_click_that_would_switch_on_waits_for_a_second_one():
    bench = bench_with(double_click="event doorbell")
    click(bench)
    assert not bench.contact
    assert bench.device.next_deadline(bench.state, bench.now) == pytest.approx(bench.now + 0.35)
    bench.tick_until(bench.now + 0.34)
    assert not bench.contact
    bench.tick_until(bench.now + 0.02)
    assert bench.contact
    bench.tick_until(bench.now + 10)
    click(bench)
    assert not bench.contact
    bench.tick_until(bench.now + 10)
    assert not bench.contact


def test_a_click_that_waited_is_the_buttons_in_the_journal():
    bench = bench_with(double_click="off")
    click(bench)
    bench.tick_until(bench.now + 1)
    row = rows(bench, "relay")[-1]
    assert row.name == "on"
    assert row.details == {"why": "command", "by": "button", "live": True, "gesture": "click"}


def test_a_waiting_click_delayed_by_min_off_s_is_asked_for_by_the_button():
    button = {"double_click": "event doorbell"}
    bench = Bench(settings(relay={"min_off_s": 10}, button=button, protection=PATIENT))
    click(bench)
    bench.tick_until(bench.now + 20)
    row = rows(bench, "relay")[-1]
    assert row.details == {"why": "min_off_s", "by": "button", "request": ""}


def test_a_double_click_switches_on_for_a_while():
    bench = bench_with(double_click="countdown 30m")
    clicks(bench, 2)
    assert bench.contact
    assert bench.state.countdown_to is False
    bench.tick_until(bench.now + 1799)
    assert bench.contact
    bench.tick_until(bench.now + 2)
    assert not bench.contact
    (row,) = rows(bench, "button")
    assert row.details == {"gesture": "double click", "doing": "countdown 30m"}
    assert rows(bench, "relay")[-1].details["by"] == "button"


def test_a_double_click_at_a_closed_contact_opens_it_at_the_first_release():
    bench = bench_with(double_click="countdown 1m")
    bench.switch_on()
    click(bench)
    assert not bench.contact
    bench.tick_until(bench.now + 0.1)
    click(bench)
    bench.tick_until(bench.now + 2)
    assert bench.contact
    bench.tick_until(bench.now + 60)
    assert not bench.contact


def test_a_double_click_tells_an_event():
    bench = bench_with(double_click="event doorbell")
    clicks(bench, 2)
    told = {"name": "doorbell", "text": "button: double click"}
    assert bench.events("notice") == [Raise(event="notice", values=told)]
    assert not bench.contact


def test_a_button_that_bounces_tells_an_event_once_a_second():
    bench = bench_with(double_click="event doorbell")
    for _ in range(10):
        clicks(bench, 2)
    assert len(bench.events("notice")) == 4
    assert rows(bench, "button")[1].details["reason"] == "an event was told less than a second ago"


def test_three_quick_clicks_are_a_double_click_and_a_click():
    bench = bench_with(double_click="event doorbell")
    clicks(bench, 3)
    bench.tick_until(bench.now + 1)
    assert len(bench.events("notice")) == 1
    assert bench.contact


def test_a_double_click_sets_a_property():
    bench = bench_with(double_click="set current_limit = 2")
    clicks(bench, 2)
    assert bench.state.limit_a == 2.0


def test_what_cannot_be_done_is_refused_and_flashes():
    bench = bench_with(click="none", double_click="set count_down = 600")
    bench.state = trip(bench)
    clicks(bench, 2)
    (row,) = rows(bench, "button")
    assert (row.name, row.details["gesture"]) == ("refused", "double click")
    assert "a countdown cannot run" in row.details["reason"]
    assert shows(bench) is Showing.REFUSED
    bench.tick_until(bench.now + 1)
    assert shows(bench) is Showing.TRIPPED


@pytest.mark.parametrize(
    "wish",
    [
        lambda bench: bench.command(CLOUD, power_switch=False),
        lambda bench: bench.give(Toggle(origin=LOCAL)),
        lambda bench: [bench.give(Toggle(origin=LOCAL)) for _ in range(2)],
    ],
)
def test_a_newer_wish_wins_over_a_click_that_waits(wish):
    bench = bench_with(double_click="event doorbell")
    click(bench)
    bench.tick_until(bench.now + 0.1)
    wish(bench)
    stands = bench.contact
    bench.tick_until(bench.now + 5)
    assert bench.contact is stands


def test_a_command_about_something_else_leaves_a_click_that_waits():
    bench = bench_with(double_click="event doorbell")
    click(bench)
    bench.command(CLOUD, count_down=0)
    bench.tick_until(bench.now + 1)
    assert bench.contact


def test_a_click_that_waited_over_a_trip_does_not_reset_it():
    bench = bench_with(double_click="event doorbell", double_click_s=1)
    bench.switch_on()
    bench.run(5, 0.26, 60)
    bench.command(power_switch=False)
    bench.tick_until(bench.now + 1)
    click(bench)
    bench.state = trip(bench)
    bench.tick_until(bench.now + 5)
    assert bench.state.trip is not None
    assert not bench.contact


def test_a_click_that_waited_leaves_on_what_is_on_already():
    bench = bench_with(double_click="event doorbell")
    click(bench)
    bench.state = replace(bench.state, relay_on=True)
    bench.tick_until(bench.now + 1)
    assert bench.state.relay_on


def test_a_click_resets_a_trip_and_closes():
    bench = bench_with(double_click="event doorbell")
    bench.state = trip(bench)
    bench.tick_until(bench.now + 1)
    click(bench)
    bench.tick_until(bench.now + 1)
    assert bench.state.trip is None
    assert bench.contact
    (row,) = [row for row in rows(bench, "protection") if row.name == "reset"]
    assert row.details["by"] == "button"


# ── provisioning ────────────────────────────────────────────────────────────────────────────


def provisioning(**button):
    bench = Bench(settings(clouds=["tencent"], button=button))
    bench.give(LinkChanged(cloud="tencent", is_up=True))
    bench.tick_until(bench.now + 2)
    effects = press(bench, 6)
    assert [type(effect) for effect in effects] == [Provision, Record]
    assert shows(bench) is Showing.PROVISIONING
    return bench


def test_a_hold_of_five_seconds_provisions_for_two_minutes():
    bench = provisioning()
    (row,) = rows(bench, "button")
    assert (row.name, row.details) == ("provisioning", {"for_s": 120.0})
    bench.tick_until(bench.now + 119.9)
    assert shows(bench) is Showing.PROVISIONING
    bench.tick_until(bench.now + 0.1)
    assert shows(bench) is Showing.IDLE
    assert not bench.contact


def test_provisioning_ends_when_a_cloud_comes_up_anew():
    bench = provisioning()
    bench.give(LinkChanged(cloud="tencent", is_up=True))
    assert shows(bench) is Showing.PROVISIONING
    bench.give(LinkChanged(cloud="tencent", is_up=False))
    assert shows(bench) is Showing.PROVISIONING
    bench.give(LinkChanged(cloud="tencent", is_up=True))
    assert shows(bench) is Showing.IDLE


@pytest.mark.parametrize("action", ["toggle", "none"])
def test_a_click_ends_provisioning_and_does_what_it_does(action):
    bench = provisioning(click=action)
    click(bench)
    assert bench.state.provisioning_until is None
    assert bench.contact is (action == "toggle")


def test_a_hold_beyond_fifteen_seconds_is_cancelled():
    bench = bench_with()
    before = bench.state
    assert list(press(bench, 15.5)) == []
    assert bench.state == before


def test_the_lengths_of_a_hold_are_settings():
    bench = bench_with(hold_s=3, reset_hold_s=8, cancel_hold_s=20)
    press(bench, 3)
    assert shows(bench) is Showing.PROVISIONING
    press(bench, 19.9)
    assert shows(bench) is Showing.RESET
