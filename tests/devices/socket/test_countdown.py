"""The countdown: flips at zero, survives a restart, and never switches on unwatched."""

import pytest

from agent.devices.inputs import Found, Tick
from agent.devices.socket.socket import Socket
from agent.devices.socket.thing_table import SOCKET
from agent.messages import Command, PropertySet
from agent.model import StartCause
from tests.devices.socket.bench import CLOUD, Bench, settings


def unwatched() -> Bench:
    """A socket whose silent meter does not open the contact: for long waits without frames."""
    return Bench(settings(protection={"meter_lost": "keep"}))


def test_a_countdown_flips_at_zero_and_not_before():
    bench = unwatched()
    bench.switch_on()
    bench.command(CLOUD, count_down=60)
    bench.tick_until(bench.now + 59.9)
    assert bench.contact
    assert bench.device.thing.snapshot(bench.state, bench.now)["count_down"] == 1
    bench.tick_until(bench.now + 0.2)
    assert not bench.contact
    bench.command(CLOUD, count_down=5)
    bench.tick_until(bench.now + 6)
    assert bench.contact


def test_a_countdown_that_was_missed_is_due_at_the_next_wake():
    bench = unwatched()
    bench.switch_on()
    bench.command(count_down=5)
    bench.now += 30
    assert bench.device.next_deadline(bench.state, bench.now) <= bench.now
    bench.give(Tick())
    assert not bench.contact


def test_zero_cancels_a_countdown():
    bench = unwatched()
    bench.switch_on()
    bench.command(count_down=5)
    bench.command(count_down=0)
    bench.tick_until(bench.now + 10)
    assert bench.contact


def last_saved(bench: Bench) -> object:
    return [effect.saved for effect in bench.effects if hasattr(effect, "saved")][-1]


@pytest.mark.parametrize(
    ("cause", "policy", "away_s", "contact_after", "runs_on"),
    [
        (StartCause.CRASH, "restore", 10, True, True),
        (StartCause.RESTART, "restore", 90, False, False),
        (StartCause.RESTART, "off", 10, False, False),
        (StartCause.POWER_LOSS, "restore", 10, True, False),
    ],
)
def test_a_countdown_goes_on_over_a_restart_and_may_only_switch_off(
    cause, policy, away_s, contact_after, runs_on
):
    bench = Bench(settings(relay={"on_start": policy}, protection={"meter_lost": "keep"}))
    bench.switch_on()
    bench.command(count_down=60)
    bench.now += away_s
    bench.begin(last_saved(bench), cause)
    assert bench.contact is contact_after
    assert (bench.state.countdown_at is not None) is runs_on
    bench.tick_until(bench.now + 120)
    assert bench.contact is (contact_after and not runs_on)


def test_a_countdown_that_would_have_switched_on_unwatched_does_not():
    bench = Bench(settings(relay={"on_start": "restore"}))
    bench.command(count_down=60)
    bench.now += 90
    bench.begin(last_saved(bench), StartCause.CRASH)
    bench.tick_until(bench.now + 120)
    assert not bench.contact


@pytest.mark.parametrize("ends_in", [True, False])
@pytest.mark.parametrize("is_on", [True, False])
def test_a_countdown_that_was_told_where_to_end_ends_there_wherever_the_contact_stands(
    ends_in, is_on
):
    device = Socket(settings=settings(relay={"driver": "simulated", "min_off_s": 0}))
    state, _ = device.start(Found(saved=None, cause=StartCause.FIRST), 0.0)
    request = PropertySet(request_id="1", values={"count_down": 4}, ends_in=ends_in)
    state, _ = device.handle(state, Command(origin=CLOUD, request=request), 1.0)
    assert SOCKET.snapshot(state, 2.0)["count_down_to"] is ends_in
    switch = PropertySet(request_id="2", values={"power_switch": is_on})
    state, _ = device.handle(state, Command(origin=CLOUD, request=switch), 2.0)
    assert device.describe(state, 2.0)["countdown"]["to"] == ("on" if ends_in else "off")
    state, _ = device.handle(state, Tick(), 5.0)
    assert state.relay_on is ends_in
    assert SOCKET.snapshot(state, 5.0)["count_down_to"] is None


def test_a_stored_countdown_to_off_is_taken_where_stored_commands_may_not_switch_on():
    device = Socket(settings=settings(protection={"accept_stored_on": False}))
    state, _ = device.start(Found(saved=None, cause=StartCause.FIRST), 0.0)
    for ends_in, is_taken in ((False, True), (True, False), (None, False)):
        request = PropertySet(
            request_id="1", values={"count_down": 4}, ends_in=ends_in, is_live=False
        )
        after, _ = device.handle(state, Command(origin=CLOUD, request=request), 1.0)
        assert (after.countdown_at is not None) is is_taken


@pytest.mark.parametrize(
    ("on", "ends_in", "after"),
    [(True, True, True), (True, False, False), (True, None, False), (False, True, False)],
)
def test_a_countdown_that_expired_unwatched_switches_off_only_where_it_was_to_end_there(
    on, ends_in, after
):
    bench = Bench(settings(relay={"on_start": "restore"}, protection={"meter_lost": "keep"}))
    if on:
        bench.switch_on()
    request = PropertySet(request_id="1", values={"count_down": 60}, ends_in=ends_in)
    bench.give(Command(origin=CLOUD, request=request))
    bench.now += 90
    bench.begin(last_saved(bench), StartCause.RESTART)
    assert bench.contact is after
    bench.tick_until(bench.now + 100)
    assert bench.contact is after
