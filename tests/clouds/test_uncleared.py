"""What was carried out live, and is stored at the platform too, is not carried out again."""

import asyncio

from agent.answers import REMEMBERED_S
from agent.clouds.uncleared import MOST_NAMES, Uncleared
from agent.memory import ProcessMemory
from agent.messages import PropertySet


class Stored:
    """What may still be stored, at a time that is set by hand."""

    def __init__(self):
        self.now = 1000.0
        self.uncleared = Uncleared("dev1", ProcessMemory(), "socket-1", lambda: self.now)

    def live(self, ends_in=None, **values):
        request = PropertySet(request_id="1", values=values, ends_in=ends_in)
        self.uncleared.carried_out_live(request)

    def rest(self, ends_in=None, **values):
        stored = PropertySet(request_id="2", values=values, is_live=False, ends_in=ends_in)
        left = self.uncleared.rest_of(stored)
        return None if left is None else dict(left.values)


def test_the_same_values_leave_nothing_and_others_are_left():
    stored = Stored()
    stored.live(power_switch=True)
    assert stored.rest(power_switch=True) is None
    assert stored.rest(power_switch=True, current_limit=3.0) == {"current_limit": 3.0}
    assert stored.rest(current_limit=3.0) == {"current_limit": 3.0}


def test_switching_off_and_what_means_nothing_are_always_left():
    stored = Stored()
    stored.live(power_switch=False)
    assert stored.rest(power_switch=False) == {"power_switch": False}
    assert stored.rest() == {}


def test_a_countdown_to_the_other_position_is_another_one():
    stored = Stored()
    stored.live(count_down=60, ends_in=False)
    assert stored.rest(count_down=60, ends_in=False) is None
    assert stored.rest(count_down=60, ends_in=True) == {"count_down": 60}


def test_what_was_cleared_or_is_long_ago_is_another_command():
    stored = Stored()
    stored.live(power_switch=True, current_limit=2.0)
    stored.uncleared.cleared_live(["power_switch"])
    assert stored.rest(power_switch=True) == {"power_switch": True}
    assert stored.rest(current_limit=2.0) is None
    stored.now += REMEMBERED_S
    assert stored.rest(current_limit=2.0) == {"current_limit": 2.0}


def test_a_resync_that_is_over_leaves_nothing_to_know_again():
    stored = Stored()
    stored.live(power_switch=True)
    asyncio.run(stored.uncleared.forget())
    assert stored.rest(power_switch=True) == {"power_switch": True}


def test_names_without_end_are_forgotten_from_the_oldest_on():
    stored = Stored()
    stored.live(power_switch=True)
    stored.live(**{f"hostile{number}": 1 for number in range(MOST_NAMES)})
    assert stored.rest(power_switch=True) == {"power_switch": True}
    assert stored.rest(hostile1=1) is None
