"""The countdown: flips at zero, survives a restart, and never switches on unwatched."""

import pytest

from agent.devices.inputs import Tick
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
